//! Times as the page prints them: Eastern Time, the full instant beside it.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use model::Instant;
use std::sync::LazyLock;

static ET: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("America/New_York").expect("the time-zone database is built in and has New York"));

/// One instant in its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `2026-03-08T18:18:00.000Z`, for `datetime` and `title`.
    pub iso: String,
    /// `March 8, 2026 at 2:18 PM ET`.
    pub text: String,
    /// `2:18:00 PM ET`.
    pub clock: String,
}

impl Moment {
    /// Of an instant.
    pub fn of(at: Instant) -> Self {
        let stamp = Timestamp::from_millisecond(at.as_millis());
        let zoned = stamp.expect("an instant lies within the years 1970 to 9999").to_zoned(ET.clone());
        Self {
            iso: at.to_string(),
            text: zoned.strftime("%B %-d, %Y at %-I:%M %p ET").to_string(),
            clock: zoned.strftime("%-I:%M:%S %p ET").to_string(),
        }
    }
}

/// `2026-03-08T14:18` (as `<input type="datetime-local">` sends it) in Eastern Time.
pub fn read(local: &str) -> Option<Instant> {
    let local = local.get(..16)?;
    let civil = DateTime::strptime("%Y-%m-%dT%H:%M", local).ok()?;
    Some(Instant::from_millis(civil.to_zoned(ET.clone()).ok()?.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_on_the_page() {
        // Daylight saving began that morning: UTC-4.
        let moment = Moment::of("2026-03-08T18:18:03.000Z".parse().unwrap());
        assert_eq!(moment.text, "March 8, 2026 at 2:18 PM ET");
        assert_eq!(moment.clock, "2:18:03 PM ET");
        assert_eq!(moment.iso, "2026-03-08T18:18:03.000Z");
        assert_eq!(Moment::of("2026-01-01T04:59:00.000Z".parse().unwrap()).text, "December 31, 2025 at 11:59 PM ET");
    }

    #[test]
    fn a_local_time_is_eastern() {
        assert_eq!(read("2026-03-08T14:18"), Some("2026-03-08T18:18:00.000Z".parse().unwrap()));
        assert_eq!(read("2026-01-01T00:00:59"), Some("2026-01-01T05:00:00.000Z".parse().unwrap()));
        for bad in ["", "2026-03-08", "2026-13-08T14:18", "yesterday at noon", "2026-03-08T14:1é"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
