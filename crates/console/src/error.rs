//! Why the console cannot start.

use std::path::PathBuf;

/// Why the console cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// Its directory cannot be made or used.
    #[error("cannot use {path}: {source}; choose another directory with `--dir DIR`")]
    Dir {
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its replica of the ledger cannot be opened.
    #[error(transparent)]
    Follower(#[from] follower::FollowerError),
    /// The listener cannot be used.
    #[error("cannot serve the pages: {0}; start the console again")]
    Serve(std::io::Error),
}
