//! What people sign about a change, byte by byte: whoever has these bytes can compute the digests in
//! an approval and see that they are those of this package, this plan and this requirement.

use super::reading::{seen, unknown};
use crate::access::Asking;
use crate::service::Service;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use control::Change;
use model::{ChangeId, canon};
use service_shell::{Problem, ProblemBody};
use std::sync::Arc;

fn bytes(object: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
    canon::to_vec(object).map_err(|error| {
        tracing::error!(%error, "governance: what was signed has no canonical form");
        Problem::internal()
    })
}

fn not_sealed() -> Problem {
    let next = "wait until its author has sealed it, or compute it from the draft as `change seal` does";
    Problem::not_found("change.not_sealed", "nobody has signed a plan of this change yet", next)
}

/// Canonical bytes of something about a change that the reader may see.
fn answer(
    service: &Service,
    id: &str,
    asking: Asking,
    of: impl FnOnce(&Change) -> Result<Vec<u8>, Problem>,
) -> Result<Response, Problem> {
    let reader = service.reading(asking)?;
    let id: ChangeId = id.parse().map_err(|_| unknown())?;
    let bytes = service.with_state(|state| of(&*seen(service, state, &id, &reader.sight)?))?;
    // Another revision of the change has other bytes under the same address.
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, bytes).into_response())
}

/// The package of the current revision: SHA-256 of `countersign/package/v1\0` and these bytes is what
/// people sign as `package`.
#[utoipa::path(get, path = "/v1/changes/{id}/package", tag = "reading",
    params(("id" = String, Path, description = "the change")),
    responses((status = 200, content_type = "application/json", body = Object), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 503, body = ProblemBody)))]
pub(crate) async fn package(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Response, Problem> {
    answer(&service, &id, asking, |change| bytes(&change.package))
}

/// The sealed plan: SHA-256 of `countersign/plan/v1\0` and these bytes is what people sign as `plan`.
#[utoipa::path(get, path = "/v1/changes/{id}/plan", tag = "reading",
    params(("id" = String, Path, description = "the change")),
    responses((status = 200, content_type = "application/json", body = Object), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 503, body = ProblemBody), (status = 404, body = ProblemBody, description = "`change.not_sealed`: there is none yet")))]
pub(crate) async fn plan(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Response, Problem> {
    answer(&service, &id, asking, |change| bytes(change.plan.as_ref().ok_or_else(not_sealed)?))
}

/// What approval requires, as frozen when the change was sealed: SHA-256 of
/// `countersign/requirement/v1\0` and these bytes is what people sign as `requirement`.
#[utoipa::path(get, path = "/v1/changes/{id}/requirement", tag = "reading",
    params(("id" = String, Path, description = "the change")),
    responses((status = 200, content_type = "application/json", body = Object), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 503, body = ProblemBody), (status = 404, body = ProblemBody, description = "`change.not_sealed`: there is none yet")))]
pub(crate) async fn requirement(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Response, Problem> {
    answer(&service, &id, asking, |change| bytes(change.requirement.as_ref().ok_or_else(not_sealed)?))
}
