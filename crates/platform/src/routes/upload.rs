//! Taking an archive in.

use super::PlatformContext;
use super::artifacts::{broken, digest};
use crate::open;
use crate::shelf::KEPT_MAX;
use artifact::ArtifactError;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::Digest;
use service_shell::{Bearer, Problem, ProblemBody};

impl PlatformContext {
    async fn has_room(&self, id: Digest) -> Result<(), Problem> {
        let store = self.shelf.store.clone();
        let held = tokio::task::spawn_blocking(move || store.list()).await.map_err(|error| broken(&error))?;
        let held = held.map_err(|error| broken(&error))?;
        if held.len() < KEPT_MAX || held.contains(&id) {
            return Ok(());
        }
        let what = format!("{KEPT_MAX} artifacts are held, which is the most");
        Err(Problem::refused("artifacts.full", what, "remove archives that no engine needs from its directory"))
    }
}

/// Keeps a packed artifact whose contents have exactly this digest. Inert until a change names it.
#[utoipa::path(put, path = "/v1/artifacts/{digest}/tar", tag = "artifacts",
    params(("digest" = String, Path, description = "Digest of the artifact's manifest")),
    request_body(content = Vec<u8>, content_type = "application/x-tar"),
    responses((status = 204), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 503, body = ProblemBody)))]
pub(super) async fn upload(
    State(context): State<PlatformContext>,
    Path(id): Path<String>,
    bearer: Bearer,
    body: Body,
) -> Result<StatusCode, Problem> {
    let id = digest(&id)?;
    context.follower.person_of(bearer, (context.clock)())?;
    let busy = || Problem::unavailable("busy", "as many uploads are in progress as are taken", "ask again", 5);
    let place = context.shelf.uploads.clone().try_acquire_owned().map_err(|_| busy())?;
    context.has_room(id).await?;
    let (mut reader, feed) = open::reader(body);
    let store = context.shelf.store.clone();
    let receive = tokio::task::spawn_blocking(move || {
        let _place = place;
        store.receive(&mut reader, &id)
    });
    let ((), received) = tokio::join!(feed, receive);
    match received.map_err(|error| broken(&error))? {
        Ok(_) => {
            context.shelf.received(&id);
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => Err(refusal(&error)),
    }
}

fn refusal(error: &ArtifactError) -> Problem {
    let next = "pack the artifact again and upload it under the digest that prints";
    match error {
        ArtifactError::Io { .. } => {
            tracing::warn!(%error, "platform: an upload did not arrive whole");
            Problem::malformed(
                "upload.broken_off",
                "the archive did not arrive whole, or cannot be kept",
                "send it again",
            )
        }
        ArtifactError::Identity { .. } => Problem::refused("artifact.other", error.to_string(), next),
        ArtifactError::Limit(_) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body.too_large", error.to_string(), next)
        }
        _ => Problem::malformed("artifact.not_acceptable", error.to_string(), next),
    }
}
