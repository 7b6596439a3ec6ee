//! What keeps Governance from being founded or from running.

use std::path::PathBuf;

/// Why the ledger was not founded, or the service has ended.
#[derive(Debug, thiserror::Error)]
pub enum GovernanceError {
    /// The directory's files, in the ledger's words.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The first leaf could not be written.
    #[error("the ledger was not founded: {0}")]
    Founding(ledger::SubmitError),
    /// A ledger is there already.
    #[error("{} holds a ledger already; a ledger is founded once, choose an empty directory", .0.display())]
    Founded(PathBuf),
    /// There is no ledger yet.
    #[error("{} holds no ledger; found one with `countersign init`", .0.display())]
    NotFounded(PathBuf),
    /// The genesis does not fit what is being founded.
    #[error("the genesis cannot found this ledger: {0}")]
    Genesis(String),
    /// The founders' signatures do not hold.
    #[error("the genesis is not signed as it must be: {0}")]
    Unsigned(#[from] control::Unauthentic),
    /// The pure core refuses it.
    #[error("the genesis is refused: {0}")]
    Refused(#[from] control::Inadmissible),
    /// The directory of the records of ended changes.
    #[error("cannot make the directory of the records of ended changes, {}: {source}", path.display())]
    Archive { path: PathBuf, source: std::io::Error },
    /// Keys that cannot be read or written.
    #[error("cannot {what} the key file {}: {why}", path.display())]
    Key {
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said, or what is wrong with it.
        why: String,
    },
    /// The pinned trust is of another ledger.
    #[error("this is not the ledger that was pinned: {0}; start with the trust.json of this ledger")]
    Trust(String),
    /// Nobody here can sign for the log.
    #[error("none of the log keys that the ledger lists is below {}: put the key's file back", .0.join("keys").display())]
    LogKey(PathBuf),
    /// The events log is not the one whose head the control log holds.
    #[error("the events log does not hold the {size} entries the control log has committed; restore it from a backup")]
    EventsLost {
        /// Entries there were when its head was committed.
        size: u64,
    },
    /// A thread of this process could not do its part.
    #[error("a part of this process ended early: {0}; start it again")]
    Task(String),
    /// The listener cannot be used.
    #[error("cannot serve: {0}")]
    Serve(std::io::Error),
    /// The ledger can no longer write: the process must end and start again.
    #[error("the ledger has ended: {0}; start again, and it reads back what was written")]
    Ended(String),
}
