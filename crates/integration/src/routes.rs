//! The one route: what is bound outside, and that no provider is configured.

use crate::bindings::{Binding, Bindings};
use axum::{Json, extract::State};
use follower::Follower;
use model::{Digest, EngineId};
use serde::{Deserialize, Serialize};
use service_shell::{Problem, ProblemBody};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What is said as long as it is so.
pub const NO_PROVIDER: &str = "no provider is configured in this build";

/// What is bound outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BindingsView {
    /// The configured providers.
    pub providers: Vec<String>,
    /// What that means, in words.
    pub note: String,
    /// Every engine of the fold.
    pub engines: Vec<EngineBindings>,
}

/// The bindings of one engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EngineBindings {
    /// Which engine.
    #[schema(value_type = String)]
    pub engine: EngineId,
    /// Digest of the set, as plans name it.
    #[schema(value_type = String)]
    pub digest: Digest,
    /// The set.
    pub bindings: Vec<Binding>,
}

/// What the route reads.
#[derive(Clone)]
pub(crate) struct IntegrationContext {
    pub(crate) follower: Follower,
    pub(crate) bindings: Bindings,
}

pub(crate) fn routes(context: IntegrationContext) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(bindings)).with_state(context)
}

/// The outside bindings of every engine, as read now.
#[utoipa::path(get, path = "/v1/bindings", tag = "bindings",
    responses((status = 200, body = BindingsView), (status = 500, body = ProblemBody)))]
async fn bindings(State(context): State<IntegrationContext>) -> Result<Json<BindingsView>, Problem> {
    let state = context.follower.state();
    let view = |engine: &EngineId| {
        let read = context.bindings.read(engine)?;
        Ok(EngineBindings { engine: *engine, digest: read.digest, bindings: read.bindings.into_iter().collect() })
    };
    let engines: Result<_, crate::IntegrationError> = state.engines.keys().map(view).collect();
    let engines = engines.map_err(|error| {
        tracing::error!(%error, "integration: the bindings cannot be read");
        Problem::internal()
    })?;
    Ok(Json(BindingsView { providers: vec![], note: NO_PROVIDER.to_owned(), engines }))
}
