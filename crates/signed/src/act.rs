//! What a person's statement says: one verb with what it is about.

use model::{ChangeId, Digest, EngineId, Instant, NodeId, PersonId, Resource, TenantId, Token};
use serde::{Deserialize, Serialize};

/// The exact bytes a decision is about: a change's revision and the digests people approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The governed change.
    pub change: ChangeId,
    pub revision: u32,
    /// Digest of the package skeleton.
    pub package: Digest,
    pub plan: Digest,
    /// Digest of the requirement: the kind's row as frozen at seal.
    pub requirement: Digest,
    /// Digest of the checklist as the signer saw it; absent while nothing is attached.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Digest>,
}

/// What may be deployed on an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineProfile {
    /// The sort of engine, as `storefront` or `web`: an artifact names the one that it is made for.
    pub runtime: Token,
    /// The most memory that one process on it may be given, MiB.
    pub memory_mib: u32,
}

/// What an indeterminate change is reconciled to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reconciled {
    /// The engine is as it was before the change began.
    AsBase,
    /// The engine is as the change would have left it.
    AsPlanned,
}

/// The verbs a person signs. Nothing else a person says is ever decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// A new tenant; its name is a part.
    RegisterTenant { tenant: TenantId },
    /// A new engine of a tenant on a node; its name is a part.
    RegisterEngine {
        engine: EngineId,
        /// Whose storefront it is.
        tenant: TenantId,
        /// Where it runs.
        node: NodeId,
        /// The port its front listens on (loopback).
        port: u16,
        /// The ports of its two sides, blue and green.
        side_ports: [u16; 2],
        /// What may be deployed on it.
        profile: EngineProfile,
        /// The host names that it may answer under, lower case, sorted.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        hosts: Vec<Token>,
    },
    /// Something that bundles may name, inert until one does; its name is a part.
    Publish {
        resource: Resource,
        /// Its identity: of an artifact or a theme, the digest of its manifest; of a config or a retention policy,
        /// that of the document, a governing blob.
        digest: Digest,
        /// Product, as `pod-storefront-core`.
        product: Token,
        /// Version, as `2026.03.1`.
        version: Token,
        /// Whose engines may be bound to it; absent: any engine.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        tenant: Option<TenantId>,
    },
    /// No plan may name what was published under this digest any more, until a settings change lifts it.
    Recall { digest: Digest },
    /// The key signs nothing any more: at once by itself, or by two other people.
    Suspend {
        /// Whose key.
        person: PersonId,
        key: Digest,
    },
    /// Opens a change, or a new revision of it, with this package (a governing blob).
    Open { change: ChangeId, package: Digest },
    /// Asks the executors to observe again.
    Observe { change: ChangeId, revision: u32 },
    /// Lifts the read-only state of a draft whose kind needs it.
    Escalate { change: ChangeId, revision: u32 },
    /// Puts evidence to an item of the checklist.
    Attach {
        change: ChangeId,
        revision: u32,
        item: Token,
        /// Commitment to the evidence.
        evidence: Digest,
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
        /// The slot's position in the requirement, from 0.
        slot: u32,
        /// Whose deputy the signer is in this; absent: they act for themselves.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        on_behalf_of: Option<PersonId>,
    },
    /// Ends the change: what was rejected is asked for again as another change.
    Reject {
        /// What is rejected.
        binding: Binding,
        /// The position of the slot whose holder rejects.
        slot: u32,
    },
    /// Takes the signer's own approval back, before the change is run.
    Withdraw { change: ChangeId, revision: u32 },
    /// Stops every step that has no accepted intent yet. Several people may hold one change.
    Hold { change: ChangeId, revision: u32 },
    /// Lifts one person's hold.
    Release {
        change: ChangeId,
        revision: u32,
        /// Whose hold.
        of: PersonId,
    },
    /// Ends the change before it is run.
    Cancel { change: ChangeId, revision: u32 },
    /// Orders the approved plan to be carried out.
    Run {
        /// What is run.
        binding: Binding,
        /// Not before this instant; absent: at once.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        not_before: Option<Instant>,
    },
    /// Ends what a change granted, at once.
    Revoke { change: ChangeId, revision: u32 },
    /// Says that what was done under the change was looked at.
    Review { change: ChangeId, revision: u32 },
    /// Takes a running, held change back; takes effect with a second person's word.
    Abort { change: ChangeId, revision: u32 },
    /// Says how an indeterminate change ended; takes effect when one holder of each slot has said so.
    Reconcile {
        change: ChangeId,
        revision: u32,
        /// How it ended.
        outcome: Reconciled,
    },
    /// A machine identity's word that it carries out now what the change's warrant allows, once.
    Use { change: ChangeId, revision: u32 },
}

