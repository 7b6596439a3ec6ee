//! The one table of commands: everything that can ever be decided, with its authority.
//!
//! | command | authority |
//! |---|---|
//! | genesis | signed by the founders |
//! | signed ([`crate::VERBS`]) | a person's statement, or a machine identity's |
//! | receipt (observed, intent, outcome, ended, restarted, regressed, certified, used) | a service's key |
//! | session (login) | the server's word; enables no effect |
//! | clock (what is due, a scheduled start, refusals summed, events head) | the server's clock |

use crate::Principal;
use model::{ChangeId, CommandId, Digest, Instant, Resource, Scope};
use serde::{Deserialize, Serialize};
use signed::{Act, FounderSignature, Genesis, Part, Receipt, Statement};

/// A command, as it stands in a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Leaf 0 and only leaf 0.
    Genesis {
        /// What is founded.
        genesis: Genesis,
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
    /// The server's word that somebody signed in.
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
    /// Who signed in.
    pub principal: Principal,
    /// The credential that begins.
    pub login: Login,
}

/// A bearer credential: its hash and its end, so that every service checks it in its own state.
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
    /// Writes down what time has brought, of one set of tenants at a time.
    Settle {},
    /// Starts a scheduled change, or says why it is not started.
    Start { change: ChangeId },
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
        root: Digest,
    },
}

impl Command {
    /// The change a command is about, if it is about one.
    pub fn change(&self) -> Option<ChangeId> {
        match self {
            Self::Signed { statement, .. } => statement.act.change(),
            Self::Receipt { receipt, .. } => receipt.report.change(),
            Self::Clock { act: ClockAct::Start { change } } => Some(*change),
            Self::Genesis { .. } | Self::Session(_) | Self::Clock { .. } => None,
        }
    }

    /// What its parts are bound to, and the parts.
    pub fn parts(&self) -> Option<(CommandId, &[Part])> {
        match self {
            Self::Genesis { genesis, .. } => Some((genesis.command, &genesis.parts)),
            Self::Signed { statement, .. } => Some((statement.command, &statement.parts)),
            Self::Receipt { receipt, .. } => Some((receipt.command, &receipt.parts)),
            Self::Session(_) | Self::Clock { .. } => None,
        }
    }
}

/// The governing blobs a command names: (object, digest). Packages name further ones
/// ([`crate::Body::references`]).
pub fn references(command: &Command) -> Vec<(&'static str, Digest)> {
    match command {
        Command::Genesis { genesis, .. } => genesis.settings.iter().map(|first| ("settings", first.digest)).collect(),
        Command::Signed { statement, .. } => match &statement.act {
            Act::Open { package, .. } => vec![("package", *package)],
            Act::Publish { resource: Resource::Config, digest, .. } => vec![("config", *digest)],
            Act::Publish { resource: Resource::Retention, digest, .. } => vec![("retention", *digest)],
            _ => vec![],
        },
        Command::Receipt { .. } | Command::Session(_) | Command::Clock { .. } => vec![],
    }
}
