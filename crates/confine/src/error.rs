//! What can go wrong around a confined process.

use std::path::{Path, PathBuf};

/// Why a process was not started, named or ended.
#[derive(Debug, thiserror::Error)]
pub enum ConfineError {
    /// A file could not be read or written.
    #[error("`{}`: {source}", path.display())]
    Io {
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The host could not be started at all.
    #[error("`{}` cannot be started: {source}; check that the engine's user may execute it", path.display())]
    Host {
        /// The host executable.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A limit could not be put on, so the target was not started.
    #[error("the limits could not be applied: {0}; nothing was started")]
    Refused(String),
    /// What the target prints could not be kept, so it was not started.
    #[error("its output cannot be kept: {0}; nothing was started")]
    Log(String),
    /// The host did not report in time and was ended.
    #[error("the confined process did not report within {0} s and was ended; look into its log")]
    Silent(u64),
    /// The specification given to the hidden subcommand is not one.
    #[error("`confine` is started by the engine runtime, not by hand: {0}")]
    Spec(String),
    /// What the system's process table says cannot be understood.
    #[error("the process table says something unexpected about {pid}: {what}")]
    Table {
        pid: u32,
        /// What was wrong.
        what: String,
    },
    /// A process could not be signalled or waited for.
    #[error("process {pid} cannot be ended: {source}")]
    Signal {
        pid: u32,
        /// What the system said.
        #[source]
        source: rustix::io::Errno,
    },
    /// The process is still there after it was killed.
    #[error("process {0} is still there 5 s after it was killed; it hangs in the kernel, restart the machine")]
    Unkillable(u32),
}

impl ConfineError {
    /// Names the file an input or output error belongs to.
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}
