//! `state.snapshot`, the state snapshot: the state as this directory's own replay made it, so that a start need not decide
//! every leaf again. A cache: whatever is not exactly as it was written is passed by and the leaves are
//! replayed, which is slower and never an error.

use crate::replica::Replica;
use crate::{FollowerError, binary, disk};
use control::State;
use model::Digest;
use serde::{Deserialize, Serialize};
use std::path::Path;

const NAME: &str = "state.snapshot";

/// Leaves that are cheaper to replay than to keep writing snapshots for.
const FEW_LEAVES: u64 = 256;

/// A state, and what it rests on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<S> {
    /// Leaves folded.
    size: u64,
    /// Root of the tree over them.
    root: Digest,
    /// The ledger, by its genesis digest.
    ledger: Digest,
    /// The executable that folded them.
    binary: Digest,
    /// Device and number of the replica's file: a copy of the directory is another one.
    replica: (u64, u64),
    /// The state after them.
    state: S,
}

/// A state that this directory stored, not yet compared with the directory's own leaves.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) size: u64,
    pub(crate) root: Digest,
    pub(crate) state: State,
}

impl Snapshot {
    /// Whether so much was folded since the last one that another is worth writing: what is written over
    /// a ledger's whole life stays in proportion to it.
    pub(crate) fn is_due(stored: u64, size: u64) -> bool {
        size.saturating_sub(stored) >= FEW_LEAVES.max(size / 16)
    }

    /// Reads what this directory stored; none where there is nothing, or nothing to rely on.
    pub(crate) fn read(dir: &Path, replica: &Replica) -> Option<Self> {
        let bytes = disk::read(&dir.join(NAME)).ok()??;
        match Self::parse(&bytes, replica) {
            Ok(snapshot) => Some(snapshot),
            Err(why) => {
                tracing::debug!(why, dir = %dir.display(), "follower: the stored state is not used: the leaves are replayed");
                None
            }
        }
    }

    fn parse(bytes: &[u8], replica: &Replica) -> Result<Self, String> {
        let position = bytes.iter().position(|byte| *byte == b'\n').ok_or("it has no checksum")?;
        let (checksum, body) = (&bytes[..position], &bytes[position + 1..]);
        if checksum != checksum_of(body).as_bytes() {
            return Err("its bytes are not those that were written".to_owned());
        }
        let stored: Stored<State> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        if Some(stored.binary) != binary::identity() {
            return Err("another executable wrote it".to_owned());
        }
        if Some(stored.replica) != replica.identity().ok() {
            return Err("it was made beside another replica".to_owned());
        }
        if (stored.state.size, stored.state.ledger) != (stored.size, stored.ledger) {
            return Err("its state is not of the size and ledger that it names".to_owned());
        }
        Ok(Self { size: stored.size, root: stored.root, state: stored.state })
    }

    /// Stores a state. Whoever calls has the right to write. False where the executable cannot be told.
    pub(crate) fn write(dir: &Path, replica: &Replica, root: Digest, state: &State) -> Result<bool, FollowerError> {
        let Some(binary) = binary::identity() else { return Ok(false) };
        let path = dir.join(NAME);
        remove_drafts(dir).map_err(FollowerError::io("remove", dir))?;
        let replica = replica.identity().map_err(FollowerError::io("read", &path))?;
        let stored = Stored { size: state.size, root, ledger: state.ledger, binary, replica, state };
        let body =
            serde_json::to_vec(&stored).expect("a state has a JSON form: its maps are lists or have texts as keys");
        let bytes = [checksum_of(&body).as_bytes(), b"\n", &body].concat();
        disk::replace(&path, &bytes)?;
        Ok(true)
    }

    /// Forgets what is stored.
    pub(crate) fn remove(dir: &Path) -> Result<(), FollowerError> {
        let path = dir.join(NAME);
        if path.exists() { disk::remove(&path) } else { Ok(()) }
    }
}

fn checksum_of(body: &[u8]) -> String {
    Digest::of_object("snapshot", body).to_string()
}

/// Removes what processes that were killed while writing left behind: no other writes now.
fn remove_drafts(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("state.snapshot.new-") {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
