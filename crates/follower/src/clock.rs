//! The wall clock, handed in so that tests can move it.

use model::Instant;
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
