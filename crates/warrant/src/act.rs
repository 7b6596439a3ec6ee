//! What a person's statement says: one verb with what it is about.

use model::{ChangeId, Digest, EngineId, NodeId, Role, TenantId, Token};
use serde::{Deserialize, Serialize};

/// The exact bytes a decision is about: a change's revision and the three digests people approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The governed change.
    pub change: ChangeId,
    /// Its revision, from 1.
    pub revision: u32,
    /// Digest of the package skeleton.
    pub package: Digest,
    /// Digest of the plan.
    pub plan: Digest,
    /// Digest of the requirement (slots and clocks).
    pub requirement: Digest,
}

/// The verbs a person signs. Nothing else a person says is ever decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// A new tenant; its name is a part.
    RegisterTenant {
        /// Its id.
        tenant: TenantId,
    },
    /// A new engine of a tenant on a node; its name is a part.
    RegisterEngine {
        /// Its id.
        engine: EngineId,
        /// Whose storefront it is.
        tenant: TenantId,
        /// Where it runs.
        node: NodeId,
        /// The port its front listens on (loopback).
        port: u16,
        /// The two ports its slots use in turn.
        slot_ports: [u16; 2],
    },
    /// A certified release, inert until a package names its digest.
    PublishArtifact {
        /// Digest of its manifest.
        artifact: Digest,
        /// Product, as `pod-storefront-core`.
        product: Token,
        /// Version, as `2026.03.1`.
        version: Token,
        /// Memory it needs, MiB.
        memory_mib: u32,
    },
    /// The author's word that this package and plan are what is asked for.
    Seal {
        /// What is sealed.
        binding: Binding,
    },
    /// Fills one slot.
    Approve {
        /// What is approved.
        binding: Binding,
        /// The slot.
        slot: Role,
    },
    /// Ends the change: what was rejected is asked for again as another change.
    Reject {
        /// What is rejected.
        binding: Binding,
        /// The slot whose holder rejects.
        slot: Role,
    },
    /// Takes the signer's own approval back, before the change is run.
    Withdraw {
        /// The change.
        change: ChangeId,
        /// Its revision.
        revision: u32,
    },
    /// Stops every step that has no accepted intent yet.
    Hold {
        /// The change.
        change: ChangeId,
        /// Its revision.
        revision: u32,
    },
    /// Lifts a hold.
    Release {
        /// The change.
        change: ChangeId,
        /// Its revision.
        revision: u32,
    },
    /// Ends the change before it is run.
    Cancel {
        /// The change.
        change: ChangeId,
        /// Its revision.
        revision: u32,
    },
    /// Orders the approved plan to be carried out.
    Run {
        /// What is run.
        binding: Binding,
    },
}

impl Act {
    /// The verb, as it stands in leaves and on the command line.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::RegisterTenant { .. } => "register-tenant",
            Self::RegisterEngine { .. } => "register-engine",
            Self::PublishArtifact { .. } => "publish-artifact",
            Self::Seal { .. } => "seal",
            Self::Approve { .. } => "approve",
            Self::Reject { .. } => "reject",
            Self::Withdraw { .. } => "withdraw",
            Self::Hold { .. } => "hold",
            Self::Release { .. } => "release",
            Self::Cancel { .. } => "cancel",
            Self::Run { .. } => "run",
        }
    }

    /// The change and revision it is about, if it is about one.
    pub fn change(&self) -> Option<(ChangeId, u32)> {
        match self {
            Self::RegisterTenant { .. } | Self::RegisterEngine { .. } | Self::PublishArtifact { .. } => None,
            Self::Seal { binding }
            | Self::Approve { binding, .. }
            | Self::Reject { binding, .. }
            | Self::Run { binding } => Some((binding.change, binding.revision)),
            Self::Withdraw { change, revision }
            | Self::Hold { change, revision }
            | Self::Release { change, revision }
            | Self::Cancel { change, revision } => Some((*change, *revision)),
        }
    }
}
