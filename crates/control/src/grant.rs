//! What holds until an instant. Enforcement asks the state at each use, so that a grant ends by
//! itself with every service gone.

use crate::State;
use model::{ChangeId, Instant, NodeId, TenantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Limits of a tenant. What is absent is not limited (as a base) or not raised (as an exception).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Memory of all engines that serve, MiB.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub memory_mib: Option<u32>,
    /// Engines that serve.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub engines: Option<u32>,
    /// Requests of all its engines on one node, a second.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub per_second: Option<u32>,
    /// Requests that may come at once beyond that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub burst: Option<u32>,
}

/// What a change grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Terms {
    /// More than the tenant's base quota.
    Quota {
        tenant: TenantId,
        /// The raised limits.
        quota: Quota,
    },
}

impl Terms {
    /// Whose it is.
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Quota { tenant, .. } => *tenant,
        }
    }
}

/// A grant that stands, or that is over and not yet read back everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub terms: Terms,
    /// From the leaf that started it.
    pub from: Instant,
    /// Until then.
    pub until: Option<Instant>,
    /// Ended before its time by this leaf.
    pub revoked: Option<u64>,
    /// Nodes that have reported that it is over there.
    pub ended_on: BTreeSet<NodeId>,
}

impl Grant {
    /// Whether it holds at `now`. An end is reached at its instant.
    pub fn holds_at(&self, now: Instant) -> bool {
        self.revoked.is_none() && self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Whether it is over at `now`.
    pub fn is_over(&self, now: Instant) -> bool {
        self.revoked.is_some() || self.until.is_some_and(|until| until <= now)
    }

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
    let raised = standing.filter_map(|grant| match &grant.terms {
        Terms::Quota { tenant: whose, quota } if whose == tenant => Some(*quota),
        Terms::Quota { .. } => None,
    });
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
