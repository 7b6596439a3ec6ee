//! The writer's clock, and when it is not believed.

use model::{Instant, Span};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Where the writer reads time: the only place of the ledger that does.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, UTC.
    fn wall(&self) -> Instant;
    /// Milliseconds since any fixed moment; never steps, and counts while the machine sleeps where it can.
    fn monotonic_ms(&self) -> u64;

    /// The latest instant that is known to have come, where something beside this log knows one: nothing is stamped before
    /// it, and nothing at all while the wall clock lies far behind it.
    fn passed(&self) -> Option<Instant> {
        None
    }

    /// The stamp of the newest entry of another log that was verified, where there is one: the wall clock is as good as it
    /// is near to that, however long this log was idle.
    fn vouched(&self) -> Option<Instant> {
        None
    }
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The clocks of this machine.
    pub fn new() -> Self {
        Self
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Instant {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        // A machine that was asleep has not had its clock set: the wall clock is right when it wakes.
        #[cfg(target_os = "linux")]
        let id = rustix::time::ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let id = rustix::time::ClockId::Monotonic;
        let time = rustix::time::clock_gettime(id);
        let (seconds, nanos) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
        seconds.unwrap_or(0).saturating_mul(1_000).saturating_add(nanos.unwrap_or(0) / 1_000_000)
    }
}

/// The wall clock may depart this far from the monotonic one, or lie this far before the last entry or what is
/// known to have come, in milliseconds.
const DRIFT_MS: i64 = 60_000;
/// At start, the wall clock may be this far past the last entry, in milliseconds.
const GAP_MS: i64 = 7 * 86_400_000;

/// Stamps `now`, never below the last stamp, and refuses while the clock cannot be believed.
///
/// Judged again at each question, so that a clock that is right again is believed again by itself.
pub(crate) struct Stamper {
    clock: Arc<dyn Clock>,
    /// A person has looked at a clock that was refused at the start.
    accept: bool,
    known: Mutex<Known>,
}

struct Known {
    /// Both clocks when the wall clock was first believed; none while it lies too far from the last entry.
    believed: Option<(Instant, u64)>,
    /// The last stamp; none before the first.
    last: Option<Instant>,
}

impl Stamper {
    pub(crate) fn new(clock: Arc<dyn Clock>, last: Option<Instant>, accept: bool) -> Self {
        let stamper = Self { clock, accept, known: Mutex::new(Known { believed: None, last }) };
        // From here on the wall clock is compared with the time that passes.
        stamper.refusal();
        stamper
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why nothing may be stamped now, if so: which clock, by how much, and what is to be done.
    pub(crate) fn refusal(&self) -> Option<String> {
        let (wall, monotonic_ms) = (self.clock.wall(), self.clock.monotonic_ms());
        let mut known = self.known();
        if let Some((wall_then, monotonic_then_ms)) = known.believed {
            let passed_ms = i64::try_from(monotonic_ms.saturating_sub(monotonic_then_ms)).unwrap_or(i64::MAX);
            let expected = wall_then.plus_millis(passed_ms);
            if wall.millis_since(expected).abs() > DRIFT_MS {
                return Some(jumped(wall, expected));
            }
        }
        let last = known.last.filter(|_| !self.accept).unwrap_or(wall);
        if last.millis_since(wall) > DRIFT_MS {
            return Some(before_last(wall, last));
        }
        let passed = self.clock.passed().filter(|passed| !self.accept && passed.millis_since(wall) > DRIFT_MS);
        if let Some(passed) = passed {
            return Some(behind(wall, passed));
        }
        if known.believed.is_none() {
            let last = self.clock.vouched().map_or(last, |vouched| vouched.max(last));
            if wall.millis_since(last) > GAP_MS {
                return Some(gap(wall, last));
            }
            known.believed = Some((wall, monotonic_ms));
        }
        None
    }

    /// What the stamps rest on, for people: where they stand still until the clock has caught up, that is said.
    pub(crate) fn standing(&self) -> Result<String, String> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let wall = self.clock.wall();
        let ahead = self.known().last.filter(|last| last.millis_since(wall) > DRIFT_MS);
        Ok(ahead.map_or_else(
            || format!("this machine's clock says {wall}"),
            |last| {
                let by = Span(last.millis_since(wall));
                format!(
                    "the clock was accepted: the last entry is stamped {last}, {by} ahead of this machine's clock \
                     ({wall}), and every entry until then carries that time"
                )
            },
        ))
    }

    pub(crate) fn now(&self) -> Instant {
        let wall = self.clock.wall();
        let latest = self.clock.passed().map_or(wall, |passed| passed.max(wall));
        let mut known = self.known();
        let now = known.last.map_or(latest, |last| last.max(latest));
        known.last = Some(now);
        now
    }
}

fn gap(wall: Instant, last: Instant) -> String {
    let by = Span(wall.millis_since(last));
    format!(
        "this machine's clock says {wall}, {by} after the last entry ({last}), and more than 7 days are not believed \
         unasked; if the clock is wrong, set it right and writing goes on by itself; if it is right, start with \
         `countersign serve --accept-clock`"
    )
}

fn jumped(wall: Instant, expected: Instant) -> String {
    let by_ms = wall.millis_since(expected);
    let (by, side) = (Span(by_ms), if by_ms > 0 { "ahead of" } else { "behind" });
    format!(
        "this machine's clock jumped: it says {wall}, {by} {side} what the time passed since the start gives \
         ({expected}); set it right and writing goes on by itself; if it is right now, start with \
         `countersign serve --accept-clock`"
    )
}

fn behind(wall: Instant, passed: Instant) -> String {
    let by = Span(passed.millis_since(wall));
    format!(
        "this machine's clock says {wall}, {by} behind {passed}, which has come already by this clock or by the ledger's: \
         set right whichever is wrong, and writing goes on by itself"
    )
}

fn before_last(wall: Instant, last: Instant) -> String {
    let by = Span(last.millis_since(wall));
    format!(
        "the last entry is stamped {last}, {by} ahead of this machine's clock ({wall}): the clock was ahead then or is \
         behind now; if it is behind, set it right and writing goes on by itself, as it does at {last}; to write \
         before, start with `countersign serve --accept-clock`: every entry until then carries that time, and what is \
         signed by a clock that is right is refused until then"
    )
}
