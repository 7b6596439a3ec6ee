//! A person's word about a governed change: guards first, then what it changes.

use super::run;
use crate::closed::Closed;
use crate::event::Party;
use crate::guard::StatementContext;
use crate::reach::can_fill;
use crate::verb::{Speaker, verb_row};
use crate::warrant::Warrant;
use crate::{
    Change, ChangeEvent, Decided, Effect, GrantEvent, Guards, Inadmissible, Refusal, Signing, State, governs,
    requirement,
};
use crate::{event::About, kind::Slot};
use model::{ChangeId, EngineId, Instant, PersonId, Service, Side, Status, Token};
use signed::{Act, Observation, Person, Reconciled, Served, Statement};
use std::collections::BTreeSet;

pub(super) fn decide(
    guards: &Guards,
    state: &State,
    now: Instant,
    statement: &Statement,
    person: Option<&Person>,
    id: &ChangeId,
) -> Result<Decided, Inadmissible> {
    // The try to use a warrant again is a leaf, however long ago it ended.
    let for_machines = verb_row(statement.act.verb()).speaker == Speaker::Machine;
    let Some(change) = state.changes.get(id) else {
        let closed = state.closed.get(id).ok_or(Inadmissible::UnknownObject)?;
        let said = StatementContext { state, now, statement, person };
        return if for_machines {
            Ok(used_too_late(guards, &said, closed))
        } else {
            Err(Inadmissible::Ended(closed.ended))
        };
    };
    if change.has_ended(state, now) && !for_machines {
        return Err(Inadmissible::Ended(change.last));
    }
    // A row would name them by an id now and by their name once they have joined.
    let behalf = statement.act.on_behalf_of();
    if behalf.is_some_and(|of| state.roster.person(&of).is_none()) {
        return Err(Inadmissible::UnknownObject);
    }
    let tags = change.subject.tenants.clone();
    let signing = Signing { state, now, statement, person, change };
    Ok(match guards.check(&signing) {
        Ok(()) => {
            let (effects, more) = effects(&signing);
            let tags: BTreeSet<_> = tags.into_iter().chain(more).collect();
            Decided::accepted(effects, tags.into_iter().collect())
        }
        Err(refusal) => Decided::refused(refusal, tags),
    })
}

/// What a machine identity is told of a change that has ended, in the order of the guards: nothing can be
/// used any more.
fn used_too_late(guards: &Guards, said: &StatementContext, closed: &Closed) -> Decided {
    let statement = said.statement;
    let (current, needed) = (closed.revision, closed.last);
    let revision = statement.act.about().map(|(_, revision)| revision);
    let refusal = match (guards.check_thing(said), &closed.warrant) {
        (Err(refusal), _) => refusal,
        _ if said.person.is_some() => Refusal::OnlyMachines {},
        _ if revision != Some(current) => Refusal::RevisionStale { current },
        _ if closed.status != Status::Effective => Refusal::StatusWrong { status: closed.status },
        _ if statement.seen.size <= needed => Refusal::SeenTooEarly { needed },
        (Ok(()), None) => Refusal::WarrantMissing {},
        (Ok(()), Some(Warrant { used: Some(used), .. })) => Refusal::WarrantUsed { index: used.index },
        (Ok(()), Some(Warrant { revoked: Some(index), .. })) => Refusal::WarrantRevoked { index: *index },
        (Ok(()), Some(Warrant { until, .. })) => Refusal::WarrantOver { until: *until },
    };
    Decided::refused(refusal, closed.subject.tenants.clone())
}

type Tags = Vec<model::TenantId>;

