//! This service's own series.

use control::Verdict;
use prometheus_client::metrics::{counter::Counter, gauge::Gauge};

/// Counters of the writer's answers, and the sizes of the logs.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    leaves: Counter,
    refusals: Counter,
    repeats: Counter,
    events: Counter,
    control_size: Gauge,
    events_size: Gauge,
}

impl Metrics {
    pub(crate) fn register(&self, shell: &service_shell::Metrics) {
        shell.register(|registry| {
            registry.register("leaves", "Leaves appended to the control log", self.leaves.clone());
            registry.register("refusals", "Refusals recorded as leaves", self.refusals.clone());
            registry.register("refusal_repeats", "Refusals answered from an earlier leaf", self.repeats.clone());
            registry.register("events", "Entries appended to the events log", self.events.clone());
            registry.register("control_entries", "Entries of the control log", self.control_size.clone());
            registry.register("events_entries", "Entries of the events log", self.events_size.clone());
        });
    }

    pub(crate) fn appended(&self, verdict: &Verdict) {
        self.leaves.inc();
        if matches!(verdict, Verdict::Refused(_)) {
            self.refusals.inc();
        }
    }

    pub(crate) fn repeated(&self) {
        self.repeats.inc();
    }

    pub(crate) fn ingested(&self, entries: u64) {
        self.events.inc_by(entries);
    }

    pub(crate) fn sizes(&self, control: u64, events: u64) {
        self.control_size.set(i64::try_from(control).unwrap_or(i64::MAX));
        self.events_size.set(i64::try_from(events).unwrap_or(i64::MAX));
    }
}
