//! The governed package: the sealed, immutable description of one change.

use crate::Kind;
use model::{ChangeId, Digest, EngineId, Instant, KindName, NodeId, Nonce, Role, TenantId, canon};
use serde::{Deserialize, Serialize};
use warrant::Part;

/// What serves as one: code and everything that must go back with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Digest of the certified artifact's manifest.
    pub artifact: Digest,
}

/// When the change may be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Not before.
    pub from: Instant,
    /// Not after.
    pub until: Instant,
}

/// The skeleton: what decides. People sign its digest; names, titles and reasons are its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The ledger it is for.
    pub ledger: Digest,
    /// Random; its parts are bound to it.
    pub nonce: Nonce,
    /// The change it describes.
    pub change: ChangeId,
    /// Of which kind.
    pub kind: KindName,
    /// Whose engine.
    pub tenant: TenantId,
    /// Which engine.
    pub engine: EngineId,
    /// On which node.
    pub node: NodeId,
    /// What shall serve afterwards.
    pub bundle: Bundle,
    /// When it may be run; absent: any time before it expires.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<Window>,
    /// What explains it (`title`, `reason`).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<Part>,
}

impl Package {
    /// Its identity.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("package", self)
    }
}

impl Bundle {
    /// Its identity.
    pub fn digest(&self) -> Digest {
        canon::digest("bundle", self).expect("a bundle holds digests only, which always have a canonical form")
    }
}

/// What is required of a package's approval, frozen when it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Of which kind.
    pub kind: KindName,
    /// The slots.
    pub slots: Vec<Role>,
    /// Who may run it.
    pub runner: Role,
    /// From seal to the last approval, milliseconds.
    pub approve_within_ms: i64,
    /// From approval to run, milliseconds.
    pub execute_within_ms: i64,
}

impl Requirement {
    /// What a kind asks for.
    pub fn of(kind: &Kind) -> Self {
        Self {
            kind: kind.name,
            slots: kind.slots.clone(),
            runner: kind.runner,
            approve_within_ms: kind.approve_within_ms,
            execute_within_ms: kind.execute_within_ms,
        }
    }

    /// Its digest, which approvals bind to.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("requirement", self)
    }
}
