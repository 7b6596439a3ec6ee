//! The writer's clock, and when it stops trusting it.

use model::Instant;
use std::time::{self, SystemTime};

/// Where the writer reads time: the only place of the ledger that does.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, UTC.
    fn wall(&self) -> Instant;
    /// Milliseconds since any fixed moment; never steps.
    fn monotonic_ms(&self) -> u64;
}

/// The machine's own clocks.
#[derive(Debug)]
pub struct SystemClock(time::Instant);

impl SystemClock {
    /// Starts the monotonic count at this moment.
    pub fn new() -> Self {
        Self(time::Instant::now())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Instant {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The wall clock may depart this far from the monotonic one, in milliseconds.
const DRIFT_MS: i64 = 60_000;
/// At start, the wall clock may be this far past the last leaf, in milliseconds.
const GAP_MS: i64 = 7 * 86_400_000;

/// Stamps `now`, never below the last stamp, and refuses once the clock cannot be believed.
pub(crate) struct Stamper {
    clock: std::sync::Arc<dyn Clock>,
    wall_at_start: Instant,
    monotonic_at_start_ms: u64,
    last: Instant,
    refused: Option<String>,
}

impl Stamper {
    pub(crate) fn new(clock: std::sync::Arc<dyn Clock>, last: Option<Instant>, accept: bool) -> Self {
        let (wall, monotonic_at_start_ms) = (clock.wall(), clock.monotonic_ms());
        let gap_ms = last.map_or(0, |last| wall.millis_since(last));
        let refused = (gap_ms > GAP_MS && !accept).then(|| {
            let last = last.unwrap_or(Instant::EPOCH);
            format!("the clock says {wall}, more than 7 days after the last entry ({last}); if the clock is right, start with --accept-clock")
        });
        Self { clock, wall_at_start: wall, monotonic_at_start_ms, last: last.unwrap_or(Instant::EPOCH), refused }
    }

    /// Why nothing may be stamped, if so. Sticky: a clock that jumped once is not believed again
    /// before a person has looked at it.
    pub(crate) fn refusal(&mut self) -> Option<&str> {
        if self.refused.is_none() {
            let passed_ms = self.clock.monotonic_ms().saturating_sub(self.monotonic_at_start_ms);
            let expected = self.wall_at_start.plus_millis(i64::try_from(passed_ms).unwrap_or(i64::MAX));
            let wall = self.clock.wall();
            let drift_ms = wall.millis_since(expected);
            if drift_ms.abs() > DRIFT_MS {
                self.refused = Some(format!(
                    "the clock says {wall}, {} s away from what the time passed since the start gives; set it right and restart with --accept-clock",
                    drift_ms / 1_000
                ));
            }
        }
        self.refused.as_deref()
    }

    pub(crate) fn now(&mut self) -> Instant {
        self.last = self.last.max(self.clock.wall());
        self.last
    }
}
