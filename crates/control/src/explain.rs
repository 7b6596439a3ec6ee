//! Who lacks what, by name, and what would unblock it.

use crate::guard::{binding_now, escalated, reason_given};
use crate::verb::{Object, VERBS};
use crate::{Change, Guards, Refusal, Signing, Slot, State, governs, over_quota, plan, reach, requirement};
use model::{CommandId, Digest, Instant, PersonId, Status};
use signed::{Act, Binding, Person, Reconciled, Seen, Statement, Verb};

/// A slot and who fills or could fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotView {
    pub slot: u32,
    pub roles: Slot,
    /// Who fills it.
    pub filled_by: Option<PersonId>,
    /// Who could, now.
    pub who_can: Vec<PersonId>,
}

/// What one person can do about a change now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Where it stands.
    pub status: Status,
    pub deadline: Option<Instant>,
    pub slots: Vec<SlotView>,
    /// Each verb, and why not.
    pub verbs: Vec<(&'static str, Result<(), Refusal>)>,
    /// Why it does not go on by itself.
    pub blocked: Option<Refusal>,
}

/// What keeps a change from its next stage, whoever asks: placement, what serves, drift, a hold.
pub fn blocked(state: &State, change: &Change, now: Instant) -> Option<Refusal> {
    match change.status_at(state, now) {
        Status::Draft => unready(state, change, now),
        Status::AwaitingApproval | Status::Approved | Status::Executing => {
            // What is taken back goes on, whoever holds it.
            if let Some(by) = change.holds.keys().next().filter(|_| change.is_stopped()) {
                return Some(Refusal::Held { by: *by });
            }
            if change.status == Status::Executing {
                return None;
            }
            let runnable = governs(change.kind).runnable(state, change, now);
            let runnable = runnable.and_then(|()| reach::kept(state, change.document.as_ref())).err();
            let drifted = change.plan.as_ref().is_some_and(|plan| !plan.base.iter().all(|fact| fact.holds(state)));
            // What approval asks for now, another table of kinds being in force.
            let other = change.requirement != requirement(state, change);
            let changed = other.then_some(Refusal::RequirementChanged {});
            let moved = runnable.or(changed).or(drifted.then_some(Refusal::BaseDrifted {}));
            moved.or_else(|| over_quota(state, change, now))
        }
        _ => None,
    }
}

/// What keeps a draft from being sealed, whoever seals it, in the order in which sealing is refused for it.
fn unready(state: &State, change: &Change, now: Instant) -> Option<Refusal> {
    let escalated = escalated(state, change, now);
    escalated.and_then(|()| reason_given(state, change)).err().or_else(|| plan(state, change, now).err())
}

/// Every act a person could say about a change, one for each slot where it has slots.
fn acts(state: &State, change: &Change, binding: Binding, slots: u32) -> Vec<Act> {
    let (id, revision) = (binding.change, binding.revision);
    let of = |verb: Verb| match verb {
        Verb::Observe => vec![Act::Observe { change: id, revision }],
        Verb::Escalate => vec![Act::Escalate { change: id, revision }],
        Verb::Attach => {
            let row = change.required(state);
            let items = row.iter().flat_map(|row| row.checklist.iter());
            let attach = |item: &crate::Item| Act::Attach {
                change: id,
                revision,
                item: item.item.clone(),
                evidence: Digest::ZERO,
            };
            items.map(attach).collect()
        }
        Verb::Seal => vec![Act::Seal { binding }],
        Verb::Approve => (0..slots).map(|slot| Act::Approve { binding, slot, on_behalf_of: None }).collect(),
        Verb::Reject => (0..slots).map(|slot| Act::Reject { binding, slot }).collect(),
        Verb::Withdraw => vec![Act::Withdraw { change: id, revision }],
        Verb::Hold => vec![Act::Hold { change: id, revision }],
        Verb::Release => {
            let mut holders: Vec<PersonId> = change.holds.keys().copied().collect();
            holders.extend(holders.is_empty().then_some(PersonId([0; 16])));
            holders.into_iter().map(|of| Act::Release { change: id, revision, of }).collect()
        }
        Verb::Cancel => vec![Act::Cancel { change: id, revision }],
        Verb::Run => vec![Act::Run { binding, not_before: None }],
        Verb::Revoke => vec![Act::Revoke { change: id, revision }],
        Verb::Review => vec![Act::Review { change: id, revision }],
        Verb::Abort => vec![Act::Abort { change: id, revision }],
        Verb::Reconcile => vec![
            Act::Reconcile { change: id, revision, outcome: Reconciled::AsBase },
            Act::Reconcile { change: id, revision, outcome: Reconciled::AsPlanned },
        ],
        // Nothing that a person says of a change that is open.
        Verb::Use
        | Verb::RegisterTenant
        | Verb::RegisterEngine
        | Verb::Publish
        | Verb::Recall
        | Verb::Suspend
        | Verb::Open => vec![],
    };
    VERBS.iter().filter(|row| row.object == Object::Change).flat_map(|row| of(row.verb)).collect()
}

