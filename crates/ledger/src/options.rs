//! How a ledger is opened.

use crate::{Clock, LedgerError, LogKeys, SystemClock, frame};
use std::sync::Arc;
use std::time::Duration;

/// How many commands may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneLimits {
    /// In one lane, over all principals.
    pub lane: usize,
    /// Of one principal in one lane.
    pub principal: usize,
}

impl Default for LaneLimits {
    fn default() -> Self {
        Self { lane: 8_192, principal: 1_024 }
    }
}

/// Options of [`crate::Ledger::open`].
pub struct Options {
    /// The log's origin line (C2SP tlog-checkpoint).
    pub origin: String,
    /// The log's keys.
    pub keys: Arc<dyn LogKeys>,
    /// The writer's clock.
    pub clock: Arc<dyn Clock>,
    /// A person has looked at a clock that was refused: believe it.
    pub accept_clock: bool,
    /// Bounds of the queue before the writer.
    pub lanes: LaneLimits,
    /// Size of one prewritten segment file, in bytes.
    pub segment_bytes: u64,
    /// Least time from one checkpoint to the next; [`crate::Ack::Published`] waits for it.
    pub checkpoint_gap: Duration,
    /// Whether full tiles are written as files too, for a static file server; they follow from the entries, and are
    /// given from memory either way.
    pub tile_files: bool,
}

impl Options {
    /// The defaults: system clock, segments of 16 MiB, a checkpoint as soon as there is news, tiles as files.
    pub fn new(origin: impl Into<String>, keys: impl LogKeys) -> Self {
        Self {
            origin: origin.into(),
            keys: Arc::new(keys),
            clock: Arc::new(SystemClock::new()),
            accept_clock: false,
            lanes: LaneLimits::default(),
            segment_bytes: 16 << 20,
            checkpoint_gap: Duration::ZERO,
            tile_files: true,
        }
    }

    pub(crate) fn check(&self) -> Result<(), LedgerError> {
        // Below, the largest entry might not fit a frame; above, offsets would not fit 32 bits.
        if (512 << 10..=1 << 30).contains(&self.segment_bytes) {
            Ok(())
        } else {
            Err(LedgerError::SegmentBytes(self.segment_bytes))
        }
    }

    /// Bytes of one batch: what is reserved before anything is decided.
    pub(crate) fn batch_bytes(&self) -> usize {
        usize::try_from(self.segment_bytes).unwrap_or(usize::MAX).min(frame::FRAME_MAX)
    }
}
