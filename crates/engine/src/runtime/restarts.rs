//! What died or hangs: how often it was started again and how often that failed, to be reported once a minute and
//! shown at once.

use super::locked;
use model::{EngineId, Instant};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

/// Probes in a row without an answer before a running process counts as hung.
const HUNG_AFTER: u32 = 5;

/// What is shown as the last minute, milliseconds.
const MINUTE_MS: i64 = 60_000;
/// Restarts of the last minute that are remembered; the waits between them allow no more.
const RECENT_MAX: usize = 256;

/// Restarts by engine.
#[derive(Debug, Default)]
pub(super) struct Restarts(Mutex<BTreeMap<EngineId, Known>>);

#[derive(Debug, Default)]
struct Known {
    /// Not reported yet.
    due: Option<Restarted>,
    /// When it was started again lately.
    recent: VecDeque<Instant>,
}

/// Restarts of one engine since the last report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restarted {
    /// How often it was started and answered.
    pub count: u32,
    /// How often that failed.
    pub failed: u32,
}

/// Probes in a row that a serving process did not answer, by engine.
#[derive(Debug, Default)]
pub(super) struct Hangs(Mutex<BTreeMap<EngineId, u32>>);

impl Restarts {
    /// Notes a try to start again what serves, and whether it answered.
    pub(super) fn add(&self, engine: EngineId, answers: bool, now: Instant) {
        let mut all = locked(&self.0);
        let known = all.entry(engine).or_default();
        let due = known.due.get_or_insert(Restarted { count: 0, failed: 0 });
        let counter = if answers { &mut due.count } else { &mut due.failed };
        *counter = counter.saturating_add(1);
        if answers {
            known.recent.push_back(now);
            let surplus = known.recent.len().saturating_sub(RECENT_MAX);
            known.recent.drain(..surplus);
        }
    }

    /// How often it was started again in the last minute.
    pub(super) fn lately(&self, engine: &EngineId, now: Instant) -> u32 {
        let all = locked(&self.0);
        let Some(known) = all.get(engine) else { return 0 };
        let recent = known.recent.iter().filter(|at| now.millis_since(**at) < MINUTE_MS).count();
        u32::try_from(recent).unwrap_or(u32::MAX)
    }

    pub(super) fn take(&self, due: impl Fn(&EngineId) -> bool) -> BTreeMap<EngineId, Restarted> {
        let mut all = locked(&self.0);
        let known = all.iter_mut().filter(|(engine, _)| due(engine));
        known.filter_map(|(engine, known)| Some((*engine, known.due.take()?))).collect()
    }
}

impl Hangs {
    /// Counts one probe; whether the process counts as hung by now.
    pub(super) fn count(&self, engine: &EngineId, silent: bool) -> bool {
        let mut all = locked(&self.0);
        if !silent {
            all.remove(engine);
            return false;
        }
        let count = all.entry(*engine).or_insert(0);
        *count += 1;
        let hung = *count >= HUNG_AFTER;
        if hung {
            all.remove(engine);
        }
        hung
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_forgives_and_the_last_of_a_row_counts_as_hung() {
        let (hangs, engine) = (Hangs::default(), EngineId([1; 16]));
        for _ in 1..HUNG_AFTER {
            assert!(!hangs.count(&engine, true));
        }
        assert!(!hangs.count(&engine, false));
        for _ in 1..HUNG_AFTER {
            assert!(!hangs.count(&engine, true));
        }
        assert!(hangs.count(&engine, true));
        assert!(!hangs.count(&engine, true), "it is counted again after it was ended");
    }

    #[test]
    fn tries_that_fail_are_reported_with_those_that_do_not_and_only_the_last_minute_is_shown() {
        let (restarts, engine) = (Restarts::default(), EngineId([1; 16]));
        let at = |seconds: i64| Instant::from_millis(seconds * 1_000);
        restarts.add(engine, true, at(0));
        restarts.add(engine, false, at(10));
        restarts.add(engine, false, at(20));
        assert_eq!(restarts.lately(&engine, at(21)), 1);
        assert!(restarts.take(|_| false).is_empty());
        assert_eq!(restarts.take(|_| true), [(engine, Restarted { count: 1, failed: 2 })].into());
        assert!(restarts.take(|_| true).is_empty(), "each is reported once");
        assert_eq!(restarts.lately(&engine, at(70)), 0);
    }
}
