//! What a state grants, and when that ends.

use crate::{Grant, Quota, State};
use model::{ChangeId, Instant, NodeId, TenantId};
use std::collections::BTreeSet;

impl Grant {
    /// Whether it is over at `now` and every node that enforces it has said so.
    pub(crate) fn is_read_back(&self, state: &State, now: Instant) -> bool {
        self.is_over(now) && nodes_of(state, self).is_subset(&self.ended_on)
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
    })
}

/// Grants that are over and that this node has not yet reported so, of tenants with an engine there.
pub fn due_ends(state: &State, node: &NodeId, now: Instant) -> Vec<ChangeId> {
    let due = |(id, grant): (&ChangeId, &Grant)| {
        let here = grant.is_over(now) && !grant.ended_on.contains(node) && nodes_of(state, grant).contains(node);
        here.then_some(*id)
    };
    state.grants.iter().filter_map(due).collect()
}

/// Nodes where a grant's tenant has an engine: each must report its end.
pub(crate) fn nodes_of(state: &State, grant: &Grant) -> BTreeSet<NodeId> {
    let tenant = grant.terms.tenant();
    state.engines.values().filter(|engine| engine.tenant == tenant).map(|engine| engine.node).collect()
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
