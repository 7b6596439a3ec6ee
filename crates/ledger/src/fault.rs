//! A tail whose disk fails on demand. For tests only (feature `faults`).

use crate::{Appended, FileTail, Frame, LedgerError, Place, PutCheckpoint, Recovered, Reserve, Tail, Visit};
use std::{
    io,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
};

/// What fails, and when. Counts are of appends since the opening, the first one being 1.
#[derive(Debug, Default)]
pub struct Faults {
    /// This append is written, but its flush reports an error. 0: none.
    pub fail_flush: AtomicU64,
    /// This append is cut off after `tear_keep` bytes. 0: none.
    pub tear_write: AtomicU64,
    /// How many bytes of the torn frame reach the disk.
    pub tear_keep: AtomicU64,
    /// Flushes of checkpoints report an error.
    pub fail_checkpoints: AtomicBool,
    /// Space can no longer be reserved.
    pub disk_full: AtomicBool,
}

/// A [`FileTail`] with [`Faults`].
pub struct FaultTail {
    inner: FileTail,
    faults: std::sync::Arc<Faults>,
    appends: AtomicU64,
}

impl FaultTail {
    /// Wraps a tail; `faults` may be changed while it runs.
    pub fn new(inner: FileTail, faults: std::sync::Arc<Faults>) -> Self {
        Self { inner, faults, appends: AtomicU64::new(0) }
    }
}

fn broken() -> io::Error {
    io::Error::other("injected: the flush failed")
}

impl Tail for FaultTail {
    fn recover(&self, visit: &mut dyn Visit) -> Result<Recovered, LedgerError> {
        self.inner.recover(visit)
    }

    fn reserve(&self, bytes: usize) -> Result<(), Reserve> {
        if self.faults.disk_full.load(SeqCst) { Err(Reserve::Full) } else { self.inner.reserve(bytes) }
    }

    fn prepare(&self) {
        if !self.faults.disk_full.load(SeqCst) {
            self.inner.prepare();
        }
    }

    fn append(&self, expected_size: u64, fence: u64, frame: &mut Frame) -> Appended {
        let n = self.appends.fetch_add(1, SeqCst) + 1;
        if n == self.faults.tear_write.load(SeqCst) {
            let keep = usize::try_from(self.faults.tear_keep.load(SeqCst)).unwrap_or(usize::MAX);
            return Appended::Unknown(self.inner.tear(frame, keep).err().unwrap_or_else(broken));
        }
        let appended = self.inner.append(expected_size, fence, frame);
        if n == self.faults.fail_flush.load(SeqCst) { Appended::Unknown(broken()) } else { appended }
    }

    fn put_checkpoint(&self, size: u64, note: &str) -> Result<(), PutCheckpoint> {
        if self.faults.fail_checkpoints.load(SeqCst) {
            return Err(PutCheckpoint::Failed(broken()));
        }
        self.inner.put_checkpoint(size, note)
    }

    fn read(&self, at: Place, len: usize) -> Result<Vec<u8>, LedgerError> {
        self.inner.read(at, len)
    }
}
