//! The records of changes that have ended, one file each, so that a process keeps none of them in memory.
//!
//! Derived: whoever folds a ledger hands over each record with the leaf after which its change was over,
//! and a replay from leaf 0 makes all of them again. What is missing or damaged is a change that cannot
//! be shown here, and nothing else.

use control::{Change, EndedChanges};
use durable_file::Mended;
use model::{ChangeId, Digest};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// What to do about a record that is not there.
const MADE_AGAIN: &str = "start this process again: it makes the record again from the ledger";

/// A directory of records.
#[derive(Debug)]
pub struct Archive {
    dir: PathBuf,
    files: Mended,
}

impl Archive {
    /// Opens the directory, or makes it, for this user only.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(dir: &Path) -> io::Result<Self> {
        make_dir(dir)?;
        Ok(Self { dir: dir.to_owned(), files: Mended::default() })
    }

    /// Which records could not be written or read: readiness says it.
    pub fn files(&self) -> &Mended {
        &self.files
    }

    /// Keeps the record of a change that has ended. One that is there already is not written again.
    ///
    /// # Errors
    /// When it cannot be written; the file is then as it was.
    pub fn keep(&self, change: &Change) -> io::Result<()> {
        let body = serde_json::to_vec(change)?;
        let bytes = [checksum(&body).as_bytes(), b"\n", &body].concat();
        let path = self.path(&change.package.change);
        if fs::read(&path).is_ok_and(|known| known == bytes) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            make_dir(parent)?;
        }
        durable_file::replace_unflushed(&path, &bytes, 0o600)?;
        self.files.whole(&path);
        Ok(())
    }

    /// Keeps records, as [`Archive::keep`] does each. One that cannot be written is logged: nothing is
    /// decided by it, and the next replay makes it again.
    pub fn keep_all(&self, changes: &[Change]) {
        for change in changes {
            if let Err(error) = self.keep(change) {
                let path = self.path(&change.package.change);
                tracing::warn!(path = %path.display(), %error, "archive: the record of an ended change could not be written: it cannot be shown until this process is started again");
                let why = format!("the record of an ended change could not be written ({error}); {MADE_AGAIN}");
                self.files.damaged(&path, why);
            }
        }
    }

    /// Makes every record durable, whoever wrote it, before something is stored that would not make it again: the
    /// whole file system is flushed, which takes no list of what is new.
    ///
    /// # Errors
    /// When the directory cannot be opened, or its file system not flushed.
    pub fn flush(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(File::open(&self.dir)?)?)
    }

    /// By the first byte of its id, so that no directory has too many names.
    fn path(&self, id: &ChangeId) -> PathBuf {
        let id = id.to_string();
        self.dir.join(&id[..2]).join(format!("{id}.record"))
    }

    fn read(&self, id: &ChangeId) -> Result<Change, String> {
        let bytes = fs::read(self.path(id)).map_err(|error| error.to_string())?;
        let position = bytes.iter().position(|byte| *byte == b'\n').ok_or("it has no checksum")?;
        let (known, body) = (&bytes[..position], &bytes[position + 1..]);
        if known != checksum(body).as_bytes() {
            return Err("its bytes are not those that were written".to_owned());
        }
        let change: Change = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        if change.package.change == *id { Ok(change) } else { Err("it is another change's".to_owned()) }
    }
}

impl EndedChanges for Archive {
    fn record(&self, id: &ChangeId) -> Option<Change> {
        match self.read(id) {
            Ok(change) => Some(change),
            Err(why) => {
                let path = self.path(id);
                tracing::warn!(path = %path.display(), why, "archive: the record of an ended change cannot be read");
                self.files
                    .damaged(&path, format!("the record of an ended change cannot be read ({why}); {MADE_AGAIN}"));
                None
            }
        }
    }
}

fn checksum(body: &[u8]) -> String {
    Digest::of_object("record", body).to_string()
}

fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(test)]
mod tests;
