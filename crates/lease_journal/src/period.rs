//! Days and months of a time zone as spans of instants.
//!
//! The zones are those of the database inside this program, never the machine's: two machines that run one build turn
//! a period at the same instant, and a new law needs a new build. A period that has begun keeps its bounds.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp, ToSpan as _};
use model::Instant;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// From an instant until another, that one not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// First instant.
    pub from: Instant,
    /// First instant after it.
    pub until: Instant,
}

impl Period {
    /// Whether the instant lies in it.
    pub fn contains(&self, at: Instant) -> bool {
        self.from <= at && at < self.until
    }
}

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodKind {
    /// A calendar day of the zone: 23, 24 or 25 hours, mostly.
    Day,
    /// A calendar month of the zone.
    Month,
}

impl PeriodKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl fmt::Display for PeriodKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for PeriodKind {
    type Err = PeriodError;
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let known = [Self::Day, Self::Month].into_iter().find(|kind| kind.word() == text);
        known.ok_or_else(|| PeriodError::UnknownKind(text.to_owned()))
    }
}

/// Why there is no such period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// No zone of that name.
    #[error("`{0}` is no time zone of this build; write one as the IANA database does, such as Europe/Berlin or UTC")]
    UnknownZone(String),
    /// No period of that name.
    #[error("`{0}` is no kind of period; write day or month")]
    UnknownKind(String),
    /// The calendar ends.
    #[error("{0} lies too close to the end of the calendar for a period around it")]
    BeyondCalendar(Instant),
}

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone of this name, in no spelling but the database's own.
fn known(zone: &str) -> Option<TimeZone> {
    ZONES.get(zone).ok().filter(|found| found.iana_name() == Some(zone))
}

/// Whether periods can turn in a zone.
pub fn is_zone(zone: &str) -> bool {
    known(zone).is_some()
}

/// The day or month of a zone in which an instant lies.
///
/// It begins when its first local midnight is reached, or the first instant after it where the clock jumps over it. A
/// clock that is set back over midnight does not bring the day before back, and a date that the zone skipped is no day.
///
/// # Errors
/// `UnknownZone`, in any spelling but the database's own; `BeyondCalendar`.
pub fn period_of(zone: &str, kind: PeriodKind, at: Instant) -> Result<Period, PeriodError> {
    let beyond = || PeriodError::BeyondCalendar(at);
    let found = known(zone).ok_or_else(|| PeriodError::UnknownZone(zone.to_owned()))?;
    let local = Timestamp::from_millisecond(at.as_millis()).map_err(|_| beyond())?.to_zoned(found.clone()).date();
    let (mut first, step): (Date, Span) = match kind {
        PeriodKind::Day => (local, 1.day()),
        PeriodKind::Month => (local.first_of_month(), 1.month()),
    };
    let mut from = start(first, &found).ok_or_else(beyond)?;
    loop {
        first = first.checked_add(step).map_err(|_| beyond())?;
        let next = start(first, &found).ok_or_else(beyond)?;
        if next > at && next > from {
            return Ok(Period { from, until: next });
        }
        from = next;
    }
}

