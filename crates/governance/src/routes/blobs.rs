//! Governing blobs: what a replay must have beside the leaves.

use crate::service::Service;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use ledger::LedgerError;
use ledger::blob::Blobs as _;
use model::Digest;
use service_shell::{Bearer, Problem, ProblemBody};
use std::sync::Arc;

/// The canonical bytes of a governing blob.
#[utoipa::path(get, path = "/v1/blobs/{object}/{digest}", tag = "log",
    params(("object" = String, Path, description = "`package`, `roster` or `settings`"),
        ("digest" = String, Path, description = "its digest")),
    responses((status = 200, content_type = "application/json"),
        (status = 401, body = ProblemBody, description = "blobs need a token on this ledger"),
        (status = 404, body = ProblemBody)))]
pub(crate) async fn blob(
    State(service): State<Arc<Service>>,
    Path((object, digest)): Path<(String, String)>,
    bearer: Option<Bearer>,
) -> Result<Response, Problem> {
    service.entries_for(bearer)?;
    let none = || Problem::not_found("blob.missing", "there is no such governing blob", "check object and digest");
    let digest: Digest = digest.parse().map_err(|_| none())?;
    if !control::GOVERNING.contains(&object.as_str()) {
        return Err(none());
    }
    let bytes = service.blobs.0.get(&object, &digest).map_err(|error| match error {
        LedgerError::BlobMissing { .. } => none(),
        error => {
            tracing::error!(%error, "governance: a governing blob cannot be read");
            Problem::internal()
        }
    })?;
    let cache = if service.entries_public {
        "public, max-age=31536000, immutable"
    } else {
        "private, max-age=31536000, immutable"
    };
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, cache)], bytes).into_response())
}
