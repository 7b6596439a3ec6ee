//! Why Integration Control cannot run.

use follower::FollowerError;
use follower::executor::ExecutorError;
use std::path::PathBuf;

/// Why Integration Control cannot run, or cannot say what is bound.
#[derive(Debug, thiserror::Error)]
pub enum IntegrationError {
    /// The bindings cannot be read: what is bound is then not known.
    #[error("`{}` cannot be read ({why}); restore it, it says what is bound outside", path.display())]
    Bindings {
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The replica of the ledger cannot be used.
    #[error(transparent)]
    Follower(#[from] FollowerError),
    /// The intents of an earlier run cannot be used.
    #[error(transparent)]
    Intents(#[from] ExecutorError),
    /// The listener cannot be used.
    #[error("cannot serve: {0}; start again with another `--base-port N`")]
    Serve(std::io::Error),
}