/// When a date is first reached in a zone.
fn start(date: Date, zone: &TimeZone) -> Option<Instant> {
    let ms = date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
    let instant = Instant::from_millis(ms);
    // Before 1970 the calendar of instants begins; behind its end it has none.
    (ms <= 0 || instant.as_millis() == ms).then_some(instant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR_MS: i64 = 3_600_000;

    fn of(zone: &str, kind: PeriodKind, at: &str) -> Period {
        period_of(zone, kind, at.parse().unwrap()).unwrap()
    }

    fn hours(period: Period) -> i64 {
        period.until.millis_since(period.from) / HOUR_MS
    }

    fn bounds(period: Period) -> (String, String) {
        (period.from.to_string(), period.until.to_string())
    }

    fn both(from: &str, until: &str) -> (String, String) {
        (from.to_owned(), until.to_owned())
    }

    #[test]
    fn days_turn_at_local_midnight_and_have_the_hours_that_the_clock_gives_them() {
        let berlin = |at| of("Europe/Berlin", PeriodKind::Day, at);
        assert_eq!(
            bounds(berlin("2026-03-28T23:00:00.000Z")),
            both("2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z")
        );
        assert_eq!(hours(berlin("2026-03-29T12:00:00.000Z")), 23);
        assert_eq!(hours(berlin("2026-03-30T12:00:00.000Z")), 24);
        assert_eq!(
            bounds(berlin("2026-10-25T22:59:59.999Z")),
            both("2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z")
        );
        assert_eq!(hours(berlin("2026-10-25T12:00:00.000Z")), 25);
    }

    #[test]
    fn months_turn_at_local_midnight() {
        let month = of("America/New_York", PeriodKind::Month, "2026-03-01T04:59:59.999Z");
        assert_eq!(bounds(month), both("2026-02-01T05:00:00.000Z", "2026-03-01T05:00:00.000Z"));
        let march = of("America/New_York", PeriodKind::Month, "2026-03-01T05:00:00.000Z");
        assert_eq!(bounds(march), both("2026-03-01T05:00:00.000Z", "2026-04-01T04:00:00.000Z"));
        let utc = of("UTC", PeriodKind::Month, "2026-12-31T23:59:59.999Z");
        assert_eq!(bounds(utc), both("2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"));
    }

    #[test]
    fn a_day_that_a_zone_skipped_is_none() {
        let before = of("Pacific/Apia", PeriodKind::Day, "2011-12-30T09:59:59.999Z");
        let after = of("Pacific/Apia", PeriodKind::Day, "2011-12-30T10:00:00.000Z");
        assert_eq!(before.until, after.from);
        assert_eq!(after.from.to_string(), "2011-12-30T10:00:00.000Z");
        assert_eq!((hours(before), hours(after)), (24, 24));
        let month = of("Pacific/Apia", PeriodKind::Month, "2011-12-30T10:00:00.000Z");
        assert_eq!(hours(month), 30 * 24);
        assert_eq!(of("Pacific/Kiritimati", PeriodKind::Month, "1994-12-31T00:00:00.000Z").until.to_string(), {
            "1994-12-31T10:00:00.000Z"
        });
    }

    #[test]
    fn a_day_without_a_midnight_begins_where_the_clock_jumps_to() {
        // Sao Paulo put its clocks from 00:00 to 01:00.
        let day = of("America/Sao_Paulo", PeriodKind::Day, "2018-11-04T12:00:00.000Z");
        assert_eq!(bounds(day), both("2018-11-04T03:00:00.000Z", "2018-11-05T02:00:00.000Z"));
    }

    #[test]
    fn a_clock_set_back_over_midnight_does_not_bring_the_day_before_back() {
        // St. John's put its clocks from 00:01 to 23:01 of the day before.
        let midnight = "2010-11-07T02:30:00.000Z";
        let day = of("America/St_Johns", PeriodKind::Day, midnight);
        assert_eq!((day.from.to_string().as_str(), hours(day)), (midnight, 25));
        assert_eq!(of("America/St_Johns", PeriodKind::Day, "2010-11-07T03:00:00.000Z"), day);
        assert_eq!(of("America/St_Johns", PeriodKind::Day, "2010-11-07T02:29:59.999Z").until, day.from);
    }

    #[test]
    fn what_is_no_zone_or_kind_is_named() {
        let now = Instant::from_millis(1_800_000_000_000);
        for zone in ["Europe/Brlin", "europe/berlin", "", "+02:00", "../etc/passwd", "localtime"] {
            let error = period_of(zone, PeriodKind::Day, now).unwrap_err();
            assert_eq!(error, PeriodError::UnknownZone(zone.to_owned()));
            assert!(!is_zone(zone), "{zone}");
            assert!(error.to_string().contains("Europe/Berlin"), "{error}");
        }
        assert!("week".parse::<PeriodKind>().unwrap_err().to_string().contains("day or month"));
        assert_eq!("month".parse(), Ok(PeriodKind::Month));
    }

    #[test]
    fn the_calendar_has_a_first_period_and_an_end() {
        let first = period_of("America/New_York", PeriodKind::Day, Instant::EPOCH).unwrap();
        assert_eq!((first.from, hours(first)), (Instant::EPOCH, 5));
        let last = Instant::from_millis(i64::MAX);
        assert_eq!(period_of("UTC", PeriodKind::Month, last), Err(PeriodError::BeyondCalendar(last)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn periods_of_a_zone_follow_each_other_without_a_gap(
            ms in 0..4_000_000_000_000_i64,
            zone in prop::sample::select(vec![
                "UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Cairo", "America/Havana",
                "America/Sao_Paulo", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Kwajalein",
            ]),
            kind in prop::sample::select(vec![PeriodKind::Day, PeriodKind::Month]),
        ) {
            let at = Instant::from_millis(ms);
            let period = period_of(zone, kind, at).unwrap();
            prop_assert!(period.contains(at), "{at} {period:?}");
            for inside in [period.from, period.until.plus_millis(-1)] {
                prop_assert_eq!(period_of(zone, kind, inside).unwrap(), period);
            }
            prop_assert_eq!(period_of(zone, kind, period.until).unwrap().from, period.until);
            let most = if kind == PeriodKind::Day { 25 } else { 31 * 24 + 1 };
            prop_assert!(hours(period) <= most);
        }
    }
}
