//! How many requests of a tenant are let through, by a schedule that its owner writes.
//!
//! A schedule is in instants, so what raises a limit ends by this process's own clock, with every service dead.

use crate::FrontError;
use model::{Instant, Token};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};

/// Most entries of one schedule.
pub const MAX_LIMITS: usize = 32;
const SECOND_NS: u64 = 1_000_000_000;
/// When to come back to what lets nothing through and has no end.
const CLOSED_NS: u64 = 60 * SECOND_NS;

/// The limits of one tenant. Every row of that tenant has the same bucket and the same schedule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Whose requests are counted together.
    pub bucket: Token,
    /// In order of time, without overlap; what no entry covers is not limited.
    pub schedule: Vec<Limit>,
}

/// One entry of a schedule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// From this instant on; absent: always was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// Until this instant, and no longer at it; absent: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Requests a second.
    pub per_second: u32,
    /// Requests that may come at once beyond that.
    pub burst: u32,
}

impl Limit {
    fn holds_at(&self, now: Instant) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

impl Limits {
    /// What holds at an instant. An end is reached at its instant.
    pub fn at(&self, now: Instant) -> Option<&Limit> {
        self.schedule.iter().find(|limit| limit.holds_at(now))
    }

    /// The rules that need no other row.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.schedule.len() > MAX_LIMITS {
            return Err("it has too many entries");
        }
        let empty = |limit: &Limit| limit.from.zip(limit.until).is_some_and(|(from, until)| from >= until);
        if self.schedule.iter().any(empty) {
            return Err("an entry ends before it begins");
        }
        let in_order = |pair: &[Limit]| pair[0].until.zip(pair[1].from).is_some_and(|(until, from)| until <= from);
        if self.schedule.windows(2).all(in_order) { Ok(()) } else { Err("its entries are not in order, or overlap") }
    }
}

/// One request against a limit, by the generic cell rate algorithm. `due` is the instant at which the bucket will be
/// empty and `now` the present, both in nanoseconds of one clock that never goes back. Says the bucket's next `due`,
/// and whether the request may pass, or after how many nanoseconds one may.
pub fn gcra(due: u64, now: u64, limit: &Limit) -> (u64, Result<(), u64>) {
    if limit.per_second == 0 {
        return (due, Err(CLOSED_NS));
    }
    // Rounded up: the limit is never exceeded.
    let gap = SECOND_NS.div_ceil(u64::from(limit.per_second));
    let room = gap.saturating_mul(u64::from(limit.burst));
    // What a larger limit allowed is no debt under a smaller one: a bucket is full at most.
    let due = due.clamp(now, now.saturating_add(room).saturating_add(gap));
    match due.saturating_sub(now.saturating_add(room)) {
        0 => (due.saturating_add(gap), Ok(())),
        wait => (due, Err(wait)),
    }
}

/// What was let through for one tenant.
#[derive(Debug, Default)]
pub(crate) struct Bucket(AtomicU64);

impl Bucket {
    /// Takes one request, or says after how many nanoseconds one may come.
    pub(crate) fn take(&self, now: u64, limit: &Limit) -> Result<(), u64> {
        let mut due = self.0.load(Ordering::Relaxed);
        loop {
            let (next, verdict) = gcra(due, now, limit);
            match self.0.compare_exchange_weak(due, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return verdict,
                Err(other) => due = other,
            }
        }
    }
}

/// Whole seconds after which to come back: when the bucket has room, or when another entry begins, if that is sooner.
pub(crate) fn retry_after_s(wait_ns: u64, limit: &Limit, now: Instant) -> u64 {
    let ends_ms = limit.until.map(|until| u64::try_from(until.millis_since(now)).unwrap_or(0));
    let wait_ms = wait_ns.div_ceil(1_000_000).min(ends_ms.unwrap_or(u64::MAX));
    wait_ms.div_ceil(1_000).max(1)
}

