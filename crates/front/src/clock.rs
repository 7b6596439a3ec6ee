//! The front's own two clocks.

use model::Instant;
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// One for the length of things, and one for what ends at an instant.
#[derive(Debug)]
pub(crate) struct Clock {
    started: std::time::Instant,
    /// The latest instant that was ever seen.
    high: AtomicI64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { started: std::time::Instant::now(), high: AtomicI64::new(i64::MIN) }
    }

    /// Nanoseconds since the front was started; never goes back.
    pub(crate) fn nanos(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The wall clock. Set back, it stands still here: what has ended stays over.
    pub(crate) fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.latest(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn latest(&self, now_ms: i64) -> Instant {
        Instant::from_millis(self.high.fetch_max(now_ms, Ordering::Relaxed).max(now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_stands_still() {
        let clock = Clock::new();
        let seen = [5_000, 9_000, 7_000, 9_001].map(|ms| clock.latest(ms).as_millis());
        assert_eq!(seen, [5_000, 9_000, 9_000, 9_001]);
    }
}
