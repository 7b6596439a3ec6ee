//! `head.json`: how far the ledger was seen. Never given up, whatever happens to the entries.

use crate::{FollowerError, disk};
use model::Digest;
use serde::{Deserialize, Serialize};
use signed::Seen;
use std::path::Path;
use tlog::EMPTY_ROOT;

/// The highest tree this follower has verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    /// Entries.
    pub(crate) size: u64,
    /// Root over them.
    pub(crate) root: Digest,
    /// Bytes of `entries.log` that hold them; what lies beyond was not verified.
    pub(crate) bytes: u64,
    /// The signed checkpoint: the evidence, should the log ever deny it. Empty before the first.
    pub(crate) checkpoint: String,
}

impl Head {
    /// Nothing seen.
    pub(crate) fn empty() -> Self {
        Self { size: 0, root: EMPTY_ROOT, bytes: 0, checkpoint: String::new() }
    }

    /// Reads it; a directory that never held a replica gets an empty one first, so that a head that
    /// is missing later is known to be lost.
    pub(crate) fn open(dir: &Path, fresh: bool) -> Result<Self, FollowerError> {
        let path = dir.join("head.json");
        let bad = |why: String| FollowerError::Head { path: path.clone(), why };
        match disk::read(&path)? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string())),
            None if fresh => {
                let head = Self::empty();
                head.write(dir)?;
                Ok(head)
            }
            None => Err(bad("it is missing beside entries.log".to_owned())),
        }
    }

    pub(crate) fn write(&self, dir: &Path) -> Result<(), FollowerError> {
        let bytes = serde_json::to_vec(self).expect("a head is numbers and texts, which always have a JSON form");
        disk::replace(&dir.join("head.json"), &bytes)
    }

    pub(crate) fn seen(&self) -> Option<Seen> {
        (self.size > 0).then_some(Seen { size: self.size, root: self.root })
    }
}

/// `stopped.json`: what was found, so that a restart does not forget it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stop {
    /// The leaf (or the size) at which it was found.
    pub(crate) index: u64,
    /// What was found.
    pub(crate) why: String,
    /// The checkpoint that was signed over it.
    pub(crate) checkpoint: String,
}

impl Stop {
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, FollowerError> {
        let Some(bytes) = disk::read(&dir.join("stopped.json"))? else { return Ok(None) };
        // An unreadable one still says that somebody stopped: it is not skipped.
        let unreadable = || Self { index: 0, why: "stopped.json cannot be read".to_owned(), checkpoint: String::new() };
        Ok(Some(serde_json::from_slice(&bytes).unwrap_or_else(|_| unreadable())))
    }

    pub(crate) fn write(&self, dir: &Path) -> Result<(), FollowerError> {
        let bytes = serde_json::to_vec(self).expect("a stop is a number and texts, which always have a JSON form");
        disk::replace(&dir.join("stopped.json"), &bytes)
    }

    pub(crate) fn error(&self) -> FollowerError {
        FollowerError::Stopped { index: self.index, why: self.why.clone() }
    }
}
