//! Standing watch: the front is always there, and what the ledger says serves is started again when it has ended.

use super::{Restarted, Runtime, blocking, launch::Launch, locked};
use crate::{
    EngineError, Timing, Wanted, health,
    record::{Record, SideRecord},
};
use model::{EngineId, Side};
use signed::Served;
use std::collections::BTreeMap;
use tokio::{
    sync::OwnedMutexGuard,
    task::{AbortHandle, JoinSet},
    time::{Duration, Instant, MissedTickBehavior, interval},
};

/// Most engines that are probed at once.
const PROBES_MAX: usize = 64;

impl Runtime {
    /// Watches until dropped. `wanted` says what the verified fold wants at this moment; nothing else is ever
    /// started. Front and engines run on when it ends.
    pub async fn keep(self, wanted: impl Fn() -> Vec<Wanted> + Send + Sync) {
        let wanted = &wanted;
        tokio::join!(
            self.keep_front(),
            self.keep_engines(wanted),
            self.keep_limits(wanted),
            self.keep_health(),
            self.keep_releases()
        );
    }

    async fn keep_front(&self) {
        let timing = self.inner.options.timing;
        let (mut ticks, mut backoff) = (every(timing.watch_every), Backoff::default());
        let mut seen = false;
        loop {
            ticks.tick().await;
            let front = &self.inner.front;
            // Its own word counts where the files that name its process are gone.
            if front.identity().is_some() || front.status_now().await.is_ok() {
                seen = true;
            } else if backoff.is_due(&timing) {
                if seen {
                    tracing::warn!("engine: the front has ended and is started again");
                    self.inner.counters.front_restarts.inc();
                }
                if let Err(error) = front.start().await {
                    tracing::error!(%error, "engine: the front cannot be started, so no shop can be reached");
                }
            }
        }
    }

    /// Makes the front's table lead as recorded, and say what the fold says that tenants may, whoever changed them.
    async fn keep_limits(&self, wanted: impl Fn() -> Vec<Wanted>) {
        let mut ticks = every(self.inner.options.timing.limits_every);
        let mut backoffs = BTreeMap::new();
        loop {
            ticks.tick().await;
            let wanted = wanted();
            self.mend_routes(&wanted, &mut backoffs).await;
            let limits = wanted.into_iter().map(|wanted| (wanted.site.engine, wanted.limits)).collect();
            if let Err(error) = self.inner.front.limit(limits).await {
                tracing::warn!(%error, "engine: limits are not in force yet");
            }
        }
    }

    async fn keep_engines(&self, wanted: impl Fn() -> Vec<Wanted>) {
        let timing = self.inner.options.timing;
        let mut ticks = every(timing.watch_every);
        let mut backoffs: BTreeMap<EngineId, Backoff> = BTreeMap::new();
        // Ended with this future; a process that was just spawned is found again by its record.
        let mut restarts = JoinSet::new();
        loop {
            ticks.tick().await;
            while restarts.try_join_next().is_some() {}
            for wanted in wanted() {
                let engine = wanted.site.engine;
                if self.is_served(&wanted) {
                    continue;
                }
                // An action on this engine is in progress: it comes first.
                let Ok(held) = self.lock(&engine).try_lock_owned() else { continue };
                if backoffs.entry(engine).or_default().is_due(&timing) {
                    restarts.spawn(self.clone().restart(wanted, held));
                }
            }
        }
    }

    /// Whether nothing is to be done for an engine. What is not wanted is named and left alone.
    fn is_served(&self, wanted: &Wanted) -> bool {
        let engine = &wanted.site.engine;
        let trouble = match self.record(engine) {
            None if wanted.serving.is_some() || self.is_lost(engine) => return false,
            None => None,
            Some(record) => {
                if wanted.allows(record.generation, record.serving) {
                    match record.serving_side() {
                        Some((_, side)) if !side.is_some_and(SideRecord::is_alive) => return false,
                        _ => None,
                    }
                } else {
                    Some(format!(
                        "generation {} is recorded here, {} in the ledger: nothing is restarted",
                        record.generation, wanted.generation
                    ))
                }
            }
        };
        match trouble {
            Some(why) => drop(locked(&self.inner.trouble).insert(*engine, why)),
            None => drop(locked(&self.inner.trouble).remove(engine)),
        }
        true
    }