fn effects(s: &Signing) -> (Vec<Effect>, Tags) {
    let (state, now, change) = (s.state, s.now, s.change);
    let one = |event| (vec![change.event(event)], vec![]);
    match &s.statement.act {
        Act::Observe { .. } => one(ChangeEvent::ObservationAsked {}),
        Act::Escalate { .. } => one(ChangeEvent::Escalated {}),
        Act::Attach { item, .. } => (attached(s, item), vec![]),
        Act::Seal { .. } => sealed(s),
        Act::Approve { slot, on_behalf_of, .. } => (approved(s, *slot, *on_behalf_of), vec![]),
        Act::Reject { slot, .. } => one(ChangeEvent::Rejected { roles: change.slot_roles(state, *slot) }),
        Act::Withdraw { .. } => {
            let mine = change.counting_of(state, &s.statement.person);
            let withdrawn = |slot: u32| ChangeEvent::ApprovalWithdrawn { slot, roles: change.slot_roles(state, slot) };
            let withdrawn = mine.map(|(slot, _)| change.event(withdrawn(slot)));
            (withdrawn.chain(change.unscheduled("approval.withdrawn")).collect(), vec![])
        }
        Act::Hold { .. } => {
            let held = change.event(ChangeEvent::Held {});
            ([held].into_iter().chain(change.unscheduled("change.held")).collect(), vec![])
        }
        Act::Release { of, .. } => one(ChangeEvent::HoldReleased { of: *of }),
        Act::Cancel { .. } => one(ChangeEvent::Cancelled {}),
        Act::Run { not_before: Some(at), .. } if *at > now => one(ChangeEvent::Scheduled { not_before: *at }),
        Act::Run { .. } => (run::effects(s), vec![]),
        Act::Revoke { .. } if change.warrant.is_some() => one(ChangeEvent::WarrantRevoked {}),
        Act::Revoke { .. } => {
            let about = About::of(change);
            (vec![Effect::Grant { grant: about.change, event: GrantEvent::Revoked { about } }], vec![])
        }
        Act::Review { .. } => {
            // What it grants stands on until it is over and read back.
            let over = state.grants.get(&change.package.change).is_none_or(|grant| grant.is_read_back(state, now));
            let closed = over.then(|| change.event(ChangeEvent::Closed {}));
            ([change.event(ChangeEvent::Reviewed {})].into_iter().chain(closed).collect(), vec![])
        }
        Act::Abort { .. } => match change.abort_asked.as_ref().filter(|asked| asked.stands(state, now)) {
            None => one(ChangeEvent::AbortAsked { until: s.statement.not_after }),
            Some(_) => (aborted(change), vec![]),
        },
        Act::Reconcile { outcome, .. } => (reconciled(s, *outcome), vec![]),
        Act::Use { .. } => one(ChangeEvent::WarrantUsed {}),
        Act::RegisterTenant { .. }
        | Act::RegisterEngine { .. }
        | Act::Publish { .. }
        | Act::Recall { .. }
        | Act::Suspend { .. }
        | Act::Open { .. } => (vec![], vec![]),
    }
}

fn attached(s: &Signing, item: &Token) -> Vec<Effect> {
    let row = s.change.required(s.state);
    let items: Vec<_> = row.iter().flat_map(|row| row.checklist.iter().map(|item| item.item.clone())).collect();
    let before = |item: &Token| s.change.attached.contains_key(item);
    let complete = !items.iter().all(before) && items.iter().all(|known| known == item || before(known));
    let mut effects = vec![s.change.event(ChangeEvent::Attached { item: item.clone() })];
    effects.extend(complete.then(|| s.change.event(ChangeEvent::ChecklistComplete { items })));
    effects.extend(s.change.unscheduled("checklist.changed"));
    effects
}

fn sealed(s: &Signing) -> (Vec<Effect>, Tags) {
    let (state, now, change) = (s.state, s.now, s.change);
    let within = requirement(state, change).map_or(0, |row| row.approve_within_ms);
    let (revision, approve_by) = (change.revision, now.plus_millis(within));
    let event = match governs(change.kind).flagged(state, change) {
        Some(flagged) => ChangeEvent::SealedFlagged { revision, approve_by, flagged },
        None => ChangeEvent::Sealed { revision, approve_by, blocked: blocked_deployment(state, change, now) },
    };
    let mut effects = vec![change.event(event)];
    let other = change.package.supersedes.and_then(|id| state.changes.get(&id));
    effects.extend(other.map(|other| other.event(ChangeEvent::Superseded { by: change.package.change })));
    (effects, other.map(|other| other.subject.tenants.clone()).unwrap_or_default())
}

/// What keeps the open deployment that a change stands by for, as a code: the row says it then.
fn blocked_deployment(state: &State, change: &Change, now: Instant) -> Option<Token> {
    let waits = governs(change.kind).stands_by_for(state, change, now)?;
    crate::blocked(state, waits, now)?.code().parse().ok()
}

