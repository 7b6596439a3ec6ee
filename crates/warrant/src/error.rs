//! Why a warrant allows nothing.

use model::{ChangeId, Digest, Instant, Token};

/// Why a file is no warrant, or one that allows nothing now or here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WarrantError {
    /// The file ends before it is complete.
    #[error("the file is cut short: {0}")]
    Truncated(String),
    /// Not a warrant file of this format.
    #[error("this is no warrant file that this build reads: {0}")]
    Unreadable(String),
    /// More than a file may hold.
    #[error("the ledger up to here takes {bytes} bytes; a warrant file holds at most {most}")]
    TooLarge {
        /// How much it would hold.
        bytes: u64,
        /// How much it may.
        most: u64,
    },
    /// For another ledger.
    #[error("it is a warrant of the ledger {0}, not of the one that is trusted")]
    OtherLedger(Digest),
    /// It contradicts what was signed, or the rules.
    #[error("FAILED{}: {why}", at.map(|at| format!(" at leaf {at}")).unwrap_or_default())]
    Forged {
        at: Option<u64>,
        /// What contradicts.
        why: String,
    },
    /// It cannot be judged by this build.
    #[error("inconclusive: {0}")]
    Inconclusive(String),
    /// The change was not run, is unknown, or issues no warrant.
    #[error("change {0} has no warrant in this ledger")]
    Missing(ChangeId),
    /// It was used.
    #[error("it was used in entry {index}, at {at}; it is good once")]
    Used {
        /// Entry.
        index: u64,
        at: Instant,
    },
    /// A person revoked it.
    #[error("it was revoked in entry {index}")]
    Revoked {
        /// Entry.
        index: u64,
    },
    /// Its time is over.
    #[error("it was good until {until}")]
    Over {
        /// Good before then.
        until: Instant,
    },
    /// It is for other bytes.
    #[error("it is for the digest {warranted}, not for {asked}")]
    OtherDigest {
        /// What it is for.
        warranted: Digest,
        /// What was asked.
        asked: Digest,
    },
    /// It is for another target.
    #[error("it is for the target {warranted}, not for {asked}")]
    OtherTarget {
        /// Whom it is for.
        warranted: Token,
        asked: Token,
    },
}

impl WarrantError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Truncated(_) => "warrant.truncated",
            Self::Unreadable(_) => "warrant.unreadable",
            Self::TooLarge { .. } => "warrant.too_large",
            Self::OtherLedger(_) => "warrant.other_ledger",
            Self::Forged { .. } => "warrant.forged",
            Self::Inconclusive(_) => "warrant.inconclusive",
            Self::Missing(_) => "warrant.missing",
            Self::Used { .. } => "warrant.used",
            Self::Revoked { .. } => "warrant.revoked",
            Self::Over { .. } => "warrant.over",
            Self::OtherDigest { .. } => "warrant.other_digest",
            Self::OtherTarget { .. } => "warrant.other_target",
        }
    }

    /// What to do.
    pub fn next(&self) -> &'static str {
        match self {
            Self::Truncated(_) | Self::Unreadable(_) => {
                "get the file again: `countersign warrant export CHANGE --out FILE`"
            }
            Self::TooLarge { .. } => {
                "check the change in a copy of the ledger: `countersign audit verify`, `change show`"
            }
            Self::OtherLedger(_) => {
                "name the trust.json of the ledger that it is of, if you trust that: `--trust FILE`"
            }
            Self::Forged { .. } => "do not act on it; keep it, and show it to whoever runs the ledger",
            Self::Inconclusive(_) => "get what is missing, or a newer countersign",
            Self::Missing(_) => "have the change approved and run first: `countersign change show CHANGE`",
            Self::Used { .. } | Self::Revoked { .. } | Self::Over { .. } => {
                "do not act on it; ask for the change again: `countersign change new --from CHANGE …`"
            }
            Self::OtherDigest { .. } => "do not act on these bytes: others were countersigned",
            Self::OtherTarget { .. } => "do not act on it here: it was countersigned for another target",
        }
    }

    /// Exit code of a command that found this: each reason has its own, but what cannot be read.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Forged { .. } | Self::OtherLedger(_) => 1,
            Self::Truncated(_) | Self::Unreadable(_) | Self::Inconclusive(_) => 3,
            Self::TooLarge { .. } | Self::Missing(_) => 5,
            Self::Over { .. } => 20,
            Self::Revoked { .. } => 21,
            Self::Used { .. } => 22,
            Self::OtherDigest { .. } => 23,
            Self::OtherTarget { .. } => 24,
        }
    }
}
