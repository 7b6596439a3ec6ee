//! Directories of the console's own for what is looked at and not kept: an upload, a theme that is unpacked.

use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Where they are made.
#[derive(Debug, Clone)]
pub(crate) struct ScratchRoom(PathBuf);

/// One of them; gone with this, whatever came of it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl ScratchRoom {
    /// Below the console's directory, without what a process that was killed left there.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let room = Self(dir.join("scratch"));
        match std::fs::remove_dir_all(&room.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make(&room.0)?;
        Ok(room)
    }

    /// A new one.
    pub(crate) fn scratch(&self) -> io::Result<Scratch> {
        let path = self.0.join(model::Digest(client::random_bytes()).short());
        make(&path)?;
        Ok(Scratch(path))
    }
}

impl Scratch {
    /// Where something of this name lies in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "console: what was looked at is removed at the next start");
        }
    }
}

fn make(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_of_a_scratch_or_of_a_process_that_was_killed() {
        let dir = tempfile::tempdir().unwrap();
        let room = ScratchRoom::open(dir.path()).unwrap();
        let (kept, gone) = (room.scratch().unwrap(), room.scratch().unwrap());
        std::fs::write(kept.path("a.tar"), "a").unwrap();
        std::fs::write(gone.path("b.tar"), "b").unwrap();
        let left = || std::fs::read_dir(dir.path().join("scratch")).unwrap().count();
        assert_eq!(left(), 2);
        drop(gone);
        assert_eq!(left(), 1);
        std::mem::forget(kept);
        ScratchRoom::open(dir.path()).unwrap();
        assert_eq!(left(), 0);
    }
}
