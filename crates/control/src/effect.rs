//! What an accepted command changes.

use crate::{About, ChangeEvent, Principal, StepEvent};
use model::{
    ChangeId, Digest, EngineId, Instant, NodeId, PersonId, Resource, Scope, Service, SettingName, Side, TenantId, Token,
};
use serde::{Deserialize, Serialize};
use signed::{Counted, JournalHead, Served, StepRef};

/// One effect, grouped by the noun it is about. The fold needs nothing but these and the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are ids of what the variant's comment names")]
pub enum Effect {
    /// The ledger begins.
    LedgerFounded {},
    /// A tenant is known.
    TenantRegistered { tenant: TenantId },
    /// An engine is known; nothing serves.
    EngineRegistered { engine: EngineId, node: NodeId },
    /// Packages may name it.
    ResourcePublished { resource: Resource, digest: Digest },
    /// It is what it was published as, every byte of it, and may be sealed into a package.
    ResourceCertified { resource: Resource, digest: Digest },
    /// It is not what it was published as.
    ResourceRefused { resource: Resource, digest: Digest, code: Token },
    /// No plan may name it any more.
    ResourceRecalled { resource: Resource, digest: Digest },
    /// A bearer credential is good until it expires.
    SessionOpened { principal: Principal, scope: Scope },
    /// Something happened to a change.
    Change { about: About, event: ChangeEvent },
    /// Something happened to a step of a change.
    Step { about: About, step: StepRef, executor: Service, event: StepEvent },
    /// Something happened to an engine.
    Engine { engine: EngineId, node: NodeId, event: EngineEvent },
    /// Something happened to a grant.
    Grant { grant: ChangeId, event: GrantEvent },
    /// Something happened to the roster.
    Roster { event: RosterEvent },
    /// A governed document is in force.
    SettingChanged { name: SettingName, document: Digest },
    /// Repeats of a refusal, counted.
    RefusalsSummed { first: u64, count: u32 },
    /// The events log's head at this time.
    EventsHead { size: u64, root: Digest },
    /// The head of the journal of leases at this time.
    JournalHead { size: u64, root: Digest },
    /// A service's clock differs from the ledger's by more than it may.
    ClockSkewed { service: Service, signed: Instant },
    /// A service was asked to act on an intent it did not sign; it begins no further step.
    ServiceDistrusted {
        service: Service,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        node: Option<NodeId>,
    },
}

/// What happened to an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are ids of what the variant's comment names")]
pub enum EngineEvent {
    /// Its route moved to another generation.
    Switched {
        generation: u64,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        serving: Option<Served>,
    },
    /// What serves was read, after a change on it had ended without anybody reading it.
    Read {
        generation: u64,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        serving: Option<Served>,
    },
    /// Its stack grows by what serves.
    Certified { bundle: Digest },
    /// Its stack loses what served.
    Popped { bundle: Digest },
    /// What serves died or hung: how often it was started again, and how often that failed.
    Restarted { count: u32, failed: u32 },
    /// Requests crossed a limit of release health.
    Regressed { generation: u64, counted: Counted },
    /// A bundle was started beside what serves, was healthy, and was stopped again.
    Rehearsed { bundle: Digest },
    /// The process of a side was started with this credential; absent: it was stopped.
    CredentialChanged {
        side: Side,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        credential: Option<Digest>,
    },
}

/// What happened to a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are ids of what the variant's comment names")]
pub enum GrantEvent {
    /// It holds from now on.
    Started {
        about: About,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<Instant>,
    },
    /// A person ended it before its time.
    Revoked { about: About },
    /// Who enforces it has found that it is over there.
    Ended {
        about: About,
        service: Service,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        node: Option<NodeId>,
    },
    /// What was used of it in a period that is over.
    Used { about: About, from: Instant, until: Instant, cycles: u64, journal: JournalHead },
}

/// What happened to the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are ids of what the variant's comment names")]
pub enum RosterEvent {
    /// Another roster is in force: who joined, who left, whose entry differs.
    Changed { roster: Digest, joined: Vec<PersonId>, left: Vec<PersonId>, altered: Vec<PersonId> },
    /// One person asked for a key's suspension.
    SuspensionAsked { person: PersonId, key: Digest, until: Instant },
    /// A key signs nothing any more.
    KeySuspended { person: PersonId, key: Digest },
}

impl Effect {
    /// The change it belongs to.
    pub fn change(&self) -> Option<ChangeId> {
        match self {
            Self::Change { about, .. } => Some(about.change),
            Self::Step { step, .. } => Some(step.change),
            Self::Grant { grant, .. } => Some(*grant),
            _ => None,
        }
    }

    /// What happened to a change, if it is that.
    pub fn event(&self) -> Option<&ChangeEvent> {
        match self {
            Self::Change { event, .. } => Some(event),
            _ => None,
        }
    }
}
