//! What this runtime counts.

use api::Metrics;
use prometheus_client::metrics::counter::Counter;

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
        });
    }
}
