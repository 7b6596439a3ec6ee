//! `head.json`: how far the ledger was seen. Never given up, whatever happens to the entries.

use crate::{FollowerError, disk};
use model::Digest;
use serde::{Deserialize, Serialize};
use signed::Seen;
use std::path::Path;
use tlog::checkpoint::Checkpoint;
use tlog::note::{Note, VerifierKey};
use tlog::{EMPTY_ROOT, TlogError};

/// Its file.
pub(crate) const HEAD: &str = "head.json";

/// The log that is followed: its pinned keys and its origin line.
#[derive(Debug, Clone)]
pub(crate) struct LogName {
    pub(crate) keys: Vec<VerifierKey>,
    pub(crate) origin: String,
}

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

    /// Reads it, and believes of it what the log's own checkpoint in it says; why not, where it is damaged. A directory
    /// that never held a replica gets an empty one first, so that a head that is missing later is known to be lost.
    pub(crate) fn open(dir: &Path, fresh: bool, log: &LogName) -> Result<Result<Self, String>, FollowerError> {
        match disk::read(&dir.join(HEAD))? {
            Some(bytes) => {
                Ok(serde_json::from_slice(&bytes).map_err(|error| error.to_string()).and_then(|head: Self| {
                    head.holds(log)?;
                    Ok(head)
                }))
            }
            None if fresh => {
                let head = Self::empty();
                head.write(dir)?;
                Ok(Ok(head))
            }
            None => Ok(Err("it is missing beside entries.log".to_owned())),
        }
    }

    /// Reads it for who writes nothing and verifies what it says.
    pub(crate) fn read(dir: &Path) -> Result<Self, FollowerError> {
        let path = dir.join(HEAD);
        let bytes = disk::read(&path)?;
        let head = bytes.map_or_else(
            || Err("it is missing".to_owned()),
            |bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
        );
        head.map_err(|why| FollowerError::Head { path, why })
    }

    /// What it says must be what the log signed; where nothing signed is kept, only the entries themselves say it.
    fn holds(&self, log: &LogName) -> Result<(), String> {
        if !self.is_signed() {
            return Ok(());
        }
        let signed = match Checkpoint::open(&self.checkpoint, &log.keys, &log.origin) {
            // By a key that the ledger listed after the pin; it was verified when it was kept.
            Err(TlogError::NoKnownSignature) => {
                Note::parse(&self.checkpoint).and_then(|note| Checkpoint::parse(&note.text))
            }
            signed => signed,
        };
        let signed = signed.map_err(|error| format!("its checkpoint is not the log's: {error}"))?;
        let same = (signed.size, signed.root) == (self.size, self.root);
        if same { Ok(()) } else { Err("its size and root are not those of its own checkpoint".to_owned()) }
    }

    /// Whether the log has signed this very tree. A head that was rebuilt from the entries is not signed before the log
    /// is heard again, and what contradicts it may be damage of this disk: it proves nothing against the log.
    pub(crate) fn is_signed(&self) -> bool {
        !self.checkpoint.is_empty()
    }

    pub(crate) fn write(&self, dir: &Path) -> Result<(), FollowerError> {
        let bytes = serde_json::to_vec(self).expect("a head is numbers and texts, which always have a JSON form");
        disk::replace(&dir.join(HEAD), &bytes)
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
        let path = dir.join("stopped.json");
        let Some(bytes) = disk::read(&path)? else { return Ok(None) };
        // A damaged one still says that this follower has stopped, and not over what: it is not skipped.
        let damaged = || Self {
            index: 0,
            why: format!(
                "`{}` is damaged: it said over what this follower stopped; find that in its log, and remove the file only \
                 if the ledger is not to blame",
                path.display()
            ),
            checkpoint: String::new(),
        };
        Ok(Some(serde_json::from_slice(&bytes).unwrap_or_else(|_| damaged())))
    }

    pub(crate) fn write(&self, dir: &Path) -> Result<(), FollowerError> {
        let bytes = serde_json::to_vec(self).expect("a stop is a number and texts, which always have a JSON form");
        disk::replace(&dir.join("stopped.json"), &bytes)
    }

    pub(crate) fn error(&self) -> FollowerError {
        FollowerError::Stopped { index: self.index, why: self.why.clone() }
    }
}
