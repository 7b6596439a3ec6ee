//! The durable tail as a small trait: files by default, a database later, faults in tests.

use crate::{Frame, LedgerError};
use std::io;

/// Where an entry's leaf starts in the tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Number of the segment.
    pub segment: u32,
    /// Byte offset in the segment.
    pub offset: u32,
}

/// What became of an append.
#[derive(Debug)]
pub enum Appended {
    /// Flushed: the frame is there for ever. The place is that of the frame's first byte.
    Committed(Place),
    /// Another writer took over, or the size is another one; nothing was written.
    Fenced,
    /// The write or flush failed: read back at the next start, never try again.
    Unknown(io::Error),
}

/// Why space could not be reserved.
#[derive(Debug)]
pub enum Reserve {
    /// The disk is full: refuse, and go on.
    Full,
    /// Anything worse: end.
    Failed(io::Error),
}

/// Why a checkpoint was not stored.
#[derive(Debug)]
pub enum PutCheckpoint {
    /// One for this size or a larger one exists, with another text.
    Conflict,
    /// The write or flush failed: end.
    Failed(io::Error),
}

/// What recovery hands over.
#[derive(Debug)]
pub struct Recovered {
    /// Entries there are.
    pub size: u64,
    /// What every append must show: a later opening has another one.
    pub fence: u64,
}

/// Sees what recovery reads, in order.
pub trait Visit {
    /// A stored checkpoint; all of them come before the entries.
    fn checkpoint(&mut self, size: u64, note: &str) -> Result<(), LedgerError>;
    /// A stored entry; `at` is its leaf's place.
    fn entry(&mut self, index: u64, at: Place, leaf: &[u8], payload: &[u8]) -> Result<(), LedgerError>;
}

/// An append-only store of frames and checkpoints with one writer.
pub trait Tail: Send + Sync + 'static {
    /// Reads everything back, checks it, repairs an unfinished end. Once, before all else.
    ///
    /// # Errors
    /// `Damage` when anything acknowledged is missing or altered, what the visitor refuses, or
    /// `Io`; nothing on disk was changed in the first two cases.
    fn recover(&self, visit: &mut dyn Visit) -> Result<Recovered, LedgerError>;

    /// Makes sure that a frame of `bytes`, and the checkpoint after it, find room.
    fn reserve(&self, bytes: usize) -> Result<(), Reserve>;

    /// May do early, and off the path of the answers, what the next `reserve` would have to.
    fn prepare(&self) {}

    /// Appends one frame behind `expected_size` entries and flushes it.
    fn append(&self, expected_size: u64, fence: u64, frame: &mut Frame) -> Appended;

    /// Stores a signed checkpoint and flushes it; unique for its size (the same note twice is fine).
    fn put_checkpoint(&self, size: u64, note: &str) -> Result<(), PutCheckpoint>;

    /// Reads `len` bytes of a flushed frame.
    fn read(&self, at: Place, len: usize) -> Result<Vec<u8>, LedgerError>;
}
