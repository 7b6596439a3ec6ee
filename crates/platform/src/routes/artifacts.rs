//! What is published, what is held, and handing it out.

use super::PlatformContext;
use crate::artifact_held::{ArtifactHeld, PublishedAs};
use crate::open;
use artifact::ArtifactError;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use control::ReadScope;
use follower::Asking;
use model::{Digest, Resource, Service};
use service_shell::{Problem, ProblemBody};
use std::collections::BTreeSet;

/// The artifacts and client themes that are published or held: to whoever asks those that are for any tenant; to who
/// signs in, also those of the tenants they may read; an archive that nobody published, to who may read of every tenant.
#[utoipa::path(get, path = "/v1/artifacts", tag = "artifacts",
    responses((status = 200, body = Vec<ArtifactHeld>), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 500, body = ProblemBody)))]
pub(super) async fn artifacts(
    State(context): State<PlatformContext>,
    asking: Asking,
) -> Result<Json<Vec<ArtifactHeld>>, Problem> {
    let sight = sight(&context, &asking)?;
    let store = context.shelf.store.clone();
    let listed = tokio::task::spawn_blocking(move || store.list()).await.map_err(|error| broken(&error))?;
    let held: BTreeSet<Digest> = listed.map_err(|error| broken(&error))?.into_iter().collect();
    let state = context.follower.state();
    let archives = state.resources.iter().filter(|(_, known)| is_archive(known.content.resource()));
    let is_shown = |digest: &&Digest| sight.shows_kept(&state, digest);
    let all: BTreeSet<&Digest> = held.iter().chain(archives.map(|(digest, _)| digest)).filter(is_shown).collect();
    let view = |id: &Digest| ArtifactHeld {
        artifact: *id,
        published: state.resources.get(id).map(|known| PublishedAs {
            product: known.product.clone(),
            version: known.version.clone(),
            resource: known.content.resource(),
            entry: known.index,
            certified: known.certified,
            refused: known.refused.as_ref().map(|(code, _)| code.clone()),
        }),
        held: held.contains(id),
        rehashed: context.shelf.rehashed(id).filter(|_| held.contains(id)),
    };
    Ok(Json(all.into_iter().map(view).collect()))
}

/// What whoever asks may read: who does not sign in, what is for any tenant.
pub(super) fn sight(context: &PlatformContext, asking: &Asking) -> Result<ReadScope, Problem> {
    if asking.is_nobody() {
        return Ok(ReadScope::Tenants(BTreeSet::new()));
    }
    context.follower.sight(asking, Service::Platform, (context.clock)())
}

fn is_archive(resource: Resource) -> bool {
    matches!(resource, Resource::Artifact | Resource::Theme)
}

/// The archive, for who may read of it, and what is published for a node: that signs the request with its receipt key, in
/// the header `countersign-service`. Who receives it verifies it by its digest and believes neither this service nor the
/// wire. So what is packed is no place for a secret.
#[utoipa::path(get, path = "/v1/artifacts/{digest}/tar", tag = "artifacts",
    params(("digest" = String, Path, description = "Digest of the artifact's manifest")),
    responses((status = 200, content_type = "application/x-tar", body = Vec<u8>),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody)))]
pub(super) async fn download(
    State(context): State<PlatformContext>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Response, Problem> {
    let (id, store) = (digest(&id)?, context.shelf.store.clone());
    // What may not be had is answered as what is not there.
    if !may_have(&context, &asking, &id)? {
        return Err(not_held(&id));
    }
    let opened = tokio::task::spawn_blocking(move || store.reader(&id)).await.map_err(|error| broken(&error))?;
    match opened {
        Ok(file) => Ok(([(header::CONTENT_TYPE, "application/x-tar")], open::body(file)).into_response()),
        Err(ArtifactError::Unknown(_)) => Err(not_held(&id)),
        Err(error) => Err(broken(&error)),
    }
}

/// Whether an archive may be had by whoever asks: a node has what is published, because any of it may be placed there; a
/// person and the console what they may read of.
fn may_have(context: &PlatformContext, asking: &Asking, id: &Digest) -> Result<bool, Problem> {
    let (follower, now) = (&context.follower, (context.clock)());
    if follower.is_asked_by(Service::Node, &asking.asked, Service::Platform, now)? {
        return Ok(follower.state().resources.contains_key(id));
    }
    let sight = follower.sight(asking, Service::Platform, now)?;
    Ok(sight.shows_kept(&follower.state(), id))
}

pub(super) fn not_held(id: &Digest) -> Problem {
    let what = format!("artifact {} is not held here", id.short());
    Problem::not_found("artifact.not_found", what, "upload it with `countersign publish TAR --name NAME --key KEY`")
}

/// The digest in a path.
pub(super) fn digest(text: &str) -> Result<Digest, Problem> {
    let next = "take the digest that `countersign artifact inspect TAR` prints";
    text.parse().map_err(|_| Problem::malformed("digest.malformed", format!("`{text}` is no digest"), next))
}

pub(super) fn broken(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "platform: the kept artifacts cannot be used");
    Problem::internal()
}
