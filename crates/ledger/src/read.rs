//! Offline reading, without lock and without repair: for `audit verify` and for tests.
//!
//! Every byte of every segment and tile file is checked; each defect is named and reading goes on
//! behind it. On a log that is being written, the newest frame may be seen half written; what is
//! signed while the entries are read is left out.

mod check;
mod entries;
mod report;
mod tile_files;
mod walk;

pub use entries::Entries;
pub use report::Report;

use crate::{LedgerError, scan::ENTRIES};
use std::path::{Path, PathBuf};
use tlog::note::VerifierKey;

/// A log's directory, to be read only.
#[derive(Debug, Clone)]
pub struct LogReader {
    dir: PathBuf,
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
        Entries::new(&self.dir)
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