/// What would be said to this statement now.
fn would(state: &State, change: &Change, person: &Person, act: Act, now: Instant) -> Result<(), Refusal> {
    let key = person.keys.iter().find(|key| state.since.key_is_active(&key.id));
    let statement = Statement {
        ledger: state.ledger,
        command: CommandId([0; 16]),
        person: person.id,
        key: key.map_or(Digest::ZERO, |key| key.id),
        act,
        parts: vec![],
        not_after: now,
        seen: Seen { size: state.size, root: Digest::ZERO },
    };
    Guards::default().check(&Signing { state, now, statement: &statement, person: Some(person), change })
}

/// What a word about a change is bound to now, and how many slots it has.
fn bound_to(state: &State, change: &Change, now: Instant) -> (Binding, u32) {
    let slots = change.required(state).map(|row| row.slots.len()).unwrap_or_default();
    let unplanned = Binding {
        change: change.package.change,
        revision: change.revision,
        package: change.package_digest,
        plan: Digest::ZERO,
        requirement: Digest::ZERO,
        evidence: None,
    };
    (binding_now(state, change, now).unwrap_or(unplanned), u32::try_from(slots).unwrap_or(0))
}

/// Who could say this verb about a change now.
///
/// # Errors
/// Nobody could: why not; absent where nobody is on the roster, or there is no such verb.
pub fn who_may(state: &State, change: &Change, verb: &str, now: Instant) -> Result<Vec<PersonId>, Option<Refusal>> {
    let (binding, count) = bound_to(state, change, now);
    let mut said = acts(state, change, binding, count);
    said.retain(|act| crate::verb_row(act.verb()).name == verb);
    let (mut able, mut why) = (vec![], None);
    for person in &state.roster.people {
        let answers: Vec<_> = said.iter().map(|act| would(state, change, person, act.clone(), now)).collect();
        if answers.iter().any(Result::is_ok) {
            able.push(person.id);
        } else {
            // Of somebody who holds the role it is said what else is missing.
            let refusals: Vec<_> = why.into_iter().chain(answers.into_iter().filter_map(Result::err)).collect();
            why = refusals.iter().find(|refusal| !is_of_role(refusal)).or(refusals.first()).cloned();
        }
    }
    if able.is_empty() { Err(why) } else { Ok(able) }
}

fn is_of_role(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::RoleMissing { .. })
}

/// What `person` can do about `change` now, and what they lack.
pub fn explain(state: &State, change: &Change, person: &PersonId, now: Instant) -> Explanation {
    let slots = change.required(state).map(|row| row.slots).unwrap_or_default();
    let (binding, count) = bound_to(state, change, now);
    let can_approve = |slot: u32| {
        let act = Act::Approve { binding, slot, on_behalf_of: None };
        let fits = |person: &&Person| would(state, change, person, act.clone(), now).is_ok();
        state.roster.people.iter().filter(fits).map(|person| person.id).collect::<Vec<_>>()
    };
    let view = |(slot, roles): (u32, &Slot)| {
        let approval = change.filling(state, slot, now);
        SlotView {
            slot,
            roles: roles.clone(),
            filled_by: approval.map(crate::Approval::filled_by),
            who_can: can_approve(slot),
        }
    };
    let mut verbs: Vec<(&'static str, Result<(), Refusal>)> = vec![];
    if let Some(person) = state.roster.person(person) {
        for act in acts(state, change, binding, count) {
            let (verb, answer) = (crate::verb_row(act.verb()).name, would(state, change, person, act, now));
            // A verb with several slots is possible when one of them is; else the slot of the
            // person's own role says what is missing.
            match verbs.iter_mut().find(|(known, _)| *known == verb) {
                None => verbs.push((verb, answer)),
                Some((_, known)) if known.is_err() && !answer.as_ref().is_err_and(is_of_role) => {
                    *known = answer;
                }
                Some(_) => {}
            }
        }
    }
    Explanation {
        status: change.status_at(state, now),
        deadline: change.deadline(state, now),
        slots: (0..count).zip(&slots).map(view).collect(),
        verbs,
        blocked: blocked(state, change, now),
    }
}

impl Change {
    /// The digests its current revision has or would have if it were sealed now.
    pub fn binding(&self, state: &State, now: Instant) -> Option<Binding> {
        binding_now(state, self, now)
    }
}