/// The name of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is named as the act")]
pub enum Verb {
    RegisterTenant,
    RegisterEngine,
    Publish,
    Recall,
    Suspend,
    Open,
    Observe,
    Escalate,
    Attach,
    Seal,
    Approve,
    Reject,
    Withdraw,
    Hold,
    Release,
    Cancel,
    Run,
    Revoke,
    Review,
    Abort,
    Reconcile,
    Use,
}

impl Act {
    /// The verb.
    pub fn verb(&self) -> Verb {
        match self {
            Self::RegisterTenant { .. } => Verb::RegisterTenant,
            Self::RegisterEngine { .. } => Verb::RegisterEngine,
            Self::Publish { .. } => Verb::Publish,
            Self::Recall { .. } => Verb::Recall,
            Self::Suspend { .. } => Verb::Suspend,
            Self::Open { .. } => Verb::Open,
            Self::Observe { .. } => Verb::Observe,
            Self::Escalate { .. } => Verb::Escalate,
            Self::Attach { .. } => Verb::Attach,
            Self::Seal { .. } => Verb::Seal,
            Self::Approve { .. } => Verb::Approve,
            Self::Reject { .. } => Verb::Reject,
            Self::Withdraw { .. } => Verb::Withdraw,
            Self::Hold { .. } => Verb::Hold,
            Self::Release { .. } => Verb::Release,
            Self::Cancel { .. } => Verb::Cancel,
            Self::Run { .. } => Verb::Run,
            Self::Revoke { .. } => Verb::Revoke,
            Self::Review { .. } => Verb::Review,
            Self::Abort { .. } => Verb::Abort,
            Self::Reconcile { .. } => Verb::Reconcile,
            Self::Use { .. } => Verb::Use,
        }
    }

    /// In whose place it is said, where it is said in somebody's.
    pub fn on_behalf_of(&self) -> Option<PersonId> {
        match self {
            Self::Approve { on_behalf_of, .. } => *on_behalf_of,
            _ => None,
        }
    }

    /// The change it is about, if it is about one.
    pub fn change(&self) -> Option<ChangeId> {
        match self {
            Self::RegisterTenant { .. }
            | Self::RegisterEngine { .. }
            | Self::Publish { .. }
            | Self::Recall { .. }
            | Self::Suspend { .. } => None,
            Self::Open { change, .. } => Some(*change),
            _ => self.about().map(|(change, _)| change),
        }
    }

    /// The change and the revision it names; none for what opens one.
    pub fn about(&self) -> Option<(ChangeId, u32)> {
        match self {
            Self::RegisterTenant { .. }
            | Self::RegisterEngine { .. }
            | Self::Publish { .. }
            | Self::Recall { .. }
            | Self::Suspend { .. }
            | Self::Open { .. } => None,
            Self::Seal { binding }
            | Self::Approve { binding, .. }
            | Self::Reject { binding, .. }
            | Self::Run { binding, .. } => Some((binding.change, binding.revision)),
            Self::Observe { change, revision }
            | Self::Escalate { change, revision }
            | Self::Attach { change, revision, .. }
            | Self::Withdraw { change, revision }
            | Self::Hold { change, revision }
            | Self::Release { change, revision, .. }
            | Self::Cancel { change, revision }
            | Self::Revoke { change, revision }
            | Self::Review { change, revision }
            | Self::Abort { change, revision }
            | Self::Reconcile { change, revision, .. }
            | Self::Use { change, revision } => Some((*change, *revision)),
        }
    }

    /// The digests it binds to, where the verb binds to any.
    pub fn binding(&self) -> Option<&Binding> {
        match self {
            Self::Seal { binding }
            | Self::Approve { binding, .. }
            | Self::Reject { binding, .. }
            | Self::Run { binding, .. } => Some(binding),
            _ => None,
        }
    }
}
