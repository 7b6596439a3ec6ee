//! The one table of commands: everything that can ever be decided, with its authority.
//!
//! | command | authority |
//! |---|---|
//! | genesis | signed by the founders |
//! | signed (register, publish, seal, approve, reject, withdraw, hold, release, cancel, run) | a person's statement |
//! | receipt (observed, intent, outcome) | a service's key |
//! | session (login, open draft) | the server's word; enables no effect |
//! | clock (expiry, refusals summed, events head) | the server's clock |

use crate::Principal;
use model::{ChangeId, CommandId, Digest, Instant, KindName, Scope};
use serde::{Deserialize, Serialize};
use warrant::{FounderSignature, Genesis, Part, Receipt, Report, Statement};

/// A command, as it stands in a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Leaf 0 and only leaf 0.
    Genesis {
        /// What is founded.
        genesis: Genesis,
        /// By whom.
        signatures: Vec<FounderSignature>,
    },
    /// A person's signed word.
    Signed {
        /// What is said.
        statement: Statement,
        /// The SSH signature over it.
        signature: String,
    },
    /// A service's signed word.
    Receipt {
        /// What is said.
        receipt: Receipt,
        /// The Ed25519 signature over it, base64.
        signature: String,
    },
    /// The server's word that somebody signed in asked for it.
    Session(SessionCommand),
    /// The server's clock.
    Clock {
        /// What it was time for.
        act: ClockAct,
    },
}

/// A command on the server's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionCommand {
    /// Random, chosen by the sender.
    pub command: CommandId,
    /// Who asked.
    pub principal: Principal,
    /// Keyed tag of the caller's `Idempotency-Key`; opaque to everyone but the server.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub idempotency: Option<Digest>,
    /// What is asked.
    pub act: SessionAct,
}

/// What a session may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SessionAct {
    /// A bearer credential begins.
    Login(Login),
    /// A draft is opened, or opened anew with other bytes (the revision rises) or the same
    /// (it is observed again).
    OpenDraft {
        /// The change.
        change: ChangeId,
        /// Of which kind.
        kind: KindName,
        /// Digest of its package, a governing blob.
        package: Digest,
    },
}

/// A bearer credential: its hash and its end, so that every service checks it in its own fold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// SHA-256 of the token; the token itself is the client's.
    pub token: Digest,
    /// What it may do.
    pub scope: Scope,
    /// Until when.
    pub expires: Instant,
}

/// What the clock does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClockAct {
    /// Writes down what has expired.
    Settle {},
    /// Repeats of one refusal within a minute, summed: the server's word.
    Refusals {
        /// The leaf that holds the first of them.
        first: u64,
        /// How many more there were.
        count: u32,
    },
    /// The head of the events log.
    EventsHead {
        /// Entries in it.
        size: u64,
        /// Its root.
        root: Digest,
    },
}

impl Command {
    /// The change a command is about, if it is about one.
    pub fn change(&self) -> Option<ChangeId> {
        match self {
            Self::Signed { statement, .. } => statement.act.change().map(|(change, _)| change),
            Self::Receipt { receipt, .. } => Some(match &receipt.report {
                Report::Observed { change, .. } => *change,
                Report::Intent { step, .. } | Report::Outcome { step, .. } => step.change,
            }),
            Self::Session(session) => match &session.act {
                SessionAct::OpenDraft { change, .. } => Some(*change),
                SessionAct::Login(_) => None,
            },
            Self::Genesis { .. } | Self::Clock { .. } => None,
        }
    }

    /// The parts a command commits to, with the id they are bound to.
    pub fn parts(&self) -> Option<(CommandId, &[Part])> {
        match self {
            Self::Genesis { genesis, .. } => Some((genesis.command, &genesis.parts)),
            Self::Signed { statement, .. } => Some((statement.command, &statement.parts)),
            Self::Receipt { .. } | Self::Session(_) | Self::Clock { .. } => None,
        }
    }
}
