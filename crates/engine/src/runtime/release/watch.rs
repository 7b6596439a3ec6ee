//! The watch over release health.

use super::{Regression, between};
use crate::runtime::{Runtime, keep::every, locked};
use crate::view::ReleaseView;
use front::Health;
use model::EngineId;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

impl Runtime {
    /// Takes the regressions that are not reported yet: one for each engine and generation until it recovers.
    pub fn take_regressions(&self) -> Vec<Regression> {
        std::mem::take(&mut locked(&self.inner.releases.0).due)
    }

    /// How what serves did in the last minute that was judged.
    pub(in crate::runtime) fn release_health(&self, engine: &EngineId) -> Option<ReleaseView> {
        locked(&self.inner.releases.0).shown.get(engine).cloned()
    }

    pub(in crate::runtime) async fn keep_releases(&self) {
        let timing = self.inner.options.timing;
        let mut ticks = every(timing.count_every);
        loop {
            ticks.tick().await;
            // A front that is being started has counted nothing yet.
            let Ok(now) = self.inner.front.health().await else { continue };
            self.counted(now, timing.judge_every);
        }
    }

    fn counted(&self, now: Health, judge_every: Duration) {
        let serving: BTreeMap<EngineId, u64> = {
            let records = locked(&self.inner.records);
            records.values().filter(|record| record.serving.is_some()).map(|r| (r.engine, r.generation)).collect()
        };
        let mut known = locked(&self.inner.releases.0);
        // What was counted before this service ran is in no series of its own.
        if let Some(last) = &known.last {
            between(Some(last), &now).for_each(|counts| self.inner.counters.count(&counts));
        }
        known.last = Some(now.clone());
        match known.begin.take() {
            Some((at, begin)) if at.elapsed() >= judge_every => {
                known.judge(&begin, &now, &serving);
                known.begin = Some((Instant::now(), now));
                for (engine, view) in &known.shown {
                    self.inner.counters.slowest(engine, view.p99_ms);
                }
            }
            Some(begin) => known.begin = Some(begin),
            None => known.begin = Some((Instant::now(), now)),
        }
    }
}
