//! Room for uploads: how much may lie here that nobody has published, and what of the disk stays free.

use artifact::ArtifactError;
use rustix::fs::statvfs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of archives that nobody has published, those on their way included: three of the largest size.
pub(crate) const UNPUBLISHED_MAX: u64 = 8 << 30;
/// What no upload takes of the disk: the replica of the ledger and the journal of leases lie on it too, and a journal that
/// cannot be written ends the process.
pub(crate) const FREE_MIN: u64 = 1 << 30;
/// Bytes between two looks at what is free.
const LOOK_EVERY: u64 = 4 << 20;

/// Why an upload is not taken, or not taken further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRoom {
    #[error(
        "{} MiB are free on the disk of Platform Services, and it keeps {} MiB free for its ledger and its journal",
        .free >> 20, .kept >> 20
    )]
    Disk { free: u64, kept: u64 },
    #[error(
        "{} MiB that nobody has published lie here or are on their way, and {} MiB are the most",
        .held >> 20, UNPUBLISHED_MAX >> 20
    )]
    Unpublished { held: u64 },
}

/// The room of one disk. Clones share.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    dir: PathBuf,
    free_min: u64,
    /// Bytes of what nobody has published that are on their way.
    coming: Arc<Mutex<u64>>,
}

/// A part of the room that is held for an upload until this is dropped.
#[derive(Debug)]
pub(crate) struct Coming {
    room: Room,
    bytes: u64,
}

impl Room {
    /// Of the disk that `dir` lies on.
    pub(crate) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), free_min: FREE_MIN, coming: Arc::default() }
    }

    /// Whether so many more bytes leave enough of the disk.
    ///
    /// # Errors
    /// [`NoRoom::Disk`] inside; or the system does not say what is free.
    pub(crate) fn leaves_enough(&self, more: u64) -> io::Result<()> {
        let disk = statvfs(&self.dir)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < self.free_min.saturating_add(more) {
            return Err(io::Error::other(NoRoom::Disk { free, kept: self.free_min }));
        }
        Ok(())
    }

    /// Holds room for `bytes` of something that nobody has published; `kept` counts what of that lies here already. Nobody
    /// else is given room meanwhile.
    pub(crate) fn hold(
        &self,
        bytes: u64,
        kept: impl FnOnce() -> Result<u64, ArtifactError>,
    ) -> Result<Result<Coming, NoRoom>, ArtifactError> {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        let held = kept()?.saturating_add(*coming);
        if held.saturating_add(bytes) > UNPUBLISHED_MAX {
            return Ok(Err(NoRoom::Unpublished { held }));
        }
        *coming = coming.saturating_add(bytes);
        Ok(Ok(Coming { room: self.clone(), bytes }))
    }

    /// `from`, as long as enough of the disk is free: no piece is taken without.
    pub(crate) fn sparing<R: Read>(&self, from: R) -> Sparing<R> {
        Sparing { from, room: self.clone(), until_look: 0 }
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        let mut coming = self.room.coming.lock().unwrap_or_else(PoisonError::into_inner);
        *coming = coming.saturating_sub(self.bytes);
    }
}

/// A reader that fails once too little of the disk is free for what it reads.
pub(crate) struct Sparing<R> {
    from: R,
    room: Room,
    until_look: u64,
}

impl<R: Read> Read for Sparing<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.until_look == 0 {
            self.room.leaves_enough(LOOK_EVERY)?;
            self.until_look = LOOK_EVERY;
        }
        let length = self.from.read(to)?;
        self.until_look = self.until_look.saturating_sub(length as u64);
        Ok(length)
    }
}

/// What an error of a reader says about room, if it does: this module's own, or that the system has none left.
pub(crate) fn no_room(error: &io::Error) -> Option<NoRoom> {
    let own = error.get_ref().and_then(|inner| inner.downcast_ref::<NoRoom>()).copied();
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    own.or_else(|| full.then_some(NoRoom::Disk { free: 0, kept: FREE_MIN }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use artifact::ArtifactStore;

    #[test]
    fn nothing_is_taken_that_would_leave_too_little_of_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let tar = dir.path().join("a.tar");
        let digest = testkit::packed(&tar, "2026.04", b"one");
        let store = ArtifactStore::open(dir.path().join("artifacts")).unwrap();
        let read = || std::fs::File::open(&tar).unwrap();
        let all = Room { free_min: u64::MAX, ..Room::of(dir.path()) };
        let Err(ArtifactError::Io { source, .. }) = store.receive(&mut all.sparing(read()), &digest) else {
            panic!("it was taken");
        };
        assert!(matches!(no_room(&source), Some(NoRoom::Disk { kept: u64::MAX, .. })), "{source}");
        assert_eq!(std::fs::read_dir(dir.path().join("artifacts/archives")).unwrap().count(), 0, "nothing stays");
        let none = Room { free_min: 0, ..Room::of(dir.path()) };
        store.receive(&mut none.sparing(read()), &digest).unwrap();
        assert!(none.leaves_enough(u64::MAX).is_err());
    }

    /// The disk fills up while it is read.
    #[test]
    fn what_is_free_is_looked_at_again_every_few_mebibytes() {
        let dir = tempfile::tempdir().unwrap();
        let room = Room { free_min: 0, ..Room::of(dir.path()) };
        let mut reader = room.sparing(io::repeat(0));
        let mut piece = vec![0; usize::try_from(LOOK_EVERY).unwrap()];
        reader.read_exact(&mut piece).unwrap();
        reader.room.free_min = u64::MAX;
        assert!(no_room(&reader.read(&mut piece).unwrap_err()).is_some());
    }

    #[test]
    fn a_disk_that_is_full_is_told_from_what_broke_off() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(no_room(&full).is_some() && no_room(&io::Error::from(io::ErrorKind::QuotaExceeded)).is_some());
        assert_eq!(no_room(&io::Error::other("broken off")), None);
    }

    #[test]
    fn what_nobody_has_published_has_a_budget_with_what_is_on_its_way() {
        let room = Room::of(Path::new("/"));
        let half = UNPUBLISHED_MAX / 2;
        let hold = |bytes, kept| room.hold(bytes, || Ok(kept)).unwrap();
        let first = hold(half, 0).unwrap();
        assert_eq!(hold(half, 1).unwrap_err(), NoRoom::Unpublished { held: half + 1 });
        let second = hold(half, 0).unwrap();
        assert_eq!(hold(1, 0).unwrap_err(), NoRoom::Unpublished { held: UNPUBLISHED_MAX });
        drop((first, second));
        hold(UNPUBLISHED_MAX, 0).unwrap();
    }
}
