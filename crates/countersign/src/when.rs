//! Times and durations as people type them.

use crate::clock;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned, civil};
use model::Instant;
use std::str::FromStr;

/// A text that is no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no time; write `now`, `today`, `yesterday`, `2h`, `3d`, `2026-03-08`, `2026-03-08T18:00` or `2026-03-08T18:00:00Z`"
)]
pub struct WhenError(String);

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    #[error("`{0}` is no duration; write `90s`, `30m`, `8h`, `3d` or `2w`")]
    None(String),
    /// Longer than anything here lasts.
    #[error("`{0}` is longer than a century, which is the most: 36525d")]
    Long(String),
}

/// A time that has passed: `2h` is two hours ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past(pub Instant);

/// A time to come: `2h` is in two hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Future(pub Instant);

impl FromStr for Past {
    type Err = WhenError;
    fn from_str(text: &str) -> Result<Self, WhenError> {
        instant(text, -1, clock::now(), &TimeZone::system()).map(Self)
    }
}

impl FromStr for Future {
    type Err = WhenError;
    fn from_str(text: &str) -> Result<Self, WhenError> {
        instant(text, 1, clock::now(), &TimeZone::system()).map(Self)
    }
}

/// Milliseconds of a duration such as `90m`.
///
/// # Errors
/// When it is none, or longer than a century.
pub fn duration_ms(text: &str) -> Result<i64, DurationError> {
    let bad = || DurationError::None(text.to_owned());
    let long = || DurationError::Long(text.to_owned());
    let digits = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit_ms = match &text.trim()[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        _ => return Err(bad()),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    let ms = digits.parse::<i64>().ok().and_then(|count| count.checked_mul(unit_ms));
    ms.filter(|ms| *ms <= 36_525 * 86_400_000).ok_or_else(long)
}

/// The same as people type it, in the largest unit that it is a whole number of.
pub fn duration(ms: i64) -> String {
    let units = [("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let whole = units.into_iter().find(|(_, unit_ms)| ms != 0 && ms % unit_ms == 0);
    whole.map_or_else(|| format!("{ms}ms"), |(unit, unit_ms)| format!("{}{unit}", ms / unit_ms))
}

/// A time as typed; without a zone, by the clock on this machine's wall. `sign` says where a
/// duration leads: -1 back, 1 forth.
fn instant(text: &str, sign: i64, now: Instant, zone: &TimeZone) -> Result<Instant, WhenError> {
    let bad = || WhenError(text.to_owned());
    let (text, sign) = match text.trim().strip_suffix(" ago") {
        Some(before) => (before, -1),
        None => (text.trim(), sign),
    };
    let at = |time: Timestamp| Instant::from_millis(time.as_millisecond());
    let here = Timestamp::from_millisecond(now.as_millis()).map_err(|_| bad())?.to_zoned(zone.clone());
    let midnight =
        |day: Result<Zoned, jiff::Error>| day.and_then(|day| day.start_of_day()).map(|day| at(day.timestamp()));
    match text {
        "now" => return Ok(now),
        "today" => return midnight(Ok(here)).map_err(|_| bad()),
        "yesterday" => return midnight(here.checked_sub(1.day())).map_err(|_| bad()),
        "tomorrow" => return midnight(here.checked_add(1.day())).map_err(|_| bad()),
        _ => {}
    }
    if let Ok(ms) = duration_ms(text) {
        return Ok(now.plus_millis(sign * ms));
    }
    let local = |time: civil::DateTime| time.to_zoned(zone.clone()).map(|time| at(time.timestamp()));
    let with_zone = text.parse::<Timestamp>().map(at);
    // A date alone is its midnight.
    let without = || text.parse::<civil::DateTime>().and_then(local);
    with_zone.or_else(|_| without()).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_say_when_in_their_own_words() {
        let now: Instant = "2026-03-08T19:18:00.000Z".parse().unwrap();
        let oslo = TimeZone::fixed(jiff::tz::offset(1));
        for (text, back, forth) in [
            ("now", "2026-03-08T19:18:00.000Z", "2026-03-08T19:18:00.000Z"),
            ("today", "2026-03-07T23:00:00.000Z", "2026-03-07T23:00:00.000Z"),
            ("yesterday", "2026-03-06T23:00:00.000Z", "2026-03-06T23:00:00.000Z"),
            ("tomorrow", "2026-03-08T23:00:00.000Z", "2026-03-08T23:00:00.000Z"),
            ("2h", "2026-03-08T17:18:00.000Z", "2026-03-08T21:18:00.000Z"),
            ("90m ago", "2026-03-08T17:48:00.000Z", "2026-03-08T17:48:00.000Z"),
            ("2026-03-01", "2026-02-28T23:00:00.000Z", "2026-02-28T23:00:00.000Z"),
            ("2026-03-01T12:30", "2026-03-01T11:30:00.000Z", "2026-03-01T11:30:00.000Z"),
            ("2026-03-01T12:30:00.000Z", "2026-03-01T12:30:00.000Z", "2026-03-01T12:30:00.000Z"),
            ("2026-03-01T12:30:00+02:00", "2026-03-01T10:30:00.000Z", "2026-03-01T10:30:00.000Z"),
        ] {
            assert_eq!(instant(text, -1, now, &oslo).map(|at| at.to_string()), Ok(back.to_owned()), "{text}");
            assert_eq!(instant(text, 1, now, &oslo).map(|at| at.to_string()), Ok(forth.to_owned()), "{text}");
        }
        for text in ["", "soon", "2", "h", "-2h", "2026-13-01", "99999999999999d"] {
            assert!(instant(text, 1, now, &oslo).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for text in ["2w", "3d", "8h", "90m", "45s", "1500ms", "0ms"] {
            assert_eq!(duration(duration_ms(text).unwrap()), text);
        }
        assert_eq!(duration(duration_ms("48h").unwrap()), "2d");
    }

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration_ms("90m"), Ok(5_400_000));
        assert_eq!((duration_ms("3d"), duration_ms("0s")), (Ok(259_200_000), Ok(0)));
        for text in ["999999d", "9223372036854775807w", "99999999999999999999s"] {
            assert_eq!(duration_ms(text), Err(DurationError::Long(text.to_owned())));
        }
        for text in ["", "90", "m", "1.5h", "-1h", "+1h", "3 d"] {
            assert!(duration_ms(text).is_err(), "{text}");
        }
    }
}
