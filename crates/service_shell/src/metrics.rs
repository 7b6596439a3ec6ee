//! Counters of this process in the OpenMetrics text form that Prometheus reads.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram};
use prometheus_client::registry::Registry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    method: &'static str,
    route: String,
}

/// The process's metrics: the shell's own, and whatever the service registers. Clones share.
///
/// Labels are route patterns, methods and statuses only: their number is bounded by the code, and
/// none can hold a name or a secret.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<Answered, Counter>,
    seconds: Family<Timed, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

/// Upper bounds in seconds, from a cached read to a long poll.
fn buckets() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 65.0])
}

impl Metrics {
    pub(crate) fn new(service: &str) -> Self {
        let labels = [("service".into(), service.to_owned().into())];
        let mut registry = Registry::with_prefix_and_labels("countersign", labels.into_iter());
        let requests = Family::default();
        let seconds = Family::new_with_constructor(buckets as fn() -> Histogram);
        let in_flight = Gauge::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time until the head of the answer", seconds.clone());
        registry.register("http_in_flight", "Requests in progress", in_flight.clone());
        Self { registry: Arc::new(Mutex::new(registry)), requests, seconds, in_flight }
    }

    /// Lets the service add its own series; names get the prefix `countersign_` and the label
    /// `service`. Never label with text that a caller chooses.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Every series as text, ending in `# EOF`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        encode(&mut text, &registry).expect("writing to a string does not fail");
        text
    }

    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    pub(crate) fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answered { method, route: route.to_owned(), status }).inc();
        self.seconds.get_or_create(&Timed { method, route: route.to_owned() }).observe(took.as_secs_f64());
    }
}

/// One request in progress, counted until dropped: also when the caller hangs up.
#[derive(Debug)]
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The pattern of the route that takes the request, or `unmatched`: never the caller's own path.
pub(crate) fn route_of(request: &Request) -> Arc<str> {
    request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).into()
}

/// The method by name; callers may invent methods, labels may not grow with them.
pub(crate) fn method_of(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
