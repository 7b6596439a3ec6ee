//! Offline reading, without lock and without repair: for `audit verify` and for tests.
//!
//! Every byte of every segment and tile file is checked; each defect is named and reading goes on
//! behind it. On a log that is being written, the newest frame may be seen half written; what is
//! signed while the entries are read is left out.

mod check;
mod tile_files;
mod walk;

use crate::{Damage, Entry, LedgerError, scan::ENTRIES};
use model::Digest;
use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};
use tlog::note::VerifierKey;

/// A log's directory, to be read only.
#[derive(Debug, Clone)]
pub struct LogReader {
    dir: PathBuf,
}

/// What a full check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries that could be read without a gap, from the first.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// Stored checkpoints whose signature and root hold.
    pub checkpoints: u64,
    /// The largest of them: tree size and signed note.
    pub checkpoint: Option<(u64, String)>,
    /// Tile and bundle files that were compared.
    pub tiles: u64,
    /// Everything that is wrong; empty means that every byte is as it was written.
    pub damage: Vec<Damage>,
}

impl LogReader {
    /// Opens a log's directory.
    ///
    /// # Errors
    /// `Io` when it is no directory that can be listed.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        crate::recover::list(dir, ENTRIES)?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// The entries in order, each with its index, and every defect of the entry segments.
    pub fn entries(&self) -> Entries {
        Entries { walk: walk::Walk::new(&self.dir, ENTRIES), ready: VecDeque::new() }
    }

    /// The largest tree size that a stored checkpoint is for, unverified; 0 without any. On a log
    /// that is being written it grows.
    pub fn checkpoint_size(&self) -> u64 {
        check::largest(&self.dir)
    }

    /// Checks entries, checkpoints (by `key`, the log's, and `origin`) and tile files.
    pub fn verify(&self, origin: &str, keys: &[VerifierKey]) -> Report {
        check::Check::new(&self.dir, origin, keys).run(self.entries())
    }
}

/// Iterates over the entries of a log.
pub struct Entries {
    walk: walk::Walk,
    ready: VecDeque<(u64, Entry)>,
}

impl Iterator for Entries {
    type Item = Result<(u64, Entry), Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            match self.walk.next()? {
                Ok(frame) => self.ready.extend((frame.first..).zip(frame.entries)),
                Err(damage) => return Some(Err(damage)),
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
