//! Whether what a change needs keeps within its tenant's quota: asked when it is approved and run, and
//! again by the node before it places anything.

use crate::{Change, Engine, Merged, Needs, OverLimit, QuotaLimit, Refusal, State, quota_at};
use model::{Bundle, EngineId, Instant, TenantId};

/// Every limit that the tenant would exceed at `now`, if any: what its other engines serve, and what
/// this plan needs. What takes no more than the engine serves already is not refused for it: above its
/// quota, a tenant is still rolled back.
pub fn over_quota(state: &State, change: &Change, now: Instant) -> Option<Refusal> {
    quota_left(state, &change.subject.engine?, change.plan.as_ref()?.needs, now)
}

/// The same of what an engine would need.
pub fn quota_left(state: &State, engine: &EngineId, needs: Needs, now: Instant) -> Option<Refusal> {
    let here = state.engines.get(engine)?;
    if needs.engines == 0 {
        return None;
    }
    let (quota, serving) = (quota_at(state, &here.tenant, now), serves(state, here));
    let others = state.engines.iter().filter(|(id, other)| *id != engine && other.tenant == here.tenant);
    let used = others.map(|(id, other)| used(state, id, other)).filter(|needs| needs.engines > 0);
    let all = used.fold(needs, Needs::and);
    let limits = [
        (QuotaLimit::MemoryMib, all.memory_mib, quota.memory_mib, needs.memory_mib > serving.memory_mib),
        (QuotaLimit::Engines, all.engines, quota.engines, needs.engines > serving.engines),
        (QuotaLimit::StorageMib, all.storage_mib, quota.storage_mib, needs.storage_mib > serving.storage_mib),
    ];
    let over = limits.into_iter().filter_map(|(limit, needed, allowed, more)| {
        let allowed = allowed.filter(|allowed| more && needed > *allowed)?;
        Some(OverLimit { limit, needed, allowed })
    });
    let over: Vec<_> = over.collect();
    (!over.is_empty()).then_some(Refusal::QuotaExceeded { tenant: here.tenant, over })
}

/// What an engine takes of its tenant's quota: what serves, or what the change that is being carried
/// out on it needs, whichever is more. Two changes that each fit alone must not both begin.
fn used(state: &State, id: &EngineId, engine: &Engine) -> Needs {
    let serves = serves(state, engine);
    let running = state.locked_by(id).and_then(|by| state.changes.get(&by)?.plan.as_ref());
    let needs = running.map_or(Needs::default(), |plan| plan.needs);
    Needs {
        memory_mib: serves.memory_mib.max(needs.memory_mib),
        engines: serves.engines.max(needs.engines),
        storage_mib: serves.storage_mib.max(needs.storage_mib),
    }
}

/// What serves on an engine takes.
pub fn serves(state: &State, engine: &Engine) -> Needs {
    let merged = engine.bundle().and_then(|bundle| merged(state, bundle));
    Needs {
        memory_mib: merged.map_or(0, |merged| merged.memory_mib),
        engines: u32::from(engine.serving.is_some()),
        storage_mib: merged.map_or(0, |merged| merged.storage_mib),
    }
}

/// What a bundle's program and config come to.
fn merged(state: &State, bundle: Bundle) -> Option<Merged> {
    let profile = state.resources.get(&bundle.artifact)?.profile()?;
    Merged::of(profile, bundle.config.and_then(|config| state.config(&config))).ok()
}

/// What a tenant's engines that serve take together.
pub fn used_of(state: &State, tenant: &TenantId) -> Needs {
    let theirs = state.engines.values().filter(|engine| engine.tenant == *tenant);
    theirs.map(|engine| serves(state, engine)).fold(Needs::default(), Needs::and)
}

impl Needs {
    /// Both together.
    fn and(self, more: Self) -> Self {
        Self {
            memory_mib: self.memory_mib.saturating_add(more.memory_mib),
            engines: self.engines.saturating_add(more.engines),
            storage_mib: self.storage_mib.saturating_add(more.storage_mib),
        }
    }
}
