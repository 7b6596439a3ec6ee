//! The one route: what is bound outside, and that no provider is configured.

use crate::bindings::{Binding, Bindings};
use axum::{Json, extract::State};
use follower::{Asking, Clock, Follower};
use model::{Digest, EngineId, Service};
use serde::{Deserialize, Serialize};
use service_shell::{Auth, Declare as _, Entry, Problem, ProblemBody};
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
    /// Every engine of the fold that who asks may read of.
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
    pub(crate) clock: Clock,
}

pub(crate) fn routes(context: IntegrationContext) -> OpenApiRouter {
    OpenApiRouter::new().declared(Entry::None, Auth::Token, routes!(bindings)).with_state(context)
}

/// The outside bindings, as read now, of the engines that who asks may read of.
#[utoipa::path(get, path = "/v1/bindings", tag = "bindings",
    responses((status = 200, body = BindingsView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 500, body = ProblemBody)))]
async fn bindings(State(context): State<IntegrationContext>, asking: Asking) -> Result<Json<BindingsView>, Problem> {
    let sight = context.follower.sight(&asking, Service::Integration, (context.clock)())?;
    let state = context.follower.state();
    let view = |engine: &EngineId| {
        let read = context.bindings.read(engine)?;
        Ok(EngineBindings { engine: *engine, digest: read.digest, bindings: read.bindings.into_iter().collect() })
    };
    let seen = state.engines.keys().filter(|engine| sight.shows_engine(&state, engine));
    let engines: Result<_, crate::IntegrationError> = seen.map(view).collect();
    let engines = engines.map_err(|error| {
        tracing::error!(%error, "integration: the bindings cannot be read");
        Problem::internal()
    })?;
    Ok(Json(BindingsView { providers: vec![], note: NO_PROVIDER.to_owned(), engines }))
}
