//! What time does. None of it changes a verdict: guards ask for the status at their own now.

use super::run;
use crate::event::{About, Party};
use crate::{Change, ChangeEvent, ClockAct, Decided, Effect, Guards, Inadmissible, Signing, State, StepEvent};
use model::{ChangeId, Instant, Status, TenantId};
use signed::Statement;

/// A leaf that settles takes no further change once it has this many effects.
const SETTLE_MAX: usize = 100;

pub(super) fn decide(guards: &Guards, state: &State, now: Instant, act: &ClockAct) -> Result<Decided, Inadmissible> {
    match act {
        ClockAct::Settle {} => settle(state, now),
        ClockAct::Start { change } => start(guards, state, now, change),
        ClockAct::Refusals { first, count } => {
            if *first >= state.size || *count == 0 {
                return Err(Inadmissible::NoChange);
            }
            Ok(Decided::accepted(vec![Effect::RefusalsSummed { first: *first, count: *count }], vec![]))
        }
        ClockAct::EventsHead { size, root } => {
            if state.events_head.is_some_and(|(known, _)| *size <= known) || *size == 0 {
                return Err(Inadmissible::NoChange);
            }
            Ok(Decided::accepted(vec![Effect::EventsHead { size: *size, root: *root }], vec![]))
        }
    }
}

/// What time has brought a change, not written down yet.
fn due(state: &State, change: &Change, now: Instant) -> Vec<Effect> {
    if change.status_at(state, now) == Status::Expired {
        return vec![change.event(ChangeEvent::Expired {})];
    }
    if matches!(change.status, Status::AwaitingApproval | Status::Approved) {
        let lapsed = change.approvals.iter().filter(|(slot, approval)| !change.counts(state, **slot, approval));
        let event = |slot: u32, person| {
            let party = Party { person, roles: change.slot_roles(state, slot) };
            change.event(ChangeEvent::ApprovalLapsed { slot, party })
        };
        let mut effects: Vec<_> = lapsed.map(|(slot, approval)| event(*slot, approval.filled_by())).collect();
        if !effects.is_empty() {
            effects.extend(change.unscheduled("approval.lapsed"));
        }
        return effects;
    }
    silent(change, now).into_iter().chain(granted(state, change, now)).chain(overdue(change, now)).collect()
}

/// A review that nobody signed in time: said once, so that it is read.
fn overdue(change: &Change, now: Instant) -> Option<Effect> {
    let review_by = change.review_by.filter(|by| now > *by)?;
    let due = change.status == Status::ReviewDue && change.overdue.is_none();
    due.then(|| change.event(ChangeEvent::ReviewOverdue { review_by }))
}

/// An executor that said it would act and then said nothing: nobody knows what became of it.
pub(super) fn silent(change: &Change, now: Instant) -> Vec<Effect> {
    let Some(step) = change.step_due().filter(|_| change.is_silent(now)) else { return vec![] };
    let planned = change.plan.as_ref().and_then(|plan| plan.steps.get(step.step as usize));
    let Some(executor) = planned.map(crate::Step::executor) else { return vec![] };
    let event = Effect::Step { about: About::of(change), step, executor, event: StepEvent::Silent {} };
    vec![event, change.event(ChangeEvent::Indeterminate {})]
}

/// A grant that is over where nobody has an engine to read it back from.
fn granted(state: &State, change: &Change, now: Instant) -> Vec<Effect> {
    let over = state.grants.get(&change.package.change).is_some_and(|grant| grant.is_read_back(state, now));
    if over && change.status == Status::Effective { vec![change.event(ChangeEvent::Closed {})] } else { vec![] }
}

/// One set of tenants a leaf: who may read it is who may read all of them.
fn settle(state: &State, now: Instant) -> Result<Decided, Inadmissible> {
    let mut tags: Option<Vec<TenantId>> = None;
    let mut effects = vec![];
    let come = state.waiting.come_due(now);
    for change in come.iter().filter_map(|id| state.changes.get(id)) {
        if tags.as_ref().is_some_and(|tags| *tags != change.subject.tenants) || effects.len() >= SETTLE_MAX {
            continue;
        }
        let due = due(state, change, now);
        if !due.is_empty() {
            tags = Some(change.subject.tenants.clone());
            effects.extend(due);
        }
    }
    match tags {
        Some(tags) => Ok(Decided::accepted(effects, tags)),
        None => Err(Inadmissible::NoChange),
    }
}

/// A scheduled change starts under all guards of a run, the runner's eligibility included; else it
/// is not started any more, and the leaf says why.
fn start(guards: &Guards, state: &State, now: Instant, id: &ChangeId) -> Result<Decided, Inadmissible> {
    if state.closed.contains_key(id) {
        return Err(Inadmissible::NoChange);
    }
    let change = state.changes.get(id).ok_or(Inadmissible::UnknownObject)?;
    let scheduled = change.scheduled.as_ref().ok_or(Inadmissible::NoChange)?;
    if now < scheduled.not_before {
        return Err(Inadmissible::NoChange);
    }
    let person = state.roster.person(&scheduled.statement.person);
    let statement = Statement { not_after: now, ..scheduled.statement.clone() };
    let signing = Signing { state, now, statement: &statement, person, change };
    let effects = match guards.check(&signing) {
        Ok(()) if person.is_some() => run::effects(&signing),
        answer => {
            let code = answer.err().map_or("key.not_active", |refusal| refusal.code());
            change.unscheduled(code).into_iter().collect()
        }
    };
    Ok(Decided::accepted(effects, change.subject.tenants.clone()))
}
