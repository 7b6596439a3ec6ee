//! What this runtime counts.

use front::Counts;
use model::EngineId;
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};
use service_shell::Metrics;

/// The label that names an engine.
type Of = [(&'static str, String); 1];

/// Counters of one runtime. Clones share.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    /// Probes that found the release healthy.
    pub probes_passed: Counter,
    /// Probes that did not.
    pub probes_failed: Counter,
    /// Engine processes started because the serving one had ended.
    pub engine_restarts: Counter,
    /// Fronts started because the last one had ended.
    pub front_restarts: Counter,
    /// Requests that the front passed on, by engine.
    requests: Family<Of, Counter>,
    /// Those answered with 5xx, or not at all.
    errors: Family<Of, Counter>,
    /// Requests that were not passed on because the tenant's limit was reached.
    limited: Family<Of, Counter>,
    /// Starts of what serves after an end that nobody ordered, by engine.
    restarts: Family<Of, Counter>,
    /// Whether what serves answers its probes: 1 or 0.
    up: Family<Of, Gauge>,
    /// 99 of 100 were answered within this time in the last minute that was judged.
    p99_ms: Family<Of, Gauge>,
}

impl Counters {
    /// Adds them to the service's metrics.
    pub fn register(&self, metrics: &Metrics) {
        let series = [
            ("engine_probes_passed", "Probes that found the release healthy", &self.probes_passed),
            ("engine_probes_failed", "Probes that did not", &self.probes_failed),
            ("engine_restarts", "Restarts of serving engines", &self.engine_restarts),
            ("front_restarts", "Restarts of the front", &self.front_restarts),
        ];
        metrics.register(|registry| {
            for (name, help, counter) in series {
                registry.register(name, help, counter.clone());
            }
            let engines = [
                ("engine_requests", "Requests that the front passed on", &self.requests),
                ("engine_errors", "Requests answered with 5xx, or not at all", &self.errors),
                ("engine_limited", "Requests above their tenant's limit", &self.limited),
                ("engine_process_restarts", "Starts of what serves after an end that nobody ordered", &self.restarts),
            ];
            for (name, help, family) in engines {
                registry.register(name, help, family.clone());
            }
            registry.register("engine_up", "Whether what serves answers its probes", self.up.clone());
            let slowest = "Time within which 99 of 100 requests of the last minute were answered";
            registry.register("engine_p99_milliseconds", slowest, self.p99_ms.clone());
        });
    }

    /// Adds what the front counted of one engine since the last reading.
    pub(super) fn count(&self, counts: &Counts) {
        let of = label(&counts.engine);
        self.requests.get_or_create(&of).inc_by(counts.requests);
        self.errors.get_or_create(&of).inc_by(counts.errors);
        self.limited.get_or_create(&of).inc_by(counts.limited);
    }

    /// What serves was started again.
    pub(super) fn restarted(&self, engine: &EngineId) {
        self.restarts.get_or_create(&label(engine)).inc();
    }

    /// Whether what serves is up; where nothing is to serve nothing is said.
    pub(super) fn stands(&self, engine: &EngineId, up: Option<bool>) {
        match up {
            Some(up) => drop(self.up.get_or_create(&label(engine)).set(i64::from(up))),
            None => drop(self.up.remove(&label(engine))),
        }
    }

    /// How slow the slowest but one of a hundred was; without requests nothing is said.
    pub(super) fn slowest(&self, engine: &EngineId, p99_ms: Option<u64>) {
        match p99_ms.and_then(|ms| i64::try_from(ms).ok()) {
            Some(ms) => drop(self.p99_ms.get_or_create(&label(engine)).set(ms)),
            None => drop(self.p99_ms.remove(&label(engine))),
        }
    }
}

fn label(engine: &EngineId) -> Of {
    [("engine", engine.to_string())]
}
