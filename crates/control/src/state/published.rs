//! What was published and may be part of a bundle.

use crate::{Config, Retention};
use model::{Profile, Resource, TenantId, Token};
use serde::{Deserialize, Serialize};

/// Something that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub product: Token,
    pub version: Token,
    /// Whose engines may be bound to it; absent: any engine.
    pub tenant: Option<TenantId>,
    /// What it is.
    pub content: Content,
    /// Leaf that published it.
    pub index: u64,
    /// Leaf that certified it: of a document the one that published it, which is checked there.
    pub certified: Option<u64>,
    /// Why it will never be certified, and in which leaf that was said.
    pub refused: Option<(Token, u64)>,
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
