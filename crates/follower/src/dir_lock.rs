//! Who may write in a replica's directory: one process for good, or several that take turns.

use crate::{FollowerError, disk};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// Longest wait for a turn. What is done in one is a flush of what was verified before.
const LOCK_WITHIN: Duration = Duration::from_secs(10);

/// A directory, and how it is kept from other processes.
#[derive(Debug)]
pub(crate) struct DirLock {
    dir: PathBuf,
    /// Locked for as long as this lives; absent: turns are taken.
    always: Option<File>,
}

/// The right to write, until it is dropped. `None` inside: this process holds it anyhow.
#[derive(Debug)]
pub(crate) struct WriteLock(#[expect(dead_code, reason = "held until it is dropped")] Option<File>);

impl DirLock {
    /// Keeps every other process out.
    pub(crate) fn always(dir: &Path) -> Result<Self, FollowerError> {
        Ok(Self { dir: dir.to_owned(), always: Some(disk::lock(dir)?) })
    }

    /// Shares the directory with others that do so.
    pub(crate) fn shared(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), always: None }
    }

    /// The directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether others may have written since this process's last turn.
    pub(crate) fn is_shared(&self) -> bool {
        self.always.is_none()
    }

    /// Waits for the right to write; blocks, for [`LOCK_WITHIN`] at most.
    pub(crate) fn write_lock(&self) -> Result<WriteLock, FollowerError> {
        if self.always.is_some() {
            return Ok(WriteLock(None));
        }
        let file = match disk::try_lock(&self.dir)? {
            Ok(locked) => return Ok(WriteLock(Some(locked))),
            Err(file) => file,
        };
        // The system's wait has no limit, so it is waited for on a thread of its own. Given up, the
        // thread lets the lock go as soon as it gets it.
        let (send, locked) = mpsc::channel();
        std::thread::spawn(move || send.send(file.lock().map(|()| file)));
        let path = self.dir.join("lock");
        match locked.recv_timeout(LOCK_WITHIN) {
            Ok(file) => file.map(|file| WriteLock(Some(file))).map_err(FollowerError::io("lock", &path)),
            Err(_) => Err(FollowerError::Busy { path, within_s: LOCK_WITHIN.as_secs() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn turns_are_taken_by_one_at_a_time_and_by_nobody_beside_an_owner() {
        let dir = tempfile::tempdir().unwrap();
        let (writing, most) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let hold = DirLock::shared(dir.path());
                    for _ in 0..50 {
                        let lock = hold.write_lock().unwrap();
                        most.fetch_max(writing.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        writing.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 1);
        let lock = DirLock::shared(dir.path()).write_lock().unwrap();
        assert!(matches!(DirLock::always(dir.path()), Err(FollowerError::Locked(_))));
        drop(lock);
        assert!(!DirLock::always(dir.path()).unwrap().is_shared());
    }
}
