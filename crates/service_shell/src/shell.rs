//! Puts a service's routes into the shell.

use crate::Metrics;
use crate::gate::{Gate, gate};
use crate::headers::secure;
use crate::limits::{Limits, RouteLimits, limit};
use crate::observe::observe;
use crate::panics::contain;
use crate::probes::{self, Check, Probed, ReadyFn};
use crate::read_on::read_on;
use crate::rephrase::rephrase;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Router, body::Bytes};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;

/// What a shell needs to know.
#[derive(Debug, Clone)]
pub struct ShellOptions {
    /// The service's name on its probes and metrics, for example `governance`.
    pub service: String,
    /// The product's version.
    pub version: String,
    /// The address the listener *has* (`local_addr`): its port is part of the names it answers to.
    pub listen: SocketAddr,
    /// Further names it answers to and takes changes from, each `name:port`.
    pub allowed_hosts: Vec<String>,
    /// Limits of every route without its own.
    pub limits: RouteLimits,
    /// Requests in progress before the next is answered 503 `busy`; half as many may wait in long polls beside them.
    pub in_flight_max: usize,
}

impl ShellOptions {
    /// The defaults: no further names, 1 MiB, 30 s, 512 requests at once.
    pub fn new(service: impl Into<String>, version: impl Into<String>, listen: SocketAddr) -> Self {
        Self {
            service: service.into(),
            version: version.into(),
            listen,
            allowed_hosts: Vec::new(),
            limits: RouteLimits::default(),
            in_flight_max: 512,
        }
    }
}

/// Everything around a service's routes. See the crate's page for what that is.
pub struct Shell {
    options: ShellOptions,
    metrics: Metrics,
    ready: ReadyFn,
    routes: BTreeMap<String, RouteLimits>,
}

impl fmt::Debug for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shell").field("options", &self.options).field("routes", &self.routes).finish_non_exhaustive()
    }
}

impl Shell {
    /// A shell that is ready as soon as it is up.
    pub fn new(options: ShellOptions) -> Self {
        let metrics = Metrics::new(&options.service);
        Self { options, metrics, ready: Arc::new(Vec::new), routes: BTreeMap::new() }
    }

    /// Where the service registers its own series.
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// What `/readyz` asks each time; it must not block.
    pub fn ready(mut self, checks: impl Fn() -> Vec<Check> + Send + Sync + 'static) -> Self {
        self.ready = Arc::new(checks);
        self
    }

    /// Other limits for the route with exactly this pattern, for example `/v1/blobs/{digest}`.
    pub fn limits(mut self, route: impl Into<String>, limits: RouteLimits) -> Self {
        self.routes.insert(route.into(), limits);
        self
    }

    /// The whole router: `routes`, the four routes of every process, and every layer around both.
    /// A plain axum router comes in with `OpenApiRouter::from(router)`; its own fallback stays.
    pub fn router(self, routes: OpenApiRouter) -> Router {
        let Self { options, metrics, ready, routes: route_limits } = self;
        let probed = Probed {
            service: options.service.clone(),
            version: options.version.clone(),
            ready,
            metrics: metrics.clone(),
        };
        let (router, mut document) = routes.merge(probes::routes(probed)).split_for_parts();
        document.info.title = format!("countersign {}", options.service);
        document.info.version.clone_from(&options.version);
        // What the library says of itself is not said of us.
        (document.info.description, document.info.contact, document.info.license) = (None, None, None);
        crate::declare::describe_bearer(&mut document);
        crate::describe::describe(&mut document);
        let document = Bytes::from(document.to_json().expect("an OpenAPI document has string keys and is finite"));
        let openapi = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) });
        let limits = Arc::new(Limits {
            default: options.limits,
            routes: route_limits,
            places: Semaphore::new(options.in_flight_max.min(Semaphore::MAX_PERMITS)),
            waiting: Semaphore::new((options.in_flight_max / 2).clamp(1, Semaphore::MAX_PERMITS)),
        });
        let host = Arc::new(Gate::new(options.listen, &options.allowed_hosts));
        // The last is the outermost: what is refused by an inner layer is still named, counted,
        // rephrased and given its headers.
        router
            .route("/openapi.json", openapi)
            .layer(DefaultBodyLimit::disable())
            .layer(from_fn(contain))
            .layer(from_fn_with_state(limits, limit))
            .layer(from_fn_with_state(host, gate))
            .layer(from_fn(read_on))
            .layer(from_fn(rephrase))
            .layer(from_fn(secure))
            .layer(from_fn_with_state(metrics, observe))
    }
}
