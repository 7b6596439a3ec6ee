//! How what serves stands over time: since when it is down, and how often it had to be started again.

use super::locked;
use crate::health;
use model::{EngineId, Instant};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time;

/// Probes in a row without a good answer before what serves is said to be down.
const DOWN_AFTER: u32 = 3;
/// Starts in a row, each of something that did not last, before it is said to end again and again.
const LOOP_AFTER: u32 = 3;

/// What is known of each engine since this service runs.
#[derive(Debug, Default)]
pub(super) struct Standings(Mutex<BTreeMap<EngineId, Standing>>);

#[derive(Debug, Clone, Default)]
struct Standing {
    /// Starts after an end that nobody ordered.
    restarts: u64,
    /// Those in a row of which none lasted.
    in_row: u32,
    started: Option<time::Instant>,
    /// Probes in a row without a good answer.
    failed: u32,
    down_since: Option<Instant>,
    /// What the last probe found.
    why: String,
    /// How the last process that was started again had ended.
    ended: &'static str,
}

impl Standing {
    fn is_loop(&self, lasts: Duration) -> bool {
        self.in_row >= LOOP_AFTER && self.started.is_some_and(|at| at.elapsed() < lasts)
    }
}

impl Standings {
    /// It was started again after it had `ended`. `lasts`: a process that ran this long has lasted.
    pub(super) fn restarted(&self, engine: EngineId, ended: &'static str, lasts: Duration) {
        let mut all = locked(&self.0);
        let standing = all.entry(engine).or_default();
        let lasted = standing.started.is_none_or(|at| at.elapsed() >= lasts);
        standing.restarts += 1;
        standing.in_row = if lasted { 1 } else { standing.in_row.saturating_add(1) };
        standing.started = Some(time::Instant::now());
        standing.ended = ended;
    }

    /// A probe of what serves found this; whether it is up, as far as that is certain by now.
    pub(super) fn probed(&self, engine: EngineId, found: &health::HealthView) -> Option<bool> {
        let mut all = locked(&self.0);
        let standing = all.entry(engine).or_default();
        if found.ok {
            (standing.failed, standing.down_since) = (0, None);
            return Some(true);
        }
        standing.failed = standing.failed.saturating_add(1);
        standing.down_since.get_or_insert(found.at);
        standing.why.clone_from(&found.why);
        (standing.failed >= DOWN_AFTER).then_some(false)
    }

    /// It could not be started again: nothing of it is left to be probed.
    pub(super) fn not_started(&self, engine: EngineId, now: Instant, why: &str) {
        let mut all = locked(&self.0);
        let standing = all.entry(engine).or_default();
        standing.failed = standing.failed.max(DOWN_AFTER);
        standing.down_since.get_or_insert(now);
        why.clone_into(&mut standing.why);
    }

    /// Nothing is to serve there: that it does not is nobody's trouble.
    pub(super) fn forget(&self, engine: &EngineId) {
        locked(&self.0).remove(engine);
    }

    /// Starts again, and since when it is down.
    pub(super) fn of(&self, engine: &EngineId) -> (u64, Option<Instant>) {
        let all = locked(&self.0);
        let down = |standing: &Standing| standing.down_since.filter(|_| standing.failed >= DOWN_AFTER);
        all.get(engine).map_or((0, None), |standing| (standing.restarts, down(standing)))
    }

    /// What is wrong with each, in a sentence.
    pub(super) fn troubles(&self, lasts: Duration) -> BTreeMap<EngineId, String> {
        let trouble = |standing: &Standing| {
            let down = standing.down_since.filter(|_| standing.failed >= DOWN_AFTER);
            let down = down.map(|since| format!("down since {since}: {}", standing.why));
            let again = standing.is_loop(lasts).then(|| {
                let times = standing.in_row;
                format!(
                    "it ends again and again: started {times} times in a row since it last lasted; {}",
                    standing.ended
                )
            });
            let said: Vec<_> = down.into_iter().chain(again).collect();
            (!said.is_empty()).then(|| said.join("; "))
        };
        let all = locked(&self.0);
        all.iter().filter_map(|(engine, standing)| Some((*engine, trouble(standing)?))).collect()
    }
}