/// The rule over several rows: one bucket, one schedule.
pub(crate) fn check_all<'a>(generation: u64, all: impl Iterator<Item = &'a Limits>) -> Result<(), FrontError> {
    let refuse = |what| Err(FrontError::Refused { generation, what });
    let mut known = std::collections::BTreeMap::new();
    for limits in all {
        if let Err(why) = limits.check() {
            return refuse(format!("the schedule of `{}` is not usable: {why}", limits.bucket));
        }
        if *known.entry(&limits.bucket).or_insert(limits) != limits {
            return refuse(format!("the bucket `{}` has two schedules", limits.bucket));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limit(per_second: u32, burst: u32) -> Limit {
        Limit { from: None, until: None, per_second, burst }
    }

    fn entry(from: Option<i64>, until: Option<i64>, per_second: u32) -> Limit {
        Limit { from: from.map(Instant::from_millis), until: until.map(Instant::from_millis), ..limit(per_second, 0) }
    }

    fn limits(schedule: Vec<Limit>) -> Limits {
        Limits { bucket: "tenant".parse().unwrap(), schedule }
    }

    #[test]
    fn an_end_is_reached_at_its_instant() {
        let limits =
            limits(vec![entry(None, Some(1_000), 5), entry(Some(1_000), Some(2_000), 50), entry(Some(2_000), None, 5)]);
        limits.check().unwrap();
        let at = |ms| limits.at(Instant::from_millis(ms)).unwrap().per_second;
        assert_eq!([at(-5), at(999), at(1_000), at(1_999), at(2_000), at(i64::MAX / 2)], [5, 5, 50, 50, 5, 5]);
    }

    #[test]
    fn what_no_entry_covers_is_not_limited() {
        let limits = limits(vec![entry(Some(10), Some(20), 1), entry(Some(30), None, 1)]);
        let at = |ms| limits.at(Instant::from_millis(ms)).is_some();
        assert_eq!([at(9), at(10), at(19), at(20), at(29), at(30)], [false, true, true, false, false, true]);
    }

    #[test]
    fn a_schedule_out_of_order_is_refused() {
        for wrong in [
            vec![entry(Some(5), Some(5), 1)],
            vec![entry(None, None, 1), entry(Some(5), None, 1)],
            vec![entry(None, Some(6), 1), entry(Some(5), None, 1)],
            vec![entry(None, Some(5), 1), entry(None, None, 1)],
            vec![entry(None, Some(0), 1); MAX_LIMITS + 1],
        ] {
            assert!(limits(wrong.clone()).check().is_err(), "{wrong:?}");
        }
        let (one, other) = (limits(vec![entry(None, None, 1)]), limits(vec![entry(None, None, 2)]));
        check_all(1, [&one, &one].into_iter()).unwrap();
        assert!(check_all(1, [&one, &other].into_iter()).unwrap_err().to_string().contains("two schedules"));
    }

    #[test]
    fn a_burst_passes_at_once_and_then_one_a_gap() {
        let (bucket, limit) = (Bucket::default(), limit(10, 3));
        for _ in 0..4 {
            bucket.take(0, &limit).unwrap();
        }
        assert_eq!(bucket.take(0, &limit), Err(SECOND_NS / 10));
        assert_eq!(bucket.take(SECOND_NS / 10 - 1, &limit), Err(1));
        bucket.take(SECOND_NS / 10, &limit).unwrap();
        assert!(bucket.take(SECOND_NS / 10, &limit).is_err());
    }

    #[test]
    fn debt_of_a_larger_limit_is_not_carried_into_a_smaller_one() {
        let bucket = Bucket::default();
        while bucket.take(0, &limit(1_000, 10_000)).is_ok() {}
        let small = limit(10, 5);
        assert_eq!(bucket.take(0, &small), Err(SECOND_NS / 10));
        // Asked again meanwhile, it does not recede.
        assert_eq!(bucket.take(SECOND_NS / 20, &small), Err(SECOND_NS / 20));
        bucket.take(SECOND_NS / 10, &small).unwrap();
    }

    #[test]
    fn a_limit_of_none_lets_nothing_through_until_its_end() {
        let closed = Limit { until: Some(Instant::from_millis(5_500)), ..limit(0, 9) };
        let wait = Bucket::default().take(7, &closed).unwrap_err();
        assert_eq!(retry_after_s(wait, &closed, Instant::from_millis(2_000)), 4);
        assert_eq!(retry_after_s(wait, &limit(0, 9), Instant::from_millis(2_000)), 60);
        assert_eq!(retry_after_s(1, &limit(7, 0), Instant::from_millis(2_000)), 1);
    }

    proptest! {
        /// Whoever waits is let through, and nobody gets more than rate and burst in any stretch of time.
        #[test]
        fn no_stretch_of_time_gets_more_than_its_share(
            per_second in 1_u32..5_000,
            burst in 0_u32..50,
            pauses in prop::collection::vec(0_u64..SECOND_NS / 20, 1..400),
        ) {
            let (bucket, limit) = (Bucket::default(), limit(per_second, burst));
            let (mut now, mut passed) = (0, Vec::new());
            for pause in pauses {
                now += pause;
                match bucket.take(now, &limit) {
                    Ok(()) => passed.push(now),
                    Err(wait) => {
                        let gap = SECOND_NS.div_ceil(u64::from(per_second));
                        prop_assert!(wait <= gap);
                        prop_assert!(gcra(bucket.0.load(Ordering::Relaxed), now + wait, &limit).1.is_ok());
                    }
                }
            }
            for (first, begin) in passed.iter().enumerate() {
                for (last, end) in passed.iter().enumerate().skip(first) {
                    let share = (end - begin) * u64::from(per_second) / SECOND_NS + u64::from(burst) + 1;
                    prop_assert!(((last - first) as u64) < share);
                }
            }
        }
    }
}
