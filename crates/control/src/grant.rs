//! What holds until an instant. Enforcement asks the state at each use, so that a grant ends by
//! itself with every service gone.

use crate::Executor;
use model::{Amount, ChangeId, Instant, LeaseClass, Period, TenantId, Token};
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
    /// What the programs of all its engines that serve declare that they keep, MiB; not enforced.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub storage_mib: Option<u32>,
}

/// An AI lease: the right to use so many cycles a period. With `raises` it is an override of another lease's cycles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub tenant: TenantId,
    pub class: LeaseClass,
    /// The most of one period.
    pub cycles: u64,
    pub period: Period,
    /// The time zone in which periods turn, as `America/New_York`.
    pub zone: Token,
    /// What it is for, as `merchandising`.
    pub purpose: Token,
    /// What is charged for it; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub price: Option<Price>,
    /// The lease whose cycles it raises while it stands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub raises: Option<ChangeId>,
}

/// What cycles cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// ISO 4217, as `USD`.
    pub currency: Token,
    /// For a thousand cycles.
    pub per_thousand: Amount,
}

/// Most cycles of a period: what every reader of JSON can count.
pub(crate) const CYCLES_MAX: u64 = (1 << 53) - 1;

impl Price {
    /// Whether it names a currency by three capital letters.
    pub(crate) fn is_sound(&self) -> bool {
        let currency = self.currency.as_str();
        currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase())
    }
}

/// What a change grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Terms {
    /// More than the tenant's base quota.
    Quota {
        tenant: TenantId,
        /// The raised limits.
        quota: Quota,
    },
    /// An AI lease, or more cycles of one.
    Cap(Cap),
}

impl Terms {
    /// Whose it is.
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Quota { tenant, .. } | Self::Cap(Cap { tenant, .. }) => *tenant,
        }
    }

    /// The raised limits, where it raises those of this tenant.
    pub fn quota_of(&self, whose: &TenantId) -> Option<Quota> {
        match self {
            Self::Quota { tenant, quota } if tenant == whose => Some(*quota),
            Self::Quota { .. } | Self::Cap(_) => None,
        }
    }

    /// Whether each node with an engine of the tenant enforces it, and not Platform Services.
    pub(crate) fn is_of_nodes(&self) -> bool {
        match self {
            Self::Quota { .. } => true,
            Self::Cap(_) => false,
        }
    }

    /// The AI lease that it is, or raises.
    pub fn cap(&self) -> Option<&Cap> {
        match self {
            Self::Cap(cap) => Some(cap),
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
    /// Who has reported that it is over there.
    pub ended_by: BTreeSet<Executor>,
    /// What was used of it in periods that are over.
    pub used: Option<UsedUp>,
}

/// What was used of a lease in the periods that are over and reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedUp {
    /// All of them together.
    pub cycles: u64,
    /// The end of the last.
    pub until: Instant,
    /// The leaf that reported it.
    pub index: u64,
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
