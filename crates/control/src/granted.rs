//! What a state grants, and when that ends.

use crate::{Cap, Executor, Grant, Quota, State, Terms};
use model::{ChangeId, Instant, Service, TenantId};
use std::collections::BTreeSet;

impl Grant {
    /// Whether it is over at `now` and everyone who enforces it has said so.
    pub(crate) fn is_read_back(&self, state: &State, now: Instant) -> bool {
        self.is_over(now) && enforcers(state, &self.terms).is_subset(&self.ended_by)
    }
}

/// The larger of each limit; where one side has none, the other counts.
fn larger(a: Option<u32>, b: Option<u32>) -> Option<u32> {
    a.max(b)
}

/// A tenant's limits at `now`: the base of its terms, each raised to the largest standing exception.
/// Exceptions never add up. A limit the base does not have is no limit, whatever an exception says.
pub fn quota_at(state: &State, tenant: &TenantId, now: Instant) -> Quota {
    let base = state.terms.quota(tenant);
    let standing = state.grants.values().filter(|grant| grant.holds_at(now));
    let raised = standing.filter_map(|grant| grant.terms.quota_of(tenant));
    raised.fold(base, |quota, more| Quota {
        memory_mib: base.memory_mib.and(larger(quota.memory_mib, more.memory_mib)),
        engines: base.engines.and(larger(quota.engines, more.engines)),
        per_second: base.per_second.and(larger(quota.per_second, more.per_second)),
        burst: base.burst.and(larger(quota.burst, more.burst)),
        storage_mib: base.storage_mib.and(larger(quota.storage_mib, more.storage_mib)),
    })
}

/// An AI lease as it stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapAt<'a> {
    /// As it was granted.
    pub cap: &'a Cap,
    /// The most of one period now: its own cycles, or those of the largest override that stands.
    pub cycles: u64,
    /// The override, where one raises it.
    pub raised_by: Option<ChangeId>,
}

/// The lease that a change granted, if it stands at `now`. Overrides never add up.
pub fn cap_at<'a>(state: &'a State, lease: &ChangeId, now: Instant) -> Option<CapAt<'a>> {
    let cap = state.grants.get(lease).filter(|grant| grant.holds_at(now))?.terms.cap()?;
    if cap.raises.is_some() {
        return None;
    }
    let standing = state.grants.iter().filter(|(_, grant)| grant.holds_at(now));
    let raises = standing.filter_map(|(id, grant)| Some((grant.terms.cap()?, *id)));
    let raised = raises.filter(|(more, _)| more.raises == Some(*lease)).map(|(more, id)| (more.cycles, Some(id)));
    let (cycles, raised_by) = raised.fold((cap.cycles, None), |most, more| if more.0 > most.0 { more } else { most });
    Some(CapAt { cap, cycles, raised_by })
}

/// Grants that are over and that this executor has not yet reported so, of those that it enforces.
pub fn due_ends(state: &State, who: &Executor, now: Instant) -> Vec<ChangeId> {
    let due = |(id, grant): (&ChangeId, &Grant)| {
        let open = grant.is_over(now) && !grant.ended_by.contains(who);
        (open && enforcers(state, &grant.terms).contains(who)).then_some(*id)
    };
    state.grants.iter().filter_map(due).collect()
}

/// Who enforces what is granted, and must report its end: a quota each node with an engine of the tenant, a lease
/// Platform Services.
pub fn enforcers(state: &State, terms: &Terms) -> BTreeSet<Executor> {
    if !terms.is_of_nodes() {
        return [Executor::of(Service::Platform)].into();
    }
    let theirs = state.engines.values().filter(|engine| engine.tenant == terms.tenant());
    theirs.map(|engine| Executor::on(Service::Engine, engine.node)).collect()
}

/// The next instant at which a grant begins to be over.
pub fn next_end(state: &State, now: Instant) -> Option<Instant> {
    state
        .grants
        .values()
        .filter(|grant| grant.revoked.is_none())
        .filter_map(|grant| grant.until)
        .filter(|u| *u > now)
        .min()
}
