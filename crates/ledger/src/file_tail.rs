//! The durable tail in files: two sets of segments under one exclusive lock.

use crate::{
    Appended, Damage, Frame, LedgerError, Place, PutCheckpoint, Recovered, Reserve, Tail, Visit, disk,
    recover::survey,
    scan::{CHECKPOINTS, ENTRIES},
    segments::Segments,
};
use std::{
    collections::HashMap,
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Size of a checkpoint segment, in bytes.
const CHECKPOINT_SEGMENT: u64 = 256 << 10;
/// Room kept for checkpoints, in bytes: some dozens of them.
const CHECKPOINT_ROOM: u64 = 16 << 10;
/// Segment files kept open for reading.
const OPEN_FILES: usize = 32;

/// Segment files in a directory; the directory is locked as long as this lives.
pub struct FileTail {
    dir: PathBuf,
    segment_bytes: u64,
    fence: AtomicU64,
    entries: Mutex<Option<Segments>>,
    checkpoints: Mutex<Option<Checkpoints>>,
    /// What `checkpoints` has left, readable without waiting for a flush in progress.
    checkpoint_room: AtomicU64,
    open: Mutex<HashMap<u32, Arc<File>>>,
    /// Held while a spare entry segment is made, so that `entries` need not be.
    making: Mutex<()>,
    _lock: File,
}

struct Checkpoints {
    segments: Segments,
    last: Option<(u64, String)>,
}

impl FileTail {
    /// Opens and locks `dir`, creating it if need be. `segment_bytes` is the size of new segments.
    ///
    /// # Errors
    /// `Locked` when another process (or this one) has it open, or `Io`.
    pub fn open(dir: &Path, segment_bytes: u64) -> Result<Self, LedgerError> {
        disk::private_dir(dir).map_err(LedgerError::io("create", dir))?;
        let path = dir.join("lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(LedgerError::io("open", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LedgerError::Locked { dir: dir.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(LedgerError::Io { what: "lock", path, source }),
        }
        Ok(Self {
            dir: dir.to_owned(),
            segment_bytes,
            fence: AtomicU64::new(0),
            entries: Mutex::new(None),
            checkpoints: Mutex::new(None),
            checkpoint_room: AtomicU64::new(0),
            open: Mutex::new(HashMap::new()),
            making: Mutex::new(()),
            _lock: lock,
        })
    }

    /// Leaves a frame half written, as a power cut would: its first `keep` bytes only.
    #[cfg(feature = "faults")]
    pub(crate) fn tear(&self, frame: &mut Frame, keep: usize) -> io::Result<()> {
        let mut entries = hold(&self.entries);
        let segments = entries.as_mut().ok_or_else(closed)?;
        let first = segments.size();
        let staged = segments.stage(frame, first)?;
        let keep = keep.min(frame.len());
        staged.file.write_all_at(&frame.bytes()[..keep], u64::from(staged.place.offset))?;
        staged.file.sync_data()
    }

    /// Makes a spare entry segment when less than `bytes` are left. Appends go on meanwhile; they
    /// cannot move to the next segment without this spare.
    fn make_spare(&self, bytes: u64) -> io::Result<()> {
        let lacking = || hold(&self.entries).as_ref().ok_or_else(closed).map(|segments| segments.lacking(bytes));
        if lacking()?.is_none() {
            return Ok(());
        }
        let _one = hold(&self.making);
        if let Some((path, len)) = lacking()? {
            let spare = disk::segment(&path, &[], len)?;
            hold(&self.entries).as_mut().ok_or_else(closed)?.install(spare);
        }
        Ok(())
    }

    fn file(&self, segment: u32) -> Result<Arc<File>, LedgerError> {
        let mut open = hold(&self.open);
        if let Some(file) = open.get(&segment) {
            return Ok(Arc::clone(file));
        }
        let path = self.dir.join(ENTRIES.file_name(segment));
        let file = Arc::new(File::open(&path).map_err(LedgerError::io("open", &path))?);
        if open.len() >= OPEN_FILES {
            open.clear();
        }
        open.insert(segment, Arc::clone(&file));
        Ok(file)
    }
}

fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> io::Error {
    io::Error::other("the tail was not recovered yet")
}

fn full_or_failed(error: io::Error) -> Reserve {
    if disk::is_full(&error) { Reserve::Full } else { Reserve::Failed(error) }
}

impl Tail for FileTail {
    fn recover(&self, visit: &mut dyn Visit) -> Result<Recovered, LedgerError> {
        let mut last: Option<(u64, String)> = None;
        let notes = survey(&self.dir, CHECKPOINTS, &mut |segment, at, view| {
            let text = view.spans.first().and_then(|span| std::str::from_utf8(span.leaf(view.bytes)).ok());
            let Some(note) = text.filter(|_| view.spans.len() == 1) else {
                let (file, why) =
                    (self.dir.join(CHECKPOINTS.file_name(segment)), "the frame holds no checkpoint".to_owned());
                return Err(LedgerError::Damage(Damage {
                    file,
                    offset: at as u64,
                    index: view.first,
                    why,
                    unfinished: false,
                }));
            };
            visit.checkpoint(view.first, note)?;
            last = Some((view.first, note.to_owned()));
            Ok(())
        })?;
        let found = survey(&self.dir, ENTRIES, &mut |segment, at, view| {
            for (index, span) in (view.first..).zip(&view.spans) {
                let offset = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(span.at);
                visit.entry(index, Place { segment, offset }, span.leaf(view.bytes), span.payload(view.bytes))?;
            }
            Ok(())
        })?;
        let (size, promised) = (found.next.first, last.as_ref().map_or(0, |(size, _)| *size));
        if promised > size {
            let file = self.dir.join(ENTRIES.file_name(found.next.segment));
            let lost = Damage {
                why: format!("a checkpoint was signed for {promised} entries, but only {size} are here"),
                unfinished: false,
                ..found.unfinished.unwrap_or(Damage {
                    file,
                    offset: found.last.len() as u64,
                    index: size,
                    why: String::new(),
                    unfinished: false,
                })
            };
            return Err(LedgerError::Damage(lost));
        }
        for torn in [&notes.unfinished, &found.unfinished].into_iter().flatten() {
            tracing::warn!(file = %torn.file.display(), offset = torn.offset, "ledger: dropping a write that was cut off before it was acknowledged");
        }
        let entries = Segments::resume(&self.dir, ENTRIES, self.segment_bytes, &found)?;
        let mut segments = Segments::resume(&self.dir, CHECKPOINTS, CHECKPOINT_SEGMENT, &notes)?;
        // The first checkpoint after a start comes before any `reserve`.
        segments.reserve(CHECKPOINT_ROOM).map_err(LedgerError::io("reserve space in", &self.dir))?;
        let fence = entries.sequence();
        self.fence.store(fence, Ordering::Relaxed);
        self.checkpoint_room.store(segments.room(), Ordering::Relaxed);
        *hold(&self.entries) = Some(entries);
        *hold(&self.checkpoints) = Some(Checkpoints { segments, last });
        Ok(Recovered { size, fence })
    }

    fn reserve(&self, bytes: usize) -> Result<(), Reserve> {
        if bytes as u64 > self.segment_bytes {
            return Err(Reserve::Failed(io::Error::other("a frame this large fits no segment")));
        }
        self.make_spare(bytes as u64).map_err(full_or_failed)?;
        if self.checkpoint_room.load(Ordering::Relaxed) < CHECKPOINT_ROOM {
            let mut checkpoints = hold(&self.checkpoints);
            let checkpoints = checkpoints.as_mut().ok_or_else(|| Reserve::Failed(closed()))?;
            checkpoints.segments.reserve(CHECKPOINT_ROOM).map_err(full_or_failed)?;
            self.checkpoint_room.store(checkpoints.segments.room(), Ordering::Relaxed);
        }
        Ok(())
    }

    fn prepare(&self) {
        if let Err(error) = self.make_spare(self.segment_bytes / 2) {
            // Nothing is lost yet: `reserve` tries again and gives the answer that counts.
            tracing::warn!(%error, "ledger: no spare segment could be made");
        }
    }

    fn append(&self, expected_size: u64, fence: u64, frame: &mut Frame) -> Appended {
        let mut entries = hold(&self.entries);
        let Some(segments) = entries.as_mut() else { return Appended::Fenced };
        if fence != self.fence.load(Ordering::Relaxed) || segments.size() != expected_size || frame.count() == 0 {
            return Appended::Fenced;
        }
        match segments.append(frame, expected_size) {
            Ok(place) => Appended::Committed(place),
            Err(error) => {
                // Without its segments this tail can never append again: the flush is not retried.
                *entries = None;
                Appended::Unknown(error)
            }
        }
    }

    fn put_checkpoint(&self, size: u64, note: &str) -> Result<(), PutCheckpoint> {
        let mut held = hold(&self.checkpoints);
        let checkpoints = held.as_mut().ok_or_else(|| PutCheckpoint::Failed(closed()))?;
        match &checkpoints.last {
            Some((last, text)) if *last == size && text == note => return Ok(()),
            Some((last, _)) if *last >= size => return Err(PutCheckpoint::Conflict),
            _ => {}
        }
        let mut frame = Frame::new();
        let pushed = frame.push(note.as_bytes(), &[]).map_err(io::Error::other);
        let stored = pushed.and_then(|()| checkpoints.segments.append(&mut frame, size));
        if let Err(error) = stored {
            *held = None;
            return Err(PutCheckpoint::Failed(error));
        }
        checkpoints.last = Some((size, note.to_owned()));
        self.checkpoint_room.store(checkpoints.segments.room(), Ordering::Relaxed);
        Ok(())
    }

    fn read(&self, at: Place, len: usize) -> Result<Vec<u8>, LedgerError> {
        let mut bytes = vec![0; len];
        let path = || self.dir.join(ENTRIES.file_name(at.segment));
        self.file(at.segment)?
            .read_exact_at(&mut bytes, u64::from(at.offset))
            .map_err(|error| LedgerError::io("read", path())(error))?;
        Ok(bytes)
    }
}
