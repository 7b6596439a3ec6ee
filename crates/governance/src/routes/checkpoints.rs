//! Signed checkpoints: the newest one, and the wait for a newer one.

use crate::log_name::LogName;
use crate::service::Service;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use service_shell::{Draining, Problem, ProblemBody};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a newer checkpoint.
const WAIT: Duration = Duration::from_secs(25);

fn note(text: String) -> Response {
    // tlog-tiles, "Checkpoints": text/plain, and never an old one from a cache.
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, text).into_response()
}

/// What the caller has.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Beyond {
    /// Entries the caller's newest checkpoint covers.
    beyond: Option<u64>,
}

/// The newest checkpoint of a log, waiting up to 25 s for one that covers more than `beyond`
/// entries; the newest either way.
#[utoipa::path(get, path = "/v1/checkpoints/{log}", tag = "log", params(Beyond,
    ("log" = String, Path, description = "`control` or `events`")),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = ProblemBody)))]
pub(crate) async fn long_poll(
    State(service): State<Arc<Service>>,
    Path(log): Path<String>,
    Query(query): Query<Beyond>,
    draining: Draining,
) -> Result<Response, Problem> {
    let name = LogName::of(&log)?;
    let log = service.log(name);
    let known = log.checkpoint().map_or(0, |(size, _)| size);
    if let Some(beyond) = query.beyond.filter(|beyond| known <= *beyond) {
        tokio::select! {
            biased;
            _ = log.wait_checkpoint(beyond) => {}
            () = draining.wait() => {}
            () = tokio::time::sleep(WAIT) => {}
        }
    }
    Ok(note(service.checkpoint(name)))
}

/// The newest checkpoint of a log, where `tlog-tiles` has it.
#[utoipa::path(get, path = "/log/{log}/checkpoint", tag = "log",
    params(("log" = String, Path, description = "`control` or `events`")),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = ProblemBody)))]
pub(crate) async fn newest(State(service): State<Arc<Service>>, Path(log): Path<String>) -> Result<Response, Problem> {
    Ok(note(service.checkpoint(LogName::of(&log)?)))
}
