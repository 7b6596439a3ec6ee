//! Who lacks what, by name, and what would unblock it.

use crate::guard::binding_now;
use crate::{Change, Guards, Refusal, Signing, State, plan};
use model::{CommandId, Instant, PersonId, Role, Status};
use warrant::{Act, Binding, Person, Seen, Statement};

/// A slot and who fills or could fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotView {
    /// The slot.
    pub slot: Role,
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
    /// Its clock.
    pub deadline: Option<Instant>,
    /// Its slots.
    pub slots: Vec<SlotView>,
    /// Each verb, and why not.
    pub verbs: Vec<(&'static str, Result<(), Refusal>)>,
    /// Why it does not go on by itself.
    pub blocked: Option<Refusal>,
}

/// What keeps a change from its next stage, whoever asks: placement, what serves, drift, a hold.
pub fn blocked(state: &State, change: &Change, now: Instant) -> Option<Refusal> {
    match change.status_at(now) {
        Status::Draft => plan(state, change, now).err(),
        Status::AwaitingApproval | Status::Approved | Status::Executing => {
            if let Some(by) = change.held_by {
                return Some(Refusal::Held { by });
            }
            let engine = state.engines.get(&change.package.engine)?;
            let serving = engine.serving == Some(change.bundle());
            let waits = change.status != Status::Executing;
            if waits && change.kind == model::KindName::Rollback && serving {
                return Some(Refusal::AlreadyServing {});
            }
            let base = change.plan.as_ref().map(|plan| (plan.base.generation, plan.base.serving));
            let drifted = base.is_some_and(|base| base != (engine.generation, engine.serving));
            (waits && drifted).then_some(Refusal::BaseDrifted {})
        }
        _ => None,
    }
}

fn acts(binding: Binding, slots: &[Role]) -> Vec<Act> {
    let (change, revision) = (binding.change, binding.revision);
    let mut acts = vec![Act::Seal { binding }];
    acts.extend(slots.iter().map(|slot| Act::Approve { binding, slot: *slot }));
    acts.extend(slots.iter().map(|slot| Act::Reject { binding, slot: *slot }));
    acts.extend([
        Act::Withdraw { change, revision },
        Act::Hold { change, revision },
        Act::Release { change, revision },
        Act::Cancel { change, revision },
        Act::Run { binding },
    ]);
    acts
}

/// What would be said to this statement now.
fn would(state: &State, change: &Change, person: &Person, act: Act, now: Instant) -> Result<(), Refusal> {
    let statement = Statement {
        ledger: state.ledger,
        command: CommandId([0; 16]),
        person: person.id,
        key: person.keys.first().map_or(model::Digest::ZERO, |key| key.id),
        act,
        parts: vec![],
        not_after: now,
        seen: Seen { size: state.size, root: model::Digest::ZERO },
    };
    Guards::default().check(&Signing { state, now, statement: &statement, person, change })
}

/// What `person` can do about `change` now, and what they lack.
pub fn explain(state: &State, change: &Change, person: &PersonId, now: Instant) -> Explanation {
    let kind = state.kinds.kind(change.kind);
    let frozen = change.requirement.as_ref().map(|requirement| requirement.slots.clone());
    let slots = frozen.or_else(|| kind.map(|kind| kind.slots.clone())).unwrap_or_default();
    let (revision, zero) = (change.revision, model::Digest::ZERO);
    let unplanned = Binding {
        change: change.package.change,
        revision,
        package: change.package_digest,
        plan: zero,
        requirement: zero,
    };
    let binding = binding_now(state, change, now).unwrap_or(unplanned);
    let can_approve = |slot: Role| {
        let fits = |person: &&Person| would(state, change, person, Act::Approve { binding, slot }, now).is_ok();
        state.roster.people.iter().filter(fits).map(|person| person.id).collect::<Vec<_>>()
    };
    let view = |slot: &Role| SlotView {
        slot: *slot,
        filled_by: change.approvals.get(slot).map(|approval| approval.person),
        who_can: can_approve(*slot),
    };
    let mut verbs: Vec<(&'static str, Result<(), Refusal>)> = vec![];
    if let Some(person) = state.roster.person(person) {
        for act in acts(binding, &slots) {
            let (verb, answer) = (act.verb(), would(state, change, person, act, now));
            // A verb with several slots is possible when one of them is; else the slot of the
            // person's own role says what is missing.
            match verbs.iter_mut().find(|(known, _)| *known == verb) {
                None => verbs.push((verb, answer)),
                Some((_, known)) if known.is_err() && !matches!(answer, Err(Refusal::RoleMissing { .. })) => {
                    *known = answer;
                }
                Some(_) => {}
            }
        }
    }
    Explanation {
        status: change.status_at(now),
        deadline: change.deadline,
        slots: slots.iter().map(view).collect(),
        verbs,
        blocked: blocked(state, change, now),
    }
}

impl Change {
    /// The three digests its current revision has or would have if it were sealed now.
    pub fn binding(&self, state: &State, now: Instant) -> Option<Binding> {
        binding_now(state, self, now)
    }
}
