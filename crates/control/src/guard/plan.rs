//! Whether the plan is the one that was signed, possible, and within the tenant's quota.

use super::{Signing, refuse_if};
use crate::{Change, Engine, Needs, QuotaLimit, Refusal, State, plan, quota_at, requirement};
use model::{EngineId, Instant};
use signed::{Act, Binding};

pub(super) fn plan_possible(s: &Signing) -> Result<(), Refusal> {
    plan(s.state, s.change, s.now).map(|_| ())
}

/// The digests the current revision has: as sealed, or as sealing now would make them.
pub(crate) fn binding_now(state: &State, change: &Change, now: Instant) -> Option<Binding> {
    let sealed = change.plan_digest.zip(change.requirement_digest);
    let (plan, requirement) = if let Some(sealed) = sealed {
        sealed
    } else {
        (plan(state, change, now).ok()?.digest().ok()?, requirement(state, change)?.digest().ok()?)
    };
    let (revision, package) = (change.revision, change.package_digest);
    let evidence = change.evidence();
    Some(Binding { change: change.package.change, revision, package, plan, requirement, evidence })
}

pub(super) fn digests_match(s: &Signing) -> Result<(), Refusal> {
    let Some(binding) = s.statement.act.binding() else { return Ok(()) };
    refuse_if(binding_now(s.state, s.change, s.now).as_ref() != Some(binding), Refusal::DigestsDiffer {})
}

/// The approval that would fill the last slot, and the run, keep within the tenant's quota at that
/// instant: what its other engines serve, and what this plan needs. What takes no more than the engine
/// serves already is not refused for it: above its quota, a tenant is still rolled back.
pub(super) fn within_quota(s: &Signing) -> Result<(), Refusal> {
    if let Act::Approve { slot, .. } = &s.statement.act
        && s.change.open_slots(s.state).iter().any(|open| open != slot)
    {
        return Ok(());
    }
    let (Some(plan), Some(engine)) = (&s.change.plan, s.change.subject.engine) else { return Ok(()) };
    let Some(here) = s.state.engines.get(&engine) else { return Ok(()) };
    let (tenant, now) = (here.tenant, serves(s.state, here));
    if plan.needs.engines == 0 {
        return Ok(());
    }
    let quota = quota_at(s.state, &tenant, s.now);
    let others = s.state.engines.iter().filter(|(id, other)| **id != engine && other.tenant == tenant);
    let used = others.map(|(id, other)| used(s.state, id, other)).filter(|needs| needs.engines > 0);
    let (memory_mib, engines) =
        used.fold((plan.needs.memory_mib, plan.needs.engines), |(memory_mib, engines), used| {
            (memory_mib.saturating_add(used.memory_mib), engines.saturating_add(used.engines))
        });
    let limits = [
        (QuotaLimit::MemoryMib, memory_mib, quota.memory_mib, plan.needs.memory_mib > now.memory_mib),
        (QuotaLimit::Engines, engines, quota.engines, plan.needs.engines > now.engines),
    ];
    let over = |(_, needed, allowed, more): &(_, u32, Option<u32>, bool)| *more && allowed.is_some_and(|a| *needed > a);
    let over = limits.into_iter().find(over);
    over.map_or(Ok(()), |(limit, needed, allowed, _)| {
        Err(Refusal::QuotaExceeded { limit, needed, allowed: allowed.unwrap_or_default() })
    })
}

/// What an engine takes of its tenant's quota: what serves, or what the change that is being carried
/// out on it needs, whichever is more. Two changes that each fit alone must not both begin.
fn used(state: &State, id: &EngineId, engine: &Engine) -> Needs {
    let serves = serves(state, engine);
    let running = state.locked_by(id).and_then(|by| state.changes.get(&by)?.plan.as_ref());
    let needs = running.map_or(Needs::default(), |plan| plan.needs);
    Needs { memory_mib: serves.memory_mib.max(needs.memory_mib), engines: serves.engines.max(needs.engines) }
}

/// What serves on an engine takes.
fn serves(state: &State, engine: &Engine) -> Needs {
    let artifact = engine.bundle().and_then(|bundle| state.artifacts.get(&bundle.artifact));
    Needs {
        memory_mib: artifact.map_or(0, |artifact| artifact.memory_mib),
        engines: u32::from(engine.serving.is_some()),
    }
}
