//! How far the journal is known to have come, by what others hold of it.

use ledger::Log;
use model::Digest;

/// A size of the journal and the root over it (RFC 6962 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// This directory does not hold the journal that others were shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// Entries that were there are gone.
    #[error("the lease journal holds {here} entries, but a recorded receipt shows that there were {shown}")]
    RolledBack {
        /// Entries here.
        here: u64,
        /// Entries there were.
        shown: u64,
    },
    /// The entries are others.
    #[error("the first {size} entries of the lease journal are not those that a recorded receipt shows")]
    Other {
        /// How many a receipt shows.
        size: u64,
    },
}

impl HeadFault {
    /// The stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::RolledBack { .. } => "journal.rolled_back",
            Self::Other { .. } => "journal.other",
        }
    }

    /// What is to be done.
    pub fn next(&self) -> String {
        let size = match self {
            Self::RolledBack { shown, .. } => shown,
            Self::Other { size } => size,
        };
        format!(
            "stop Platform Services, put back the newest copy of its lease journal's directory, which must hold {size} \
             entries or more, and start it again; until then nothing is reserved, posted or written here"
        )
    }
}

impl Head {
    /// Whether the log goes through this head.
    pub(crate) fn check(&self, log: &Log) -> Result<(), HeadFault> {
        match log.root_at(self.size) {
            None => Err(HeadFault::RolledBack { here: log.size(), shown: self.size }),
            Some(root) if root != self.root => Err(HeadFault::Other { size: self.size }),
            Some(_) => Ok(()),
        }
    }
}
