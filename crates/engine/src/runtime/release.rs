//! Release health: what serves is judged by its visitors' requests, once a minute.

mod watch;

use crate::{health, view::ReleaseView};
use front::{Counts, Health};
use model::EngineId;
use signed::Counted;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};
use tokio::time::Instant;

/// Errors of a hundred requests that are too many.
const ERRORS_PERCENT: u64 = 5;
/// How much slower than the generation before is too slow.
const SLOWER_TIMES: u64 = 3;
/// What nobody notices is no regression: below this a release is never called slow.
const SLOW_FROM_MS: u64 = 100;

/// What one minute of requests says of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Too few requests to say anything.
    Unknown,
    /// Within the limits.
    Well,
    /// A limit is crossed.
    Regressed,
}

/// A regression that is to be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regression {
    pub engine: EngineId,
    /// Generation of its route.
    pub generation: u64,
    /// What was counted.
    pub counted: Counted,
}

/// Judges one minute of a generation; `before` is all that is known of the generation before.
pub fn judge(minute: &Counts, before: Option<&Counts>) -> (Counted, Judgement) {
    let before = before.filter(|before| before.requests >= Counted::REQUESTS_MIN).and_then(Counts::p99_ms);
    let p99_ms = minute.p99_ms().unwrap_or(0);
    let counted = Counted { requests: minute.requests, errors: minute.errors, p99_ms, p99_before_ms: before };
    let failing = minute.errors.saturating_mul(100) >= minute.requests.saturating_mul(ERRORS_PERCENT);
    let slow = p99_ms >= SLOW_FROM_MS && before.is_some_and(|before| p99_ms >= before.saturating_mul(SLOWER_TIMES));
    let judgement = match (minute.requests < Counted::REQUESTS_MIN, failing || slow) {
        (true, _) => Judgement::Unknown,
        (false, true) => Judgement::Regressed,
        (false, false) => Judgement::Well,
    };
    (counted, judgement)
}

/// What was read of the front, and what was judged.
#[derive(Debug, Default)]
pub(super) struct Releases(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// As the last minute began.
    begin: Option<(Instant, Health)>,
    /// As last read, for the metrics.
    last: Option<Health>,
    /// The last judgement of each engine.
    shown: BTreeMap<EngineId, ReleaseView>,
    /// Generations that crossed a limit and have not recovered.
    standing: BTreeSet<(EngineId, u64)>,
    /// Not reported yet.
    due: Vec<Regression>,
}

/// What was counted between two readings; all of it where another front counts now.
fn between<'a>(earlier: Option<&Health>, now: &'a Health) -> impl Iterator<Item = Counts> + 'a {
    let known: BTreeMap<_, _> = earlier
        .filter(|earlier| earlier.pid == now.pid)
        .map(|earlier| earlier.counts.iter().map(|c| ((c.engine, c.generation), c.clone())).collect())
        .unwrap_or_default();
    now.counts.iter().map(move |counts| {
        known.get(&(counts.engine, counts.generation)).map_or_else(|| counts.clone(), |earlier| counts.since(earlier))
    })
}

