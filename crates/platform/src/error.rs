//! Why Platform Services cannot run.

use artifact::ArtifactError;
use follower::FollowerError;
use follower::executor::ExecutorError;

/// Why Platform Services cannot run.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The kept artifacts cannot be read.
    #[error(transparent)]
    Artifacts(#[from] ArtifactError),
    /// The replica of the ledger cannot be used.
    #[error(transparent)]
    Follower(#[from] FollowerError),
    /// The intents of an earlier run cannot be used.
    #[error(transparent)]
    Intents(#[from] ExecutorError),
    /// The journal of leases cannot be used.
    #[error(transparent)]
    Journal(#[from] lease_journal::OpenError),
    /// The journal of leases can no longer be written.
    #[error("the journal of leases cannot be written: {0}; make room or mend the disk, then start again")]
    JournalFailed(String),
    /// A task of this process broke off.
    #[error("the work was broken off inside this service: {0}; start it again")]
    Broken(String),
    /// The listener cannot be used.
    #[error("cannot serve: {0}; start again with another `--base-port N`")]
    Serve(std::io::Error),
}