fn approved(s: &Signing, slot: u32, on_behalf_of: Option<PersonId>) -> Vec<Effect> {
    let (state, now, change) = (s.state, s.now, s.change);
    let roles = change.slot_roles(state, slot);
    let mine = Party { person: on_behalf_of.unwrap_or(s.statement.person), roles: roles.clone() };
    // The row names who signed; in whose place stands beside it.
    let signer = Party { person: s.statement.person, roles };
    let event = ChangeEvent::ApprovalRecorded { slot, party: signer, on_behalf_of };
    let mut effects = vec![change.event(event)];
    if change.open_slots(state).iter().all(|open| *open == slot) {
        let within = change.requirement.as_ref().map_or(0, |row| row.execute_within_ms);
        let execute_by = change.execute_by.unwrap_or_else(|| now.plus_millis(within));
        let party = |position: u32| match change.approvals.get(&position) {
            Some(approval) if position != slot => {
                Party { person: approval.filled_by(), roles: change.slot_roles(state, position) }
            }
            _ => mine.clone(),
        };
        let count = change.requirement.as_ref().map_or(0, |row| row.slots.len());
        let by = (0..u32::try_from(count).unwrap_or(0)).map(party).collect();
        effects.push(change.event(ChangeEvent::Approved { by, execute_by }));
    }
    effects
}

/// Taken back: nothing was done yet, and it ends; else the compensations are due.
fn aborted(change: &Change) -> Vec<Effect> {
    let acted = change.plan.iter().flat_map(|plan| plan.steps.iter().zip(&change.steps));
    let acted = acted.into_iter().any(|(step, state)| state.done.is_some() && !step.action.is_check());
    let open = change.open_intent().is_some();
    let mut effects = vec![change.event(ChangeEvent::Aborted {})];
    if acted || open {
        effects.push(change.event(ChangeEvent::Unwinding {}));
    } else {
        effects.push(change.event(ChangeEvent::Failed {}));
    }
    effects
}

/// How it ended, once one holder of each slot has said the same.
/// A process beside what serves is nobody's any more: it uses no lease.
fn strays(state: &State, id: EngineId, serving: Option<Served>) -> Vec<Effect> {
    let Some(engine) = state.engines.get(&id) else { return vec![] };
    let sides = [Side::Blue, Side::Green].into_iter().zip(engine.credentials);
    let stray = sides.filter(|(side, known)| known.is_some() && serving.is_none_or(|serving| serving.side != *side));
    let over = |side| crate::EngineEvent::CredentialChanged { side, credential: None };
    stray.map(|(side, _)| Effect::Engine { engine: id, node: engine.node, event: over(side) }).collect()
}

fn reconciled(s: &Signing, outcome: Reconciled) -> Vec<Effect> {
    let (state, change) = (s.state, s.change);
    let standing =
        change.reconcile_asked.iter().filter(|(_, (said, asked))| *said == outcome && asked.stands(state, s.now));
    let people: BTreeSet<PersonId> = standing.map(|(person, _)| *person).chain([s.statement.person]).collect();
    let slots: &[Slot] = change.requirement.as_ref().map_or(&[], |row| &row.slots);
    let asked: Vec<_> = state.roster.people.iter().filter(|person| people.contains(&person.id)).collect();
    if can_fill(&asked, slots, &BTreeSet::new()).is_err() {
        return vec![change.event(ChangeEvent::ReconcileAsked { outcome, until: s.statement.not_after })];
    }
    let fresh = change.observed.get(&Service::Engine).filter(|observed| observed.index > change.stopped_at(s.now));
    let mut effects = vec![change.event(ChangeEvent::Reconciled { outcome, unverified: fresh.is_none() })];
    if let (Some(observed), Some((engine, node))) = (fresh, change.package.body.engine())
        && let Observation::Engine { generation, serving, .. } = &observed.observation
    {
        let event = crate::EngineEvent::Switched { generation: *generation, serving: *serving };
        effects.push(Effect::Engine { engine, node, event });
        effects.extend(strays(state, engine, *serving));
    }
    // What was carried out without a service is read late and reviewed, however it came to its end.
    let mut review = None;
    if outcome == Reconciled::AsPlanned {
        effects.extend(governs(change.kind).reconciled(state, change));
        review = run::review_due(change, s.now);
    }
    effects.push(review.unwrap_or_else(|| change.event(ChangeEvent::Closed {})));
    effects
}
