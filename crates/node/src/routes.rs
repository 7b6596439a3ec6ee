//! The routes: what is here, and a look at one release, every byte of it.

use crate::Placement;
use crate::placements::Placements;
use crate::shelf::Shelf;
use axum::Json;
use axum::extract::{Path, State};
use follower::{Asking, Clock, Follower, LookAgain, OwnNode};
use model::{Digest, NodeId, Service, Token};
use serde::{Deserialize, Serialize};
use service_shell::{Auth, Declare as _, Entry, Problem, ProblemBody, RouteLimits};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Rehash, VerifiedView};

/// The route with its own limits.
pub(crate) const VERIFY: &str = "/v1/artifacts/{digest}/verify";

/// What a node holds, as observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Inventory {
    /// The node's id in the roster; absent until this service has folded a ledger that lists it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub node: Option<NodeId>,
    /// Its name, as `prod-node-01`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub name: Option<Token>,
    /// Memory there is for engines, MiB.
    pub memory_total_mib: u32,
    /// Memory not spoken for, MiB.
    pub memory_free_mib: u32,
    /// Whose memory is spoken for, as far as it is shown to who asks.
    pub placements: Vec<Placement>,
    /// Releases kept here, as far as they are shown to who asks.
    pub artifacts: Vec<KeptArtifact>,
}

/// A release kept on the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptArtifact {
    /// Digest of its manifest.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// What its last hashing found; absent when it was not hashed since this service started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rehashed: Option<Rehash>,
}

/// What the route reads.
#[derive(Clone)]
pub(crate) struct NodeContext {
    pub(crate) node: OwnNode,
    pub(crate) follower: Follower,
    pub(crate) placements: Arc<Placements>,
    pub(crate) shelf: Shelf,
    pub(crate) looks: LookAgain,
    pub(crate) clock: Clock,
}

pub(crate) fn routes(context: NodeContext) -> OpenApiRouter {
    OpenApiRouter::new()
        .declared(Entry::None, Auth::Token, routes!(inventory))
        .declared(Entry::None, Auth::Token, routes!(verify))
        .with_state(context)
}

/// No body, and as long as the largest release takes.
pub(crate) fn verify_limits() -> RouteLimits {
    RouteLimits::default().body_bytes(0).timeout(artifact::READ_WITHIN)
}

/// Hashes one kept release again, every byte, and says what was found just now. It is a look: nothing is fetched,
/// placed or repaired. One at a time, and 20 a minute.
#[utoipa::path(post, path = "/v1/artifacts/{digest}/verify", tag = "node",
    params(("digest" = String, Path, description = "Digest of the release's manifest")),
    responses((status = 200, body = VerifiedView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 413, body = ProblemBody), (status = 429, body = ProblemBody),
        (status = 503, body = ProblemBody)))]
async fn verify(
    State(context): State<NodeContext>,
    Path(text): Path<String>,
    asking: Asking,
) -> Result<Json<VerifiedView>, Problem> {
    let next = "take a digest that GET /v1/inventory lists";
    let malformed = |_| Problem::malformed("digest.malformed", format!("`{text}` is no digest"), next);
    let artifact: Digest = text.parse().map_err(malformed)?;
    let sight = context.follower.sight(&asking, Service::Node, (context.clock)())?;
    context.follower.asker(asking, Service::Node, (context.clock)())?;
    if !sight.shows_kept(&context.follower.state(), &artifact) {
        return Ok(Json(VerifiedView { artifact, held: false, rehashed: None }));
    }
    let shelf = context.shelf.clone();
    let rehashed = context.looks.run(async move { shelf.rehash(artifact).await }).await?;
    Ok(Json(VerifiedView { artifact, held: rehashed.is_some(), rehashed }))
}

/// Capacity; and of placements and kept releases, those that who asks may read of.
#[utoipa::path(get, path = "/v1/inventory", tag = "node",
    responses((status = 200, body = Inventory), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 500, body = ProblemBody)))]
async fn inventory(State(context): State<NodeContext>, asking: Asking) -> Result<Json<Inventory>, Problem> {
    let sight = context.follower.sight(&asking, Service::Node, (context.clock)())?;
    let mut kept = context.shelf.kept().map_err(|error| {
        tracing::error!(%error, "node: the kept releases cannot be listed");
        Problem::internal()
    })?;
    let state = context.follower.state();
    kept.retain(|(artifact, _)| sight.shows_kept(&state, artifact));
    let mut placements = context.placements.all();
    placements.retain(|placement| sight.shows_engine(&state, &placement.engine));
    let node = context.node.entry(&state.roster).cloned();
    Ok(Json(Inventory {
        node: node.as_ref().map(|node| node.id),
        name: node.map(|node| node.name),
        memory_total_mib: context.placements.total_mib(),
        memory_free_mib: context.placements.free_mib(),
        placements,
        artifacts: kept.into_iter().map(|(artifact, rehashed)| KeptArtifact { artifact, rehashed }).collect(),
    }))
}
