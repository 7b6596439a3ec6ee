//! The one route: what is here.

use crate::Placement;
use crate::placements::Placements;
use crate::shelf::{Rehash, Shelf};
use axum::{Json, extract::State};
use follower::{Follower, OwnNode};
use model::{Digest, NodeId, Token};
use serde::{Deserialize, Serialize};
use service_shell::{Problem, ProblemBody};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

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
    /// Whose memory is spoken for.
    pub placements: Vec<Placement>,
    /// Releases kept here.
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
}

pub(crate) fn routes(context: NodeContext) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(inventory)).with_state(context)
}

/// Capacity, placements and kept releases.
#[utoipa::path(get, path = "/v1/inventory", tag = "node",
    responses((status = 200, body = Inventory), (status = 500, body = ProblemBody)))]
async fn inventory(State(context): State<NodeContext>) -> Result<Json<Inventory>, Problem> {
    let kept = context.shelf.kept().map_err(|error| {
        tracing::error!(%error, "node: the kept releases cannot be listed");
        Problem::internal()
    })?;
    let node = context.node.entry(&context.follower.state().roster).cloned();
    Ok(Json(Inventory {
        node: node.as_ref().map(|node| node.id),
        name: node.map(|node| node.name),
        memory_total_mib: context.placements.total_mib(),
        memory_free_mib: context.placements.free_mib(),
        placements: context.placements.all(),
        artifacts: kept.into_iter().map(|(artifact, rehashed)| KeptArtifact { artifact, rehashed }).collect(),
    }))
}
