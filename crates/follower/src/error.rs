//! Why a follower does not follow.

use client::ClientError;
use model::Digest;
use std::path::{Path, PathBuf};

/// Why nothing new was folded.
#[derive(Debug, thiserror::Error)]
pub enum FollowerError {
    /// A file of the replica could not be read or written.
    #[error("cannot {what} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process follows in this directory.
    #[error("`{}` is in use by another process; stop it or choose another directory", .0.display())]
    Locked(PathBuf),
    /// Another process is writing in this directory and does not come to an end.
    #[error(
        "`{}` has been held for {within_s} s by another command on this directory, which takes milliseconds; end that \
         one (`fuser` names it), then try again", path.display()
    )]
    Busy {
        path: PathBuf,
        /// How long it was waited for.
        within_s: u64,
    },
    /// The file that says how far the ledger was seen cannot be read by who only reads.
    #[error(
        "`{}` is damaged ({why}); start the service of this replica, or follow the ledger with any command in its \
         directory: the file is rebuilt from the entries beside it, and can be verified then", path.display()
    )]
    Head {
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The log key of `trust.json` is none.
    #[error("the log key of the trust file is not usable: {0}; get `trust.json` from whoever runs the ledger")]
    Trust(tlog::TlogError),
    /// Reading the replica ended in a panic.
    #[error("the replica could not be read: {0}; see the log")]
    Broken(String),
    /// What the replica holds now is not what was verified: nothing of it is given out.
    #[error(
        "the replica's bytes are not those that were verified at size {0}; start this service again: it then sets \
         them aside and pulls the ledger again"
    )]
    Damaged(u64),
    /// More was verified than was asked for at most.
    #[error("what is verified here takes {bytes} bytes, at most {most_bytes} were asked for")]
    TooLong {
        /// How much there is.
        bytes: u64,
        /// How much there may be.
        most_bytes: u64,
    },
    /// Governance did not answer, or with a problem.
    #[error(transparent)]
    Governance(#[from] ClientError),
    /// What was answered is not signed by the log this follower trusts: it proves nothing.
    #[error("the checkpoint that was answered is not one of the trusted log: {0}")]
    Checkpoint(tlog::TlogError),
    /// The log is signed with none of the keys that are trusted here: it may have another one by now.
    #[error(
        "the checkpoint that was answered is signed by no log key known here; if the log's key was replaced, put \
         the new `trust.json` here (`countersign log-key trust` prints it)"
    )]
    UnknownLogKey,
    /// The entries that were answered are not those that were signed: they prove nothing.
    #[error("the entries that were answered are not those the log signed at size {0}")]
    Served(u64),
    /// A governing blob is missing or damaged where it should be.
    #[error("the governing blob {object} {} is not served whole", digest.short())]
    Blob {
        /// Its object name.
        object: &'static str,
        digest: Digest,
    },
    /// The ledger cannot be judged further by this binary.
    #[error("{0}")]
    Inconclusive(String),
    /// The ledger contradicts itself or its own rules: this follower has stopped for good.
    #[error(
        "stopped at leaf {index}: {why}; nothing is done any more until a person has looked at the ledger \
         and removed `stopped.json`"
    )]
    Stopped {
        /// The leaf (or the size) at which it was found.
        index: u64,
        /// What was found.
        why: String,
    },
}

impl FollowerError {
    pub(crate) fn io<'a>(what: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> Self + 'a {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }
}
