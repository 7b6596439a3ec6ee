//! What holds until an instant. Enforcement asks the state at each use, so that a grant ends by
//! itself with every service gone.

use model::{Instant, NodeId, TenantId};
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

    /// The raised limits, where it raises those of this tenant.
    pub(crate) fn quota_of(&self, whose: &TenantId) -> Option<Quota> {
        match self {
            Self::Quota { tenant, quota } if tenant == whose => Some(*quota),
            Self::Quota { .. } => None,
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
}
