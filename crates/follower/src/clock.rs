//! The wall clock, handed in so that tests can move it, and what is said of it.

use crate::ReadyCheck;
use durable_file::HighWater;
use model::{Instant, Span};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Answers the wall-clock time.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// The system's clock; before 1970 it is 1970.
pub fn system_clock() -> Clock {
    Arc::new(now)
}

pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// An executor begins nothing on news stamped further ahead of its own clock, milliseconds.
pub(crate) const AHEAD_MAX_MS: i64 = 120_000;

/// Whether this machine's clock is neither behind the ledger's nor behind itself. An idle ledger says nothing about clocks
/// that are ahead.
pub(crate) fn check(now: Instant, last: Instant, shown: Option<&HighWater>, since: Instant) -> ReadyCheck {
    let ahead_ms = last.millis_since(now);
    let latest = shown.map(|shown| (shown.path(), Instant::from_millis(shown.latest(now.as_millis()))));
    let set_back = latest.filter(|(_, latest)| latest.millis_since(now) > AHEAD_MAX_MS);
    let why = match set_back {
        _ if ahead_ms > AHEAD_MAX_MS => format!(
            "the ledger's newest entry is stamped {last}, {} ahead of this machine's clock ({now}): nothing is begun; \
             set right whichever is wrong, and it goes on by itself",
            Span(ahead_ms)
        ),
        Some((path, latest)) => format!(
            "this machine's clock says {now} and was at {latest} before: what had ended by then stays over; set it right, \
             or where {latest} was wrong, stop the service, remove `{}`, and start it again",
            path.display()
        ),
        None => format!("this machine's clock says {now}"),
    };
    ReadyCheck { name: "clock", ok: ahead_ms <= AHEAD_MAX_MS && set_back.is_none(), why, since }
}
