//! Why Node Runtime cannot run.

use artifact::ArtifactError;
use follower::FollowerError;
use follower::executor::ExecutorError;
use std::path::{Path, PathBuf};

/// Why Node Runtime cannot run, or cannot write down what it did.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A file of the node could not be read or written.
    #[error("`{}`: {source}", path.display())]
    Io {
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The unpacked artifacts cannot be used.
    #[error(transparent)]
    Artifacts(#[from] ArtifactError),
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

impl NodeError {
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}
