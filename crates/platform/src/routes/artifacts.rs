//! What is published, what is held, and handing it out.

use super::PlatformContext;
use crate::open;
use artifact::ArtifactError;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use model::{Digest, Resource, Token};
use serde::{Deserialize, Serialize};
use service_shell::{Problem, ProblemBody};
use std::collections::BTreeSet;

/// An artifact or a client theme as decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Published {
    /// Product.
    #[schema(value_type = String)]
    pub product: Token,
    /// Version.
    #[schema(value_type = String)]
    pub version: Token,
    /// What it is.
    #[schema(value_type = String)]
    pub resource: Resource,
    /// The leaf that published it.
    pub entry: u64,
    /// The leaf in which this service certified it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub certified: Option<u64>,
    /// Why it never will: a stable code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub refused: Option<Token>,
}

/// An artifact or a client theme that is published, held, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ArtifactHeld {
    /// Digest of its manifest.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// As decided; absent while nobody has published it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published: Option<Published>,
    /// Whether its archive is kept here. Every byte is read again when a change needs it.
    pub held: bool,
}

/// Every artifact that is published or held.
#[utoipa::path(get, path = "/v1/artifacts", tag = "artifacts",
    responses((status = 200, body = Vec<ArtifactHeld>), (status = 500, body = ProblemBody)))]
pub(super) async fn artifacts(State(context): State<PlatformContext>) -> Result<Json<Vec<ArtifactHeld>>, Problem> {
    let store = context.shelf.store.clone();
    let listed = tokio::task::spawn_blocking(move || store.list()).await.map_err(|error| broken(&error))?;
    let held: BTreeSet<Digest> = listed.map_err(|error| broken(&error))?.into_iter().collect();
    let state = context.follower.state();
    let archives = state.resources.iter().filter(|(_, known)| is_archive(known.content.resource()));
    let all: BTreeSet<&Digest> = held.iter().chain(archives.map(|(digest, _)| digest)).collect();
    let view = |id: &Digest| ArtifactHeld {
        artifact: *id,
        published: state.resources.get(id).map(|known| Published {
            product: known.product.clone(),
            version: known.version.clone(),
            resource: known.content.resource(),
            entry: known.index,
            certified: known.certified,
            refused: known.refused.as_ref().map(|(code, _)| code.clone()),
        }),
        held: held.contains(id),
    };
    Ok(Json(all.into_iter().map(view).collect()))
}

fn is_archive(resource: Resource) -> bool {
    matches!(resource, Resource::Artifact | Resource::Theme)
}

/// The archive. Open to whoever asks: a release is no secret, and who receives it verifies it by
/// its digest and believes neither this service nor the wire.
#[utoipa::path(get, path = "/v1/artifacts/{digest}/tar", tag = "artifacts",
    params(("digest" = String, Path, description = "Digest of the artifact's manifest")),
    responses((status = 200, content_type = "application/x-tar", body = Vec<u8>),
        (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn download(
    State(context): State<PlatformContext>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (id, store) = (digest(&id)?, context.shelf.store.clone());
    let opened = tokio::task::spawn_blocking(move || store.reader(&id)).await.map_err(|error| broken(&error))?;
    match opened {
        Ok(file) => Ok(([(header::CONTENT_TYPE, "application/x-tar")], open::body(file)).into_response()),
        Err(ArtifactError::Unknown(_)) => {
            let what = format!("artifact {} is not held here", id.short());
            Err(Problem::not_found(
                "artifact.not_found",
                what,
                "upload it with `countersign publish TAR --name NAME --key KEY`",
            ))
        }
        Err(error) => Err(broken(&error)),
    }
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
