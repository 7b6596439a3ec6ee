//! What time brings: what is over written down, scheduled changes started, repeats summed, the events log's head committed.

use crate::machine::Submitted;
use crate::service::Service;
use control::{ClockAct, Command, decide, due_starts};
use ledger::Ack;
use model::Instant;
use service_shell::Check;
use std::sync::Arc;
use std::time::Duration;

/// How often something may be due.
const TICK: Duration = Duration::from_secs(1);
/// How often the head of a growing events log is committed, milliseconds.
const EPOCH_MS: i64 = 60_000;
/// An empty payload: the clock explains nothing.
const NO_TEXT: [u8; 2] = [1, 0];
/// Most leaves that settle what is due, one set of tenants each, at one tick: the rest has the next one.
const SETTLE_MAX: u32 = 1_000;

/// The clock's task, until it is dropped.
pub(crate) async fn run(service: Arc<Service>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut committed = service.now();
    loop {
        ticks.tick().await;
        service.tick(&mut committed).await;
    }
}

impl Service {
    /// Does what is due now. `committed` is when the events log's head was last looked at.
    pub(crate) async fn tick(&self, committed: &mut Instant) {
        self.metrics.sizes(self.control.log().size(), self.events.log().size());
        // While the clock is not believed nothing can be written down; readiness says so.
        if self.control.clock().is_err() {
            return;
        }
        let now = self.now();
        self.settle(now).await;
        for change in self.with_state(|state| due_starts(state, now)) {
            self.act(ClockAct::Start { change }).await;
        }
        self.sum(now, false).await;
        if now.millis_since(*committed) >= EPOCH_MS {
            *committed = now;
            self.commit_events().await;
        }
    }

    /// The readiness check: whether the writer believes this machine's clock.
    pub(crate) fn clock_check(&self, since: Instant) -> Check {
        let standing = self.control.clock();
        let ok = standing.is_ok();
        Check::new("clock", ok, standing.unwrap_or_else(|why| why), since)
    }

    /// Sums what was repeated in minutes that are over, or all of it.
    pub(crate) async fn sum(&self, now: Instant, all: bool) {
        for (first, count) in self.counted.take(now, all) {
            self.act(ClockAct::Refusals { first, count }).await;
        }
    }

    /// Commits the events log's head, if it has grown.
    pub(crate) async fn commit_events(&self) {
        let log = self.events.log();
        let size = log.size();
        let known = self.with_state(|state| state.events_head.map_or(0, |(size, _)| size));
        if let Some(root) = log.root_at(size).filter(|_| size > known) {
            self.act(ClockAct::EventsHead { size, root }).await;
        }
    }

    /// Writes down what time has brought, one leaf after the other, until nothing is due.
    async fn settle(&self, now: Instant) {
        let command = Command::Clock { act: ClockAct::Settle {} };
        for _ in 0..SETTLE_MAX {
            let due = self.with_state(|state| decide(state, &self.blobs, now, &command).is_ok());
            if !due || !self.act(ClockAct::Settle {}).await {
                return;
            }
        }
    }

    /// Whether it was written down.
    async fn act(&self, act: ClockAct) -> bool {
        let submitted = Submitted { command: Command::Clock { act }, payload: NO_TEXT.to_vec() };
        match self.decide(submitted, Ack::Durable).await {
            Ok(_) => true,
            Err(problem) => {
                // Found again at the next tick, but for a count: the server's word may lose a minute's.
                tracing::warn!(code = problem.code(), "governance: the clock could not be written down");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
