//! Why the supervisor did not start, or ended before it was asked to.

use std::io;
use std::path::PathBuf;

/// Every way supervising can fail; the messages are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// Another process serves this directory.
    #[error("{} is already served by {holder}; stop that one first, or choose another directory with `--dir`", .dir.display())]
    Locked {
        /// The data directory.
        dir: PathBuf,
        /// The process that holds the lock, as `process N (command)`.
        holder: String,
    },
    /// Every service refused to start.
    #[error("{name} refused to start, as did every other service: {}", .cause.join(" / "))]
    Refused {
        /// The name of the last that did.
        name: String,
        /// The last lines it wrote, oldest first.
        cause: Vec<String>,
    },
    /// Two services with one name, or a name that cannot be a file's.
    #[error("`{0}` cannot name a service here: names are 1 to 32 of a-z, 0-9 and `-`, each once")]
    Name(String),
    /// No supervisor answers in this directory.
    #[error("nothing is running in {dir}: start it with `countersign serve --dir {dir}`", dir = .dir.display())]
    NotRunning {
        /// The data directory.
        dir: PathBuf,
    },
    /// The supervisor answered with something else than one line of its protocol.
    #[error("the supervisor's answer cannot be read; it may be of another version, restart it")]
    Protocol,
    /// A file or socket of the supervisor's own failed.
    #[error("cannot {doing} {}: {cause}", .path.display())]
    Io {
        /// What was tried, for example `open`.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl SupervisorError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Io { doing, path, cause }
    }
}
