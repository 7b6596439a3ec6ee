//! What died or hangs: how often it was started again and how often that failed, to be reported once a minute and
//! shown at once.

use super::{Runtime, locked};
use crate::{health, record::SideRecord};
use model::{EngineId, Instant, Side};
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
    /// Since when what serves does not answer.
    down_since: Option<Instant>,
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
            known.down_since = None;
            known.recent.push_back(now);
            let surplus = known.recent.len().saturating_sub(RECENT_MAX);
            known.recent.drain(..surplus);
        } else {
            known.down_since.get_or_insert(now);
        }
    }

    /// Notes what a probe of the serving side found.
    pub(super) fn probed(&self, engine: &EngineId, answers: bool, now: Instant) {
        let mut all = locked(&self.0);
        match all.get_mut(engine) {
            Some(known) if answers => known.down_since = None,
            Some(known) => drop(known.down_since.get_or_insert(now)),
            None if answers => {}
            None => all.entry(*engine).or_default().down_since = Some(now),
        }
    }

    /// How often it was started again in the last minute, and since when it does not answer.
    fn shown(&self, engine: &EngineId, now: Instant) -> (u32, Option<Instant>) {
        let all = locked(&self.0);
        let Some(known) = all.get(engine) else { return (0, None) };
        let recent = known.recent.iter().filter(|at| now.millis_since(**at) < MINUTE_MS).count();
        (u32::try_from(recent).unwrap_or(u32::MAX), known.down_since)
    }

    fn take(&self, due: impl Fn(&EngineId) -> bool) -> BTreeMap<EngineId, Restarted> {
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

impl Runtime {
    /// Takes what was restarted, or could not be, of the engines that are `due` to be reported.
    pub fn take_restarts(&self, due: impl Fn(&EngineId) -> bool) -> BTreeMap<EngineId, Restarted> {
        self.inner.restarts.take(due)
    }

    /// How often what serves was started again in the last minute, and since when it does not answer.
    pub(super) fn restarts(&self, engine: &EngineId) -> (u32, Option<Instant>) {
        self.inner.restarts.shown(engine, health::now())
    }

    /// Ends a process that serves and does not answer: the watch starts it again.
    pub(super) async fn end_hung(&self, engine: &EngineId, side: Side, running: &SideRecord) {
        let Ok(_held) = self.lock(engine).try_lock_owned() else { return };
        let Some(identity) = running.process.clone() else { return };
        tracing::error!(%engine, %side, "engine: what serves does not answer; ending it");
        let within = self.inner.options.timing.terminate_within;
        let ended = super::blocking(move || identity.terminate(within).map_err(crate::EngineError::Process)).await;
        if let Err(error) = ended {
            tracing::error!(%engine, %error, "engine: a process that does not answer cannot be ended");
        }
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
    fn tries_that_fail_are_reported_with_those_that_do_not_and_say_since_when_it_is_down() {
        let (restarts, engine) = (Restarts::default(), EngineId([1; 16]));
        let at = |seconds: i64| Instant::from_millis(seconds * 1_000);
        restarts.add(engine, 3, true, at(0));
        restarts.add(engine, 3, false, at(10));
        restarts.add(engine, 3, false, at(20));
        assert_eq!(restarts.shown(&engine, at(21)), (1, Some(at(10))));
        assert!(restarts.take(|_| false).is_empty());
        assert_eq!(restarts.take(|_| true), [(engine, Restarted { generation: 3, count: 1, failed: 2 })].into());
        assert!(restarts.take(|_| true).is_empty(), "each is reported once");
        restarts.probed(&engine, false, at(30));
        assert_eq!(restarts.shown(&engine, at(70)), (0, Some(at(10))), "it is down since the first try");
        restarts.probed(&engine, true, at(71));
        assert_eq!(restarts.shown(&engine, at(72)), (0, None));
    }
}
