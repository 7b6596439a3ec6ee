//! This machine's clock, read in one place.

use model::Instant;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, by this machine.
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
