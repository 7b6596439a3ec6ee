//! What was published and may be part of a bundle.

use crate::{Config, Retention};
use model::{Profile, Resource, TenantId, Token};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub product: Token,
    pub version: Token,
    pub whose: Whose,
    /// What it is.
    pub content: Content,
    /// Leaf that published it first.
    pub index: u64,
    /// Leaf that certified it: of a document the one that published it, which is checked there.
    pub certified: Option<u64>,
    /// Why it will never be certified, and in which leaf that was said.
    pub refused: Option<(Token, u64)>,
}

/// Whose engines may be bound to something published. It only widens: by another publication of the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Any engine.
    Any,
    /// Those of these tenants, by the leaves that published it for them.
    Tenants(BTreeMap<TenantId, u64>),
}

impl Whose {
    /// Of a tenant alone; absent: any engine.
    pub(crate) fn of(tenant: Option<TenantId>, index: u64) -> Self {
        tenant.map_or(Self::Any, |tenant| Self::Tenants([(tenant, index)].into()))
    }

    /// Whether a tenant's engines may be bound to it; absent: whether any engine may.
    pub fn covers(&self, tenant: Option<&TenantId>) -> bool {
        match self {
            Self::Any => true,
            Self::Tenants(whose) => tenant.is_some_and(|tenant| whose.contains_key(tenant)),
        }
    }

    /// The leaf that published it for this tenant; none: it was published for any engine, or not for this one's.
    pub(crate) fn published_for(&self, tenant: &TenantId) -> Option<u64> {
        match self {
            Self::Any => None,
            Self::Tenants(whose) => whose.get(tenant).copied(),
        }
    }

    /// Whether some engine may be bound to this and to what is published for another tenant, or for any.
    pub fn meets(&self, tenant: Option<&TenantId>) -> bool {
        tenant.is_none() || self.covers(tenant)
    }

    /// The tenants whose engines alone may be bound to it; none: any engine.
    pub fn tenants(&self) -> Vec<TenantId> {
        match self {
            Self::Any => vec![],
            Self::Tenants(whose) => whose.keys().copied().collect(),
        }
    }

    pub(crate) fn widen(&mut self, tenant: Option<TenantId>, index: u64) {
        match (&mut *self, tenant) {
            (Self::Tenants(whose), Some(tenant)) => drop(whose.entry(tenant).or_insert(index)),
            (_, None) => *self = Self::Any,
            (Self::Any, _) => {}
        }
    }
}

/// What something published is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A program; what it needs and allows is known once it is certified.
    Artifact(Option<Profile>),
    Config(Config),
    Theme,
    Retention(Retention),
}

impl Content {
    /// As what it was published.
    pub fn resource(&self) -> Resource {
        match self {
            Self::Artifact(_) => Resource::Artifact,
            Self::Config(_) => Resource::Config,
            Self::Theme => Resource::Theme,
            Self::Retention(_) => Resource::Retention,
        }
    }
}

impl Published {
    /// What a certified program needs and allows.
    pub fn profile(&self) -> Option<&Profile> {
        match &self.content {
            Content::Artifact(profile) => profile.as_ref(),
            _ => None,
        }
    }
}