impl Known {
    /// Judges the generations that serve.
    fn judge(&mut self, begin: &Health, now: &Health, serving: &BTreeMap<EngineId, u64>) {
        for minute in between(Some(begin), now).filter(|c| serving.get(&c.engine) == Some(&c.generation)) {
            let (engine, generation) = (minute.engine, minute.generation);
            let older = |c: &&Counts| c.engine == engine && c.generation < generation;
            let (counted, judgement) = judge(&minute, now.counts.iter().rfind(older));
            let key = (engine, generation);
            if judgement == Judgement::Well {
                self.standing.remove(&key);
            }
            if judgement == Judgement::Regressed && self.standing.insert(key) {
                self.due.push(Regression { engine, generation, counted });
            }
            let view = ReleaseView {
                generation,
                requests: counted.requests,
                errors: counted.errors,
                limited: minute.limited,
                p99_ms: minute.p99_ms(),
                p99_before_ms: counted.p99_before_ms,
                regressed: self.standing.contains(&key),
                at: health::now(),
            };
            self.shown.insert(engine, view);
        }
        let serves = |engine: &EngineId, generation: u64| serving.get(engine) == Some(&generation);
        self.standing.retain(|(engine, generation)| serves(engine, *generation));
        self.shown.retain(|engine, view| serves(engine, view.generation));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINE: EngineId = EngineId([1; 16]);

    /// Requests that all took up to the bucket's bound.
    fn counts(generation: u64, requests: u64, errors: u64, bucket: usize) -> Counts {
        let mut counts = Counts { requests, errors, ..Counts::none(ENGINE, generation) };
        counts.latency[bucket] = requests;
        counts
    }

    const MS_24: usize = 8;
    const MS_64: usize = 11;
    const MS_96: usize = 12;
    const MS_128: usize = 13;
    const MS_192: usize = 14;

    #[test]
    fn five_errors_of_a_hundred_are_a_regression_from_fifty_requests_on() {
        let of = |requests, errors| judge(&counts(2, requests, errors, MS_24), None).1;
        assert_eq!(of(49, 49), Judgement::Unknown);
        assert_eq!(of(50, 2), Judgement::Well);
        assert_eq!(of(50, 3), Judgement::Regressed);
        assert_eq!(of(100, 5), Judgement::Regressed);
        assert_eq!(of(0, 0), Judgement::Unknown);
    }

    #[test]
    fn three_times_as_slow_as_the_generation_before_is_a_regression() {
        let of = |bucket, before| judge(&counts(2, 50, 0, bucket), Some(&before)).1;
        assert_eq!(of(MS_192, counts(1, 50, 0, MS_64)), Judgement::Regressed);
        assert_eq!(of(MS_128, counts(1, 50, 0, MS_64)), Judgement::Well);
        assert_eq!(of(MS_192, counts(1, 49, 0, MS_64)), Judgement::Well, "too little is known of the one before");
        assert_eq!(of(MS_96, counts(1, 50, 0, MS_24)), Judgement::Well, "nobody notices");
        assert_eq!(judge(&counts(2, 50, 0, MS_192), None).1, Judgement::Well, "the first generation has none before");
        let (counted, _) = judge(&counts(2, 50, 1, MS_192), Some(&counts(1, 50, 0, MS_64)));
        assert_eq!(counted, Counted { requests: 50, errors: 1, p99_ms: 192, p99_before_ms: Some(64) });
    }

    fn read(pid: u32, counts: &[Counts]) -> Health {
        Health { pid, counts: counts.to_vec() }
    }

    #[test]
    fn a_regression_is_told_once_until_it_recovers() {
        let mut known = Known::default();
        let serving = BTreeMap::from([(ENGINE, 1)]);
        let total = [(0, 0), (100, 50), (200, 100), (230, 130), (330, 130), (430, 180)];
        let told: Vec<_> = total
            .windows(2)
            .map(|pair| {
                let [begin, now] =
                    [pair[0], pair[1]].map(|(requests, errors)| read(1, &[counts(1, requests, errors, MS_24)]));
                known.judge(&begin, &now, &serving);
                (known.due.drain(..).count(), known.shown[&ENGINE].regressed)
            })
            .collect();
        // Too few requests say neither that it still stands nor that it is over.
        assert_eq!(told, [(1, true), (0, true), (0, true), (0, false), (1, true)]);
        // Another generation begins again, and the one before is forgotten.
        let (begin, now) = (read(1, &[]), read(1, &[counts(1, 430, 180, MS_24), counts(2, 100, 9, MS_24)]));
        known.judge(&begin, &now, &BTreeMap::from([(ENGINE, 2)]));
        assert_eq!((known.due.len(), known.due[0].generation), (1, 2));
        assert_eq!(known.standing, BTreeSet::from([(ENGINE, 2)]));
        known.judge(&now, &now, &BTreeMap::new());
        assert!(known.standing.is_empty() && known.shown.is_empty());
    }

    #[test]
    fn another_front_has_counted_from_nothing() {
        let (first, second) = (read(1, &[counts(1, 100, 0, MS_24)]), read(2, &[counts(1, 60, 6, MS_24)]));
        let seen: Vec<_> = between(Some(&first), &second).map(|c| (c.requests, c.errors)).collect();
        assert_eq!(seen, [(60, 6)]);
    }
}
