//! What can go wrong around the front.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Why the front does not start, refuses a table, or cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// A file could not be read or written.
    #[error("`{}`: {source}", path.display())]
    Io {
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is readable and not what it should be.
    #[error("`{}` is not usable: {what}", path.display())]
    Content {
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A table that breaks a rule.
    #[error("the routes of generation {generation} are refused: {what}; write a higher generation")]
    Refused {
        /// Generation of the refused table.
        generation: u64,
        /// Which rule.
        what: String,
    },
    /// A listening address is taken or not allowed.
    #[error(
        "cannot listen on {listen} for generation {generation}: {source}; if another process listens there, end it"
    )]
    Listen {
        /// Generation of the refused table.
        generation: u64,
        listen: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Two fronts in one directory would serve two truths.
    #[error("another front works in `{}`; adopt it instead of starting a second", .0.display())]
    Busy(PathBuf),
    /// Signals or threads of this process.
    #[error("the process cannot be set up: {0}")]
    Signal(#[source] std::io::Error),
    /// The process table.
    #[error(transparent)]
    Process(#[from] confine::ConfineError),
    /// No front answers.
    #[error("the front in `{}` does not answer: {what}; start it", dir.display())]
    Unreachable {
        dir: PathBuf,
        /// What was found instead.
        what: String,
    },
    /// A wait that took longer than allowed.
    #[error("{0} did not happen in time")]
    NotYet(String),
}

impl FrontError {
    /// Names the file an input or output error belongs to.
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// The generation that was refused, when it could be read.
    pub(crate) fn generation(&self) -> Option<u64> {
        match self {
            Self::Refused { generation, .. } | Self::Listen { generation, .. } => Some(*generation),
            _ => None,
        }
    }
}
