//! A look at one archive that is kept, every byte of it.

use super::PlatformContext;
use super::artifacts::digest;
use axum::Json;
use axum::extract::{Path, State};
use follower::Asking;
use model::Service;
use service_shell::{Problem, ProblemBody};
use wire::VerifiedView;

/// Reads one kept archive again, every byte, and says what was found just now. It is a look: nothing is repaired. One at
/// a time, and 20 a minute.
#[utoipa::path(post, path = "/v1/artifacts/{digest}/verify", tag = "artifacts",
    params(("digest" = String, Path, description = "Digest of the artifact's manifest")),
    responses((status = 200, body = VerifiedView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 413, body = ProblemBody), (status = 429, body = ProblemBody),
        (status = 503, body = ProblemBody)))]
pub(super) async fn verify(
    State(context): State<PlatformContext>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Json<VerifiedView>, Problem> {
    let artifact = digest(&id)?;
    let sight = context.follower.sight(&asking, Service::Platform, (context.clock)())?;
    context.follower.asker(asking, Service::Platform, (context.clock)())?;
    if !sight.shows_kept(&context.follower.state(), &artifact) {
        return Ok(Json(VerifiedView { artifact, held: false, rehashed: None }));
    }
    let shelf = context.shelf.clone();
    context.looks.run(async move { drop(shelf.look(artifact).await) }).await?;
    let rehashed = context.shelf.rehashed(&artifact);
    Ok(Json(VerifiedView { artifact, held: rehashed.is_some(), rehashed }))
}
