//! One set of prewritten segment files, appended to by one writer.

use crate::{
    Frame, LedgerError, Place, disk,
    frame::Head,
    recover::{Survey, list},
    scan::Set,
};
use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The open end of a set of segments.
pub(crate) struct Segments {
    set: Set,
    dir: PathBuf,
    bytes: u64,
    file: Arc<File>,
    at: u64,
    end: u64,
    spare: Option<Arc<File>>,
    next: Head,
}

/// A sealed frame and where it goes.
pub(crate) struct Staged {
    pub file: Arc<File>,
    pub place: Place,
}

impl Segments {
    /// Goes on where a survey ended. The valid frames of the last segment are copied to a fresh
    /// file and flushed first: what the page cache shows after a failed flush may not be on disk.
    pub(crate) fn resume(dir: &Path, set: Set, bytes: u64, survey: &Survey) -> Result<Self, LedgerError> {
        let number = survey.next.segment;
        let path = dir.join(set.file_name(number));
        let at = survey.last.len() as u64;
        let end = bytes.max(at);
        let file = disk::segment(&path, &survey.last, end).map_err(LedgerError::io("rewrite", &path))?;
        for (_, behind) in list(dir, set)?.into_iter().filter(|(n, _)| *n > number) {
            fs::remove_file(&behind).map_err(LedgerError::io("remove", &behind))?;
        }
        disk::sync_dir(dir).map_err(LedgerError::io("flush", dir))?;
        Ok(Self { set, dir: dir.to_owned(), bytes, file: Arc::new(file), at, end, spare: None, next: survey.next })
    }

    /// Entries (for checkpoints: the least size that may follow).
    pub(crate) fn size(&self) -> u64 {
        self.next.first
    }

    /// Frames written so far.
    pub(crate) fn sequence(&self) -> u64 {
        self.next.sequence
    }

    /// Bytes left for frames whose space is reserved.
    pub(crate) fn room(&self) -> u64 {
        let spare = if self.spare.is_some() { self.bytes } else { 0 };
        spare.max(self.end - self.at)
    }

    /// The spare segment to make when less than `bytes` are left: its path and size.
    pub(crate) fn lacking(&self, bytes: u64) -> Option<(PathBuf, u64)> {
        let lacking = self.room() < bytes && self.spare.is_none();
        lacking.then(|| (self.dir.join(self.set.file_name(self.next.segment + 1)), self.bytes))
    }

    /// Takes the spare segment that was lacking.
    pub(crate) fn install(&mut self, spare: File) {
        self.spare = Some(Arc::new(spare));
    }

    /// Makes sure that frames of `bytes` in all find room.
    pub(crate) fn reserve(&mut self, bytes: u64) -> io::Result<()> {
        if let Some((path, len)) = self.lacking(bytes) {
            self.install(disk::segment(&path, &[], len)?);
        }
        Ok(())
    }

    /// Gives the frame its place, header and checksum.
    pub(crate) fn stage(&mut self, frame: &mut Frame, first: u64) -> io::Result<Staged> {
        let len = frame.len() as u64;
        if self.at + len > self.end {
            let fits = len <= self.bytes;
            let spare = self
                .spare
                .take()
                .filter(|_| fits)
                .ok_or_else(|| io::Error::other("no space was reserved for this frame"))?;
            self.file = spare;
            self.at = 0;
            self.end = self.bytes;
            self.next.segment += 1;
        }
        let head = Head { first, ..self.next };
        let previous = frame.seal(&head);
        let offset = u32::try_from(self.at).map_err(io::Error::other)?;
        let count = if self.set.contiguous { frame.count() as u64 } else { 1 };
        self.next = Head { sequence: head.sequence + 1, first: first + count, previous, ..head };
        self.at += len;
        Ok(Staged { file: Arc::clone(&self.file), place: Place { segment: head.segment, offset } })
    }

    /// Stages, writes and flushes: one write, one flush.
    pub(crate) fn append(&mut self, frame: &mut Frame, first: u64) -> io::Result<Place> {
        let staged = self.stage(frame, first)?;
        staged.file.write_all_at(frame.bytes(), u64::from(staged.place.offset))?;
        staged.file.sync_data()?;
        Ok(staged.place)
    }
}
