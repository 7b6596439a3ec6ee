//! What a run comes to: a rate and two latencies; what several come to: least, middle, most.

use std::time::Duration;

/// One run of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// Entries (or flushes) a second.
    pub per_second: f64,
    /// Half of the calls took no longer.
    pub p50: Duration,
    /// 99 of 100 calls took no longer.
    pub p99: Duration,
}

impl Run {
    /// From the latencies of all calls that ended in a run of this length, each of `per_call` entries; none
    /// when no call did.
    pub fn of(mut latencies: Vec<Duration>, per_call: u32, length: Duration) -> Option<Self> {
        latencies.sort_unstable();
        let at = |percent: usize| latencies.get(latencies.len().checked_sub(1)? * percent / 100).copied();
        let calls = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
        let per_second = f64::from(calls) * f64::from(per_call) / length.as_secs_f64();
        Some(Self { per_second, p50: at(50)?, p99: at(99)? })
    }
}

/// Least, middle and most of several.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Spread {
    pub min: f64,
    /// The middle one; of an even number, the lower of the two.
    pub median: f64,
    pub max: f64,
}

impl Spread {
    /// Of these; all zero when there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or_default();
        let last = values.len().saturating_sub(1);
        Self { min: at(0), median: at(last / 2), max: at(last) }
    }

    /// Of times, in units of `unit`.
    pub fn of_times(times: impl IntoIterator<Item = Duration>, unit: Duration) -> Self {
        Self::of(times.into_iter().map(|time| time.as_secs_f64() / unit.as_secs_f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_run_counts_entries_and_orders_latencies() {
        let latencies: Vec<_> = (1..=101).rev().map(|ms| MS * ms).collect();
        let run = Run::of(latencies, 10, Duration::from_secs(2)).unwrap();
        assert_eq!(run, Run { per_second: 505.0, p50: MS * 51, p99: MS * 100 });
        assert_eq!(Run::of(vec![], 1, MS), None);
        assert_eq!(Run::of(vec![MS], 1, Duration::from_secs(1)).unwrap().p99, MS);
    }

    #[test]
    fn a_spread_has_the_middle_one() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Spread { min: 1.0, median: 2.0, max: 3.0 });
        assert_eq!(Spread::of([2.0, 1.0]), Spread { min: 1.0, median: 1.0, max: 2.0 });
        assert_eq!(Spread::of([]), Spread { min: 0.0, median: 0.0, max: 0.0 });
        assert_eq!(Spread::of_times([MS * 3], MS), Spread { min: 3.0, median: 3.0, max: 3.0 });
    }
}
