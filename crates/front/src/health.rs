//! How a release does under its visitors: requests, failures and how long its answers took, in bounded memory.

use crate::Route;
use model::EngineId;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Upper bounds of the buckets, milliseconds; each at most half above the one before. The last takes all above.
const BOUNDS_MS: [u64; 32] = [
    1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_024, 1_536, 2_048, 3_072, 4_096,
    6_144, 8_192, 12_288, 16_384, 24_576, 32_768, 49_152, 65_536,
];
/// Generations of one engine that are remembered: the present one and the one before.
const KEPT: usize = 2;
/// Engines without a route that are remembered.
const AWAY_MAX: usize = crate::MAX_ROUTES;

/// The answer to `/health`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Health {
    /// The front's process: another one has counted from nothing.
    pub pid: u32,
    /// What was counted, by engine and generation.
    pub counts: Vec<Counts>,
}

/// Requests to one engine under one generation of its route, since this front runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counts {
    pub engine: EngineId,
    /// Generation of its route.
    pub generation: u64,
    /// Requests that were passed on.
    pub requests: u64,
    /// Those answered with 5xx, or not at all.
    pub errors: u64,
    /// Requests that were not passed on because the tenant's limit was reached.
    pub limited: u64,
    /// Requests by how long the head of their answer took.
    pub latency: Vec<u64>,
}

impl Counts {
    /// Of no request.
    pub fn none(engine: EngineId, generation: u64) -> Self {
        Self { engine, generation, requests: 0, errors: 0, limited: 0, latency: vec![0; BOUNDS_MS.len()] }
    }

    /// What was counted after `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        let latency = self.latency.iter().zip(earlier.latency.iter().chain(std::iter::repeat(&0)));
        Self {
            engine: self.engine,
            generation: self.generation,
            requests: self.requests.saturating_sub(earlier.requests),
            errors: self.errors.saturating_sub(earlier.errors),
            limited: self.limited.saturating_sub(earlier.limited),
            latency: latency.map(|(now, then)| now.saturating_sub(*then)).collect(),
        }
    }

    /// 99 of 100 requests were answered within this time, to the next bound; none without requests.
    pub fn p99_ms(&self) -> Option<u64> {
        let all: u64 = self.latency.iter().sum();
        let wanted = all.saturating_mul(99).div_ceil(100);
        let mut within = 0;
        let bounds = BOUNDS_MS.iter().zip(&self.latency);
        let mut found = bounds.filter_map(|(bound, count)| {
            within += count;
            (within >= wanted).then_some(*bound)
        });
        if all == 0 { None } else { found.next() }
    }
}

/// The living counters of one engine and generation.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    requests: AtomicU64,
    errors: AtomicU64,
    limited: AtomicU64,
    latency: [AtomicU64; BOUNDS_MS.len()],
}

impl Counter {
    pub(crate) fn limited(&self) {
        self.limited.fetch_add(1, Ordering::Relaxed);
    }

    fn answered(&self, failed: bool, took: Duration) {
        let ms = took.as_nanos().div_ceil(1_000_000);
        let bucket = BOUNDS_MS.partition_point(|bound| u128::from(*bound) < ms).min(BOUNDS_MS.len() - 1);
        self.latency[bucket].fetch_add(1, Ordering::Relaxed);
        self.errors.fetch_add(u64::from(failed), Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self, engine: EngineId, generation: u64) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            engine,
            generation,
            requests: read(&self.requests),
            errors: read(&self.errors),
            limited: read(&self.limited),
            latency: self.latency.iter().map(read).collect(),
        }
    }
}

/// One request that is measured. Dropped without an answer, because its visitor went away, it counts with the time it
/// waited: a release that hangs would look well otherwise.
pub(crate) struct Measured {
    counter: Option<Arc<Counter>>,
    begun: Instant,
    failed: bool,
}

impl Measured {
    /// Of nobody's counter: measured and not counted.
    pub(crate) fn begin(counter: Option<Arc<Counter>>) -> Self {
        Self { counter, begun: Instant::now(), failed: false }
    }

    /// The head of an answer is there, or will never be.
    pub(crate) fn end(mut self, failed: bool) {
        self.failed = failed;
    }

    /// It says nothing about the release.
    pub(crate) fn forget(mut self) {
        self.counter = None;
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        if let Some(counter) = &self.counter {
            counter.answered(self.failed, self.begun.elapsed());
        }
    }
}

/// Every counter there is.
#[derive(Debug, Default)]
pub(crate) struct Counters(BTreeMap<(EngineId, u64), Arc<Counter>>);

impl Counters {
    pub(crate) fn of(&mut self, route: &Route) -> Arc<Counter> {
        self.0.entry((route.engine, route.generation)).or_default().clone()
    }

    /// Forgets what no judgement needs: all but each engine's generation in force and the one before.
    pub(crate) fn trim(&mut self, in_force: &BTreeMap<EngineId, u64>) {
        let mut kept: BTreeMap<EngineId, usize> = BTreeMap::new();
        let mut keys: Vec<_> = self.0.keys().rev().copied().collect();
        keys.retain(|(engine, generation)| {
            let counted = kept.len();
            let now = in_force.get(engine);
            // A generation above the one in force was taken back.
            if now.is_some_and(|now| generation > now) || (now.is_none() && counted >= in_force.len() + AWAY_MAX) {
                return false;
            }
            let many = kept.entry(*engine).or_insert(0);
            *many += 1;
            *many <= KEPT
        });
        self.0.retain(|key, _| keys.contains(key));
    }

    pub(crate) fn read(&self) -> Vec<Counts> {
        self.0.iter().map(|((engine, generation), counter)| counter.read(*engine, *generation)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn ninety_nine_of_a_hundred_are_within_the_bound() {
        let counter = Counter::default();
        let read = |counter: &Counter| counter.read(EngineId([1; 16]), 1);
        assert_eq!(read(&counter).p99_ms(), None);
        (0..99).for_each(|_| counter.answered(false, ms(20)));
        counter.answered(true, ms(900));
        let first = read(&counter);
        assert_eq!((first.requests, first.errors, first.p99_ms()), (100, 1, Some(24)));
        counter.answered(false, ms(900));
        let second = read(&counter);
        assert_eq!(second.p99_ms(), Some(1_024));
        let since = second.since(&first);
        assert_eq!((since.requests, since.errors, since.p99_ms()), (1, 0, Some(1_024)));
        counter.answered(false, ms(10_000_000));
        assert_eq!(read(&counter).since(&second).p99_ms(), BOUNDS_MS.last().copied());
    }

    #[test]
    fn who_goes_away_counts_and_who_is_at_fault_does_not() {
        let counter = Arc::new(Counter::default());
        drop(Measured::begin(Some(counter.clone())));
        Measured::begin(Some(counter.clone())).end(true);
        Measured::begin(Some(counter.clone())).forget();
        let counts = counter.read(EngineId([1; 16]), 1);
        assert_eq!((counts.requests, counts.errors), (2, 1));
    }

    #[test]
    fn the_generation_in_force_and_the_one_before_are_kept() {
        let engine = |n| EngineId([n; 16]);
        let mut counters = Counters::default();
        for (id, generation) in [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (2, 3)] {
            counters.0.insert((engine(id), generation), Arc::default());
        }
        counters.trim(&BTreeMap::from([(engine(1), 3)]));
        let left: Vec<_> = counters.0.keys().map(|(engine, generation)| (engine.as_bytes()[0], *generation)).collect();
        assert_eq!(left, [(1, 2), (1, 3), (2, 2), (2, 3)]);
    }
}
