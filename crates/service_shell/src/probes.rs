//! The four routes every process has.

use crate::{Metrics, ProblemBody};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Instant;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// `GET /healthz`: the process is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// The service's name, for example `governance`.
    pub service: String,
    /// Always `up`: a process that is not does not answer.
    pub status: String,
    /// The product's version.
    pub version: String,
    /// The process id.
    pub pid: u32,
}

/// One thing that must hold for the service to do its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// A short name, for example `ledger`.
    pub name: String,
    /// Whether it holds.
    pub ok: bool,
    /// Why it does not, or what it rests on; words without personal data.
    pub why: String,
    /// Since when it is so.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
}

impl Check {
    /// As it stands since `since`.
    pub fn new(name: impl Into<String>, ok: bool, why: impl Into<String>, since: Instant) -> Self {
        Self { name: name.into(), ok, why: why.into(), since }
    }
}

/// `GET /readyz`: 200 when every check holds, else 503, with the same body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Readiness {
    /// The service's name.
    pub service: String,
    /// Whether every check holds.
    pub ready: bool,
    /// All checks, those that hold too.
    pub checks: Vec<Check>,
}

/// What a service says of its readiness, asked again each time; must not block.
pub(crate) type ReadyFn = Arc<dyn Fn() -> Vec<Check> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Probed {
    pub(crate) service: String,
    pub(crate) version: String,
    pub(crate) ready: ReadyFn,
    pub(crate) metrics: Metrics,
}

pub(crate) fn routes(probed: Probed) -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
        .with_state(Arc::new(probed))
}

/// The process is up.
#[utoipa::path(get, path = "/healthz", tag = "process", responses((status = 200, body = Health)))]
async fn healthz(State(probed): State<Arc<Probed>>) -> Json<Health> {
    Json(Health {
        service: probed.service.clone(),
        status: "up".to_owned(),
        version: probed.version.clone(),
        pid: std::process::id(),
    })
}

/// The service can do its work now, or which check fails, why and since when.
#[utoipa::path(get, path = "/readyz", tag = "process",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness), (status = 421, body = ProblemBody)))]
async fn readyz(State(probed): State<Arc<Probed>>) -> Response {
    let checks = (probed.ready)();
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { service: probed.service.clone(), ready, checks })).into_response()
}

/// Counters in the OpenMetrics text form.
#[utoipa::path(get, path = "/metrics", tag = "process",
    responses((status = 200, body = String, content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8")))]
async fn metrics(State(probed): State<Arc<Probed>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], probed.metrics.text()).into_response()
}
