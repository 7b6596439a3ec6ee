//! What a package asks for: one shape for each kind of effect.

use crate::Terms;
use model::{Bundle, Digest, EngineId, NodeId, Role, SettingName, TenantId, Token};
use serde::{Deserialize, Serialize};
use signed::Possession;

/// The body of a package. On the wire an object with one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// A bundle is put in place and serves.
    Deployment {
        engine: EngineId,
        node: NodeId,
        /// What shall serve.
        bundle: Bundle,
        /// Another engine on which the same bundle must be effective and certified.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        proven_on: Option<EngineId>,
    },
    /// The last certified bundle below the serving one serves again.
    Rollback {
        engine: EngineId,
        node: NodeId,
        /// What shall serve.
        bundle: Bundle,
    },
    /// Nothing serves; what was certified stays so.
    Drain { engine: EngineId, node: NodeId },
    /// What was certified last serves again after a drain.
    Undrain {
        engine: EngineId,
        node: NodeId,
        /// What shall serve.
        bundle: Bundle,
    },
    /// A bundle is started beside what serves, probed, and stopped again.
    Rehearsal {
        engine: EngineId,
        node: NodeId,
        /// What is tried.
        bundle: Bundle,
    },
    /// Something that holds until an instant.
    Grant {
        /// What is granted.
        terms: Terms,
        /// For how long from the leaf that starts it, milliseconds.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        for_ms: Option<i64>,
        /// The tenant that asked for it, where one did.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        asked_by: Option<TenantId>,
    },
    /// Another roster.
    RosterChange {
        /// Digest of the roster that is replaced.
        base: Digest,
        /// Digest of the roster that replaces it, a governing blob.
        next: Digest,
        /// One for each key that the base does not list, in the order of the keys' ids.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        possessions: Vec<Possession>,
    },
    /// Another document of this name.
    Settings {
        /// Which document.
        name: SettingName,
        /// Digest of the document that is replaced.
        base: Digest,
        /// Digest of the document that replaces it, a governing blob.
        next: Digest,
    },
    /// Something another system carries out once it finds this change run.
    External {
        /// Who carries it out, as `ci.example/deploy`.
        target: Token,
        /// Digest of what is carried out.
        digest: Digest,
        /// Roles of which one fills the second slot, sorted.
        slot: Vec<Role>,
    },
}

impl Body {
    /// The engine and node it is about, where it is about one.
    pub fn engine(&self) -> Option<(EngineId, NodeId)> {
        match self {
            Self::Deployment { engine, node, .. }
            | Self::Rollback { engine, node, .. }
            | Self::Drain { engine, node }
            | Self::Undrain { engine, node, .. }
            | Self::Rehearsal { engine, node, .. } => Some((*engine, *node)),
            Self::Grant { .. } | Self::RosterChange { .. } | Self::Settings { .. } | Self::External { .. } => None,
        }
    }

    /// Whether it says that another tenant asked for it than the one it is for.
    pub(crate) fn is_asked_by_other(&self) -> bool {
        matches!(self, Self::Grant { terms, asked_by: Some(by), .. } if *by != terms.tenant())
    }

    /// What it would put in place.
    pub fn bundle(&self) -> Option<Bundle> {
        match self {
            Self::Deployment { bundle, .. }
            | Self::Rollback { bundle, .. }
            | Self::Undrain { bundle, .. }
            | Self::Rehearsal { bundle, .. } => Some(*bundle),
            _ => None,
        }
    }

    /// What it grants, and for how long from the leaf that starts it, milliseconds.
    pub fn grants(&self) -> Option<(&Terms, Option<i64>)> {
        match self {
            Self::Grant { terms, for_ms, .. } => Some((terms, *for_ms)),
            _ => None,
        }
    }

    /// The governing blobs it names: (object, digest).
    pub fn references(&self) -> Vec<(&'static str, Digest)> {
        match self {
            Self::RosterChange { next, .. } => vec![("roster", *next)],
            Self::Settings { next, .. } => vec![("settings", *next)],
            _ => vec![],
        }
    }
}
