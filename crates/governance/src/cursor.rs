//! Where a page of the timeline ends: a position in the two logs, so that nothing is skipped or
//! repeated however much is recorded meanwhile.

use crate::log_name::LogName;
use model::Instant;
use std::fmt;
use std::str::FromStr;

/// The order of the timeline: recorded time, log, index, effect.
pub(crate) type Key = (Instant, LogName, u64, u32);

/// A pinned pair of sizes and the last row that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) control_size: u64,
    pub(crate) events_size: u64,
    pub(crate) last: Key,
}

/// Not a cursor of this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, log, index, effect) = self.last;
        let (control, events) = (self.control_size, self.events_size);
        write!(f, "{control}.{events}.{}.{}.{index}.{effect}", at.as_millis(), log.word())
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let fields: Vec<_> = text.split('.').collect();
        let [control, events, at, log, index, effect] = fields[..] else { return Err(NoCursor) };
        let number = |text: &str| text.parse::<u64>().map_err(|_| NoCursor);
        let at = Instant::from_millis(at.parse().map_err(|_| NoCursor)?);
        let log = LogName::of(log).map_err(|_| NoCursor)?;
        let last = (at, log, number(index)?, effect.parse().map_err(|_| NoCursor)?);
        let cursor = Self { control_size: number(control)?, events_size: number(events)?, last };
        // One cursor has one spelling.
        if cursor.to_string() == text { Ok(cursor) } else { Err(NoCursor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn reads_what_it_writes(
            sizes: (u64, u64), ms in 0..200_000_000_000_000_i64, events: bool, index: u64, effect: u32,
        ) {
            let log = if events { LogName::Events } else { LogName::Control };
            let last = (Instant::from_millis(ms), log, index, effect);
            let cursor = Cursor { control_size: sizes.0, events_size: sizes.1, last };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }

    #[test]
    fn nothing_else_is_a_cursor() {
        for text in
            ["", "1.2.3.control.5", "1.2.3.other.5.6", "01.2.3.control.5.6", "1.2.3.control.5.6.7", "a.2.3.control.5.6"]
        {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
    }
}
