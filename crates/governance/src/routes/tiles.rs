//! The log as C2SP `tlog-tiles` lays it out: hash tiles for everyone, entry bundles for who may
//! read leaves.

use crate::log_name::LogName;
use crate::service::Service;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use service_shell::{Bearer, Problem, ProblemBody};
use std::sync::Arc;
use tlog::tile::TilePath;

/// A hash tile or an entry bundle that a published checkpoint covers.
#[utoipa::path(get, path = "/log/{log}/tile/{*path}", tag = "log",
    params(("log" = String, Path, description = "`control` or `events`"),
        ("path" = String, Path, description = "as `0/000`, `entries/x001/234.p/7`")),
    responses((status = 200, content_type = "application/octet-stream"),
        (status = 401, body = ProblemBody, description = "entry bundles need a token on this ledger"),
        (status = 404, body = ProblemBody)))]
pub(crate) async fn tile(
    State(service): State<Arc<Service>>,
    Path((log, path)): Path<(String, String)>,
    bearer: Option<Bearer>,
) -> Result<Response, Problem> {
    let name = LogName::of(&log)?;
    let none = || {
        Problem::not_found("tile.not_found", "there is no such tile yet", "ask for tiles of the newest checkpoint only")
    };
    let path: TilePath = format!("tile/{path}").parse().map_err(|_| none())?;
    let entries = matches!(path, TilePath::Entries { .. });
    if entries {
        service.entries_for(bearer)?;
    }
    let tile = service.log(name).tile(&path).map_err(|error| {
        tracing::error!(%error, %path, "governance: a tile cannot be read");
        Problem::internal()
    })?;
    // What a tile of this width holds never changes again.
    let cache = if entries && !service.entries_public {
        "private, max-age=31536000, immutable"
    } else {
        "public, max-age=31536000, immutable"
    };
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, cache)];
    Ok((headers, tile.ok_or_else(none)?).into_response())
}
