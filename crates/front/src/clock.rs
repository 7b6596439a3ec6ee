//! The front's own two clocks.

use durable_file::{HighWater, Mended};
use model::Instant;
use std::{
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Answers the wall-clock time.
pub type WallClock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// One for the length of things, and one for what ends at an instant.
pub(crate) struct Clock {
    started: std::time::Instant,
    wall: WallClock,
    /// The latest instant that was ever seen, by the fronts before this one too.
    high: HighWater,
}

impl Clock {
    /// Keeps its mark in `dir`; `was_kept` says whether a front has worked there before.
    pub(crate) fn open(dir: &Path, wall: WallClock, was_kept: bool, files: &Mended) -> Self {
        let high = HighWater::open(dir.join(HighWater::NAME), wall().as_millis(), was_kept, files);
        Self { started: std::time::Instant::now(), wall, high }
    }

    /// Nanoseconds since the front was started; never goes back.
    pub(crate) fn nanos(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The wall clock. Set back, it stands still here: what has ended stays over.
    pub(crate) fn now(&self) -> Instant {
        Instant::from_millis(self.high.latest((self.wall)().as_millis()))
    }

    /// Makes what it has seen durable, also while nobody asks; blocks.
    pub(crate) fn store(&self) {
        self.now();
        self.high.store();
    }
}

/// The system's clock; before 1970 it is 1970.
pub(crate) fn system_clock() -> WallClock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}
