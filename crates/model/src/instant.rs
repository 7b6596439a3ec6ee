//! Points in time: whole milliseconds of UTC, written exactly `YYYY-MM-DDThh:mm:ss.mmmZ`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Milliseconds since 1970-01-01T00:00:00Z; years 1970 to 9999, so the text form has one width.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(i64);

/// A text that is not an instant of exactly this form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an instant is written like 2026-03-08T19:18:00.000Z, between the years 1970 and 9999")]
pub struct InstantError;

const DAY_MS: i64 = 86_400_000;
const MAX_MS: i64 = 253_402_300_799_999;

impl Instant {
    /// The first instant there is.
    pub const EPOCH: Self = Self(0);

    /// From milliseconds since the epoch, clamped to the years that have a text form.
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.clamp(0, MAX_MS))
    }

    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms`, staying within the range.
    pub fn plus_millis(self, ms: i64) -> Self {
        Self::from_millis(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this, negative when it is the later one.
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

/// Days since the epoch to (year, month, day) and back; the proleptic Gregorian calendar by
/// Howard Hinnant's `civil_from_days`. Ours because `decide` may not depend on a library whose
/// next version reads a text differently.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + (yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719_468
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{:03}Z", ms % 1_000)
    }
}

impl FromStr for Instant {
    type Err = InstantError;
    fn from_str(text: &str) -> Result<Self, InstantError> {
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok().map(i64::from);
        let read = || {
            let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
            let (h, m, s, ms) = (number(11..13)?, number(14..16)?, number(17..19)?, number(20..23)?);
            Some(Self::from_millis(days(year, month, day) * DAY_MS + h * 3_600_000 + m * 60_000 + s * 1_000 + ms))
        };
        // Writing it again and comparing refuses every other form: 24:00, 30 February, other widths.
        read().filter(|instant| instant.to_string() == text).ok_or(InstantError)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_what_it_writes_and_agrees_with_jiff(ms in 0..=MAX_MS) {
            let instant = Instant::from_millis(ms);
            let text = instant.to_string();
            prop_assert_eq!(text.parse(), Ok(instant));
            let theirs: jiff::Timestamp = text.parse().unwrap();
            prop_assert_eq!(theirs.as_millisecond(), ms);
        }

        #[test]
        fn no_other_text_is_an_instant(text in ".{0,30}") {
            if let Ok(instant) = text.parse::<Instant>() {
                prop_assert_eq!(instant.to_string(), text);
            }
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in
            ["2026-02-30T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:60.000Z"]
        {
            assert_eq!(text.parse::<Instant>(), Err(InstantError), "{text}");
        }
    }
}