    async fn restart(self, wanted: Wanted, _held: OwnedMutexGuard<()>) {
        let engine = wanted.site.engine;
        match self.bring_back(&wanted).await {
            Ok(true) => {
                self.inner.counters.engine_restarts.inc();
                self.inner.restarts.add(engine, true, health::now());
                locked(&self.inner.trouble).remove(&engine);
            }
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%engine, %error, "engine: what serves has ended and cannot be started again");
                self.inner.restarts.add(engine, false, health::now());
                self.inner.standings.not_started(engine, health::now(), &error.to_string());
                locked(&self.inner.trouble).insert(engine, error.to_string());
            }
        }
    }

    /// Starts exactly what serves, under the same verification as the first time. `false` when it serves by now.
    async fn bring_back(&self, wanted: &Wanted) -> Result<bool, EngineError> {
        if self.is_served(wanted) {
            return Ok(false);
        }
        let mut record = match self.record(&wanted.site.engine) {
            Some(record) => self.settled(&wanted.site.engine).await?.unwrap_or(record),
            None => self.rebuilt(wanted).await?,
        };
        let Some(serving) = record.serving else { return Ok(false) };
        // It was found again just now, unrecorded by a crash.
        if record.side(serving.side).is_some_and(SideRecord::is_alive) {
            return Ok(false);
        }
        let port = record.side(serving.side).map_or(wanted.side_port(serving.side), |side| side.port);
        let how = again(&record, serving, wanted)?;
        let ended = how.ended.unwrap_or("nothing is known of its process");
        tracing::warn!(engine = %record.engine, side = %serving.side, ended, "engine: what serves is started again");
        let started = self.launch(&mut record, serving, port, how).await?;
        self.inner.standings.restarted(record.engine, ended, self.inner.options.timing.healthy_after);
        self.inner.counters.restarted(&record.engine);
        // Unhealthy, it is left running and shown so: it is what the ledger says serves.
        self.until_healthy(&record.engine, serving.side, &started).await?;
        if record.pending.is_none() {
            self.inner.front.publish(&record.engine, record.route(record.generation, serving)).await?;
        }
        Ok(true)
    }

    /// Probes the engines beside each other, each once at a time: one that does not answer delays none of the others.
    pub(super) async fn keep_health(&self) {
        let mut ticks = every(self.inner.options.timing.health_every);
        // Ended with this future.
        let (mut probes, mut probed) = (JoinSet::new(), BTreeMap::<EngineId, AbortHandle>::new());
        loop {
            ticks.tick().await;
            while probes.try_join_next().is_some() {}
            probed.retain(|_, probe| !probe.is_finished());
            let known: Vec<Record> = locked(&self.inner.records).values().cloned().collect();
            for record in known {
                if probed.contains_key(&record.engine) {
                    continue;
                }
                while probes.len() >= PROBES_MAX {
                    probes.join_next().await;
                }
                probed.insert(record.engine, probes.spawn(self.clone().probe_engine(record)));
            }
        }
    }

    async fn probe_engine(self, record: Record) {
        if record.serving.is_none() {
            self.inner.standings.forget(&record.engine);
            self.inner.counters.stands(&record.engine, None);
        }
        for (side, running) in record.started() {
            let found = self.probe_side(&record.engine, side, running).await;
            let serves = record.serving.is_some_and(|serving| serving.side == side);
            if serves && let Some(up) = self.inner.standings.probed(record.engine, &found) {
                self.inner.counters.stands(&record.engine, Some(up));
            }
            // What answers with another bundle does not hang, and a restart makes it no better: people are told.
            let silent = !found.ok && !found.is_other();
            let hangs = self.inner.hangs.count(&record.engine, serves && silent && running.is_alive());
            if hangs {
                self.end_hung(&record.engine, side, running).await;
            }
        }
    }

    /// Takes what was restarted, or could not be, of the engines that are `due` to be reported.
    pub fn take_restarts(&self, due: impl Fn(&EngineId) -> bool) -> BTreeMap<EngineId, Restarted> {
        self.inner.restarts.take(due)
    }

    /// How often what serves was started again in the last minute.
    pub(super) fn restarts_lately(&self, engine: &EngineId) -> u32 {
        self.inner.restarts.lately(engine, health::now())
    }

    /// Ends a process that serves and does not answer: the watch starts it again.
    pub(super) async fn end_hung(&self, engine: &EngineId, side: Side, running: &SideRecord) {
        let Ok(_held) = self.lock(engine).try_lock_owned() else { return };
        let Some(identity) = running.process.clone() else { return };
        tracing::error!(%engine, %side, "engine: what serves does not answer; ending it");
        let within = self.inner.options.timing.terminate_within;
        let ended = blocking(move || identity.terminate(within).map_err(EngineError::Process)).await;
        if let Err(error) = ended {
            tracing::error!(%engine, %error, "engine: a process that does not answer cannot be ended");
        }
    }
}

/// How what serves is started again: with what the verified fold says that it gets, where it says it; what is recorded
/// counts where the fold is still of the bundle before, and is checked then like any other.
fn again(record: &Record, serving: Served, wanted: &Wanted) -> Result<Launch, EngineError> {
    let decided = wanted.serving.filter(|decided| decided.bundle == serving.bundle).and(wanted.setup.clone());
    let site = &wanted.site;
    match (record.side(serving.side), decided) {
        (Some(side), None) => Ok(Launch::again(site, serving.side, side)),
        (Some(side), Some(setup)) => Ok(Launch { setup, ..Launch::again(site, serving.side, side) }),
        (None, Some(setup)) => Ok(Launch::with_setup(site, setup)),
        (None, None) => Err(EngineError::SetupUnknown),
    }
}

pub(super) fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// At once, then after waits that double; a long run is forgiven.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    last: Option<(Instant, Duration)>,
}

impl Backoff {
    pub(super) fn is_due(&mut self, timing: &Timing) -> bool {
        let now = Instant::now();
        let wait = match self.last {
            None => timing.backoff_first,
            Some((at, wait)) if now < at + wait => return false,
            Some((at, _)) if now >= at + timing.healthy_after => timing.backoff_first,
            Some((_, wait)) => wait.saturating_mul(2).min(timing.backoff_cap),
        };
        self.last = Some((now, wait));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn restarts_come_at_once_then_ever_later_up_to_the_cap() {
        let timing = Timing::default();
        let mut backoff = Backoff::default();
        let begin = Instant::now();
        let mut at_ms = Vec::new();
        while at_ms.len() < 9 {
            if backoff.is_due(&timing) {
                at_ms.push(begin.elapsed().as_millis());
            }
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        assert_eq!(at_ms, [0, 200, 600, 1_400, 3_000, 6_200, 12_600, 22_600, 32_600]);
        tokio::time::advance(timing.healthy_after).await;
        assert!(backoff.is_due(&timing));
        tokio::time::advance(timing.backoff_first).await;
        assert!(backoff.is_due(&timing), "a long run is forgiven");
    }
}
