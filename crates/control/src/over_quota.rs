//! Whether what a change needs keeps within its tenant's quota: asked when it is approved and run, and
//! again by the node before it places anything.

use crate::{Change, Engine, Needs, QuotaLimit, Refusal, State, quota_at};
use model::{EngineId, Instant};

/// The limit that the tenant would exceed at `now`, if it would: what its other engines serve, and what
/// this plan needs. What takes no more than the engine serves already is not refused for it: above its
/// quota, a tenant is still rolled back.
pub fn over_quota(state: &State, change: &Change, now: Instant) -> Option<Refusal> {
    let (plan, engine) = (change.plan.as_ref()?, change.subject.engine?);
    let here = state.engines.get(&engine)?;
    if plan.needs.engines == 0 {
        return None;
    }
    let (quota, serving) = (quota_at(state, &here.tenant, now), serves(state, here));
    let others = state.engines.iter().filter(|(id, other)| **id != engine && other.tenant == here.tenant);
    let used = others.map(|(id, other)| used(state, id, other)).filter(|needs| needs.engines > 0);
    let (memory_mib, engines) =
        used.fold((plan.needs.memory_mib, plan.needs.engines), |(memory_mib, engines), used| {
            (memory_mib.saturating_add(used.memory_mib), engines.saturating_add(used.engines))
        });
    let limits = [
        (QuotaLimit::MemoryMib, memory_mib, quota.memory_mib, plan.needs.memory_mib > serving.memory_mib),
        (QuotaLimit::Engines, engines, quota.engines, plan.needs.engines > serving.engines),
    ];
    limits.into_iter().find_map(|(limit, needed, allowed, more)| {
        let allowed = allowed.filter(|allowed| more && needed > *allowed)?;
        Some(Refusal::QuotaExceeded { limit, needed, allowed })
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
