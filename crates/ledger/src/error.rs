//! What can go wrong with the ledger's files, in the words of who must act on it.

use model::{Digest, Id};
use std::{fmt, io, path::PathBuf};

/// One place on disk that does not hold what was written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub file: PathBuf,
    /// Byte offset in the file: of the frame or of the byte that is wrong.
    pub offset: u64,
    /// The first entry (for a checkpoint file: tree size) that cannot be trusted.
    pub index: u64,
    /// What is wrong there.
    pub why: String,
    /// It looks like a write that was cut off at the very end and so was never acknowledged: a
    /// start of the server clears it, if no signed checkpoint covers what was lost.
    pub unfinished: bool,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is damaged at byte {} (entry {}): {}", self.file.display(), self.offset, self.index, self.why)
    }
}

/// Every error of this crate but a submission's (see [`crate::SubmitError`]).
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process holds the directory.
    #[error("another server has {} open; stop it first, one ledger has one writer", dir.display())]
    Locked {
        /// The ledger's directory.
        dir: PathBuf,
    },
    /// Bytes on disk are not what was written.
    #[error("{0}; restore this file from a backup, nothing was changed")]
    Damage(Damage),
    /// The operating system refused.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// A verb: what was tried.
        what: &'static str,
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// A stored checkpoint that is not of these entries, this origin or this key.
    #[error("the stored checkpoint for {size} entries is not of this log: {why}")]
    Checkpoint {
        /// Its tree size.
        size: u64,
        /// What does not fit.
        why: String,
    },
    /// The machine does not accept a stored leaf.
    #[error("entry {index} does not replay: {why}")]
    Replay {
        index: u64,
        /// The machine's word.
        why: String,
    },
    /// An entry, blob or payload beyond its limit.
    #[error("{what} holds {size} bytes, at most {limit} are allowed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size, in bytes.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// An option outside its range.
    #[error("segments of {0} bytes are refused; choose between 524288 and 1073741824")]
    SegmentBytes(u64),
    /// No such entry, or a range beyond the end.
    #[error("there is no entry {index}; the log holds {size}")]
    NoEntry {
        /// Asked for.
        index: u64,
        /// Entries there are.
        size: u64,
    },
    /// An object name that cannot be a file name.
    #[error("`{0}` is no object name: 1 to 40 characters of a-z, 0-9 and -, not starting with -")]
    ObjectName(String),
    /// A blob that was never put here, or lost.
    #[error("the {object} {digest} is not in the blob store; restore it from a backup or a bundle")]
    BlobMissing {
        /// The kind of object.
        object: String,
        digest: Digest,
    },
    /// A blob whose bytes no longer hash to its name.
    #[error("the {object} {digest} is damaged in the blob store; restore it from a backup or a bundle")]
    BlobDamaged {
        /// The kind of object.
        object: String,
        /// The digest it was stored under.
        digest: Digest,
    },
    /// A subject whose key was destroyed takes no new text.
    #[error("subject {0} has been erased; nothing more can be sealed under its key")]
    Erased(Id),
    /// A key that was neither made nor destroyed here.
    #[error("the key of {0} is missing; restore the subject keys from their own backup")]
    KeyMissing(String),
    /// A key file that is not 32 bytes.
    #[error("the key file {} is damaged; restore the subject keys from their own backup", .0.display())]
    KeyDamaged(PathBuf),
    /// Sealed bytes that do not open under this key and context.
    #[error("the sealed text does not open: it was altered, or belongs to another entry")]
    Unsealed,
    /// Bytes that are no payload.
    #[error("not a payload: {0}")]
    Payload(&'static str),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    Random(String),
}

impl LedgerError {
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }
}
