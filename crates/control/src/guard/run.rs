//! What must hold when an approved change is run.

use super::signing::Signing;
use crate::refusal::refuse_if;
use crate::{Refusal, governs, reach, requirement};
use signed::Act;

/// Longest time between the run of a change without steps and its not-after, milliseconds (10 min).
const RUN_MAX_MS: i64 = 600_000;

pub(super) fn slots_filled(s: &Signing) -> Result<(), Refusal> {
    let open = s.change.open_slots(s.state);
    // A slot whose approval no longer counts is named with its person.
    let lapsed = open.iter().find_map(|slot| Some((*slot, s.change.approvals.get(slot)?)));
    if let Some((slot, approval)) = lapsed {
        let roles = s.change.slot_roles(s.state, slot);
        return Err(Refusal::ApproverNotEligible { slot: roles, person: approval.filled_by() });
    }
    let slots: Vec<_> = open.iter().map(|slot| s.change.slot_roles(s.state, *slot)).collect();
    refuse_if(!slots.is_empty(), Refusal::SlotsOpen { slots })
}

/// What approval required at seal is what it would require now.
pub(super) fn requirement_current(s: &Signing) -> Result<(), Refusal> {
    let same = s.change.requirement.is_some() && s.change.requirement == requirement(s.state, s.change);
    refuse_if(!same, Refusal::RequirementChanged {})
}

pub(super) fn inside_window(s: &Signing) -> Result<(), Refusal> {
    let begins = not_before(s).unwrap_or(s.now).max(s.now);
    let outside = s.change.package.window.filter(|window| begins < window.from || begins > window.until);
    outside.map_or(Ok(()), |window| Err(Refusal::OutsideWindow { from: window.from, until: window.until }))
}

fn not_before(s: &Signing) -> Option<model::Instant> {
    match &s.statement.act {
        Act::Run { not_before, .. } => *not_before,
        _ => None,
    }
}

/// What takes effect in the leaf of its run is ordered when it is to happen, not a day before.
pub(super) fn run_soon(s: &Signing) -> Result<(), Refusal> {
    let steps = s.change.plan.as_ref().is_some_and(|plan| !plan.steps.is_empty());
    let left_ms = s.statement.not_after.millis_since(s.now);
    refuse_if(!steps && left_ms > RUN_MAX_MS, Refusal::RunTooFar {})
}

/// It has cooled when it begins.
pub(super) fn cooled(s: &Signing) -> Result<(), Refusal> {
    let (Some(row), Some(approved)) = (&s.change.requirement, s.change.first_approved) else { return Ok(()) };
    let until = approved.plus_millis(row.cooling_ms);
    let begins = not_before(s).unwrap_or(s.now).max(s.now);
    refuse_if(begins < until, Refusal::Cooling { until })
}

/// Only what has steps is scheduled, and only to begin before it expires.
pub(super) fn schedulable(s: &Signing) -> Result<(), Refusal> {
    let Some(at) = not_before(s).filter(|at| *at > s.now) else { return Ok(()) };
    let steps = s.change.plan.as_ref().is_some_and(|plan| !plan.steps.is_empty());
    let in_time = s.change.execute_by.is_some_and(|by| at <= by);
    refuse_if(!steps || !in_time, Refusal::NotScheduled {})
}

pub(super) fn lock_free(s: &Signing) -> Result<(), Refusal> {
    if not_before(s).is_some_and(|at| at > s.now) {
        return Ok(());
    }
    let locks = governs(s.change.kind).locks(&s.change.package.body);
    let by = locks.iter().find_map(|lock| s.state.lock(lock, &s.change.package.change));
    by.map_or(Ok(()), |by| Err(s.state.refusal_of_lock(by, s.now)))
}

pub(super) fn base_current(s: &Signing) -> Result<(), Refusal> {
    governs(s.change.kind).runnable(s.state, s.change, s.now)?;
    // People may have left since it was drafted.
    reach::kept(s.state, s.change.document.as_ref())?;
    let plan = s.change.plan.as_ref().ok_or(Refusal::BaseDrifted {})?;
    refuse_if(!plan.base.iter().all(|fact| fact.holds(s.state)), Refusal::BaseDrifted {})
}

pub(super) fn grant_stands(s: &Signing) -> Result<(), Refusal> {
    let stands = s.state.grants.get(&s.change.package.change).is_some_and(|grant| grant.holds_at(s.now));
    let warrant = s.change.warrant.as_ref().is_some_and(|warrant| warrant.is_good(s.now));
    refuse_if(!stands && !warrant, Refusal::NothingGranted {})
}
