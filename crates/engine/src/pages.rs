//! The routes of this service that read.

use crate::{EngineError, EngineView, EnginesView, FrontView, Runtime};
use axum::{
    Json,
    extract::{Path, State},
};
use control::{ReadScope, secrets_named};
use follower::{Asking, Clock, Follower};
use model::{Digest, EngineId, Service, Token};
use service_shell::{Auth, Declare as _, Entry, Problem, ProblemBody};
use std::collections::BTreeSet;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the routes read.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) runtime: Runtime,
    pub(crate) follower: Follower,
    pub(crate) clock: Clock,
}

pub(crate) fn routes(context: Context) -> OpenApiRouter {
    all().with_state(context)
}

fn all() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .declared(Entry::None, Auth::Token, routes!(engines))
        .declared(Entry::None, Auth::Token, routes!(engine))
        .declared(Entry::None, Auth::Token, routes!(front))
}

impl Context {
    fn sight(&self, asking: &Asking) -> Result<ReadScope, Problem> {
        self.follower.sight(asking, Service::Engine, (self.clock)())
    }

    /// The same with the secrets that are missing for what each could be rolled back to.
    async fn with_secrets(self, mut engines: Vec<EngineView>) -> Result<Vec<EngineView>, EngineError> {
        let state = self.follower.state();
        tokio::task::spawn_blocking(move || {
            for engine in &mut engines {
                let Some(known) = state.engines.get(&engine.engine) else { continue };
                let bundles = known.restorable();
                let named: BTreeSet<Digest> = bundles.flat_map(|bundle| secrets_named(&state, bundle)).collect();
                let missing = named.into_iter().filter(|secret| !self.runtime.holds(&known.tenant, secret));
                engine.secrets_missing = missing.collect();
            }
            engines
        })
        .await
        .map_err(|error| EngineError::Broken(error.to_string()))
    }
}

/// The engines that who asks may read of, as they are observed; and to who may read of every tenant, processes that nobody
/// recorded.
#[utoipa::path(get, path = "/v1/engines", tag = "engines",
    responses((status = 200, body = EnginesView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 500, body = ProblemBody)))]
async fn engines(State(context): State<Context>, asking: Asking) -> Result<Json<EnginesView>, Problem> {
    // Whoever is shown nothing costs no look at the process table and none into the vault.
    let sight = context.sight(&asking)?;
    let failed = |error: EngineError| {
        tracing::error!(%error, "engine: the process table cannot be read");
        Problem::internal()
    };
    let EnginesView { mut engines, mut orphans } = context.runtime.engines().await.map_err(failed)?;
    let state = context.follower.state();
    engines.retain(|engine| sight.shows_engine(&state, &engine.engine));
    if sight != ReadScope::Everything {
        orphans.clear();
    }
    let engines = context.with_secrets(engines).await.map_err(failed)?;
    Ok(Json(EnginesView { engines, orphans }))
}

/// One engine as it is observed; one that may not be read of is answered as one that is not there.
#[utoipa::path(get, path = "/v1/engines/{id}", tag = "engines", params(("id" = String, Path, description = "Engine id")),
    responses((status = 200, body = EngineView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn engine(
    State(context): State<Context>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Json<EngineView>, Problem> {
    let id: EngineId = id.parse().map_err(|error: model::IdError| {
        Problem::malformed("engine.malformed", error.to_string(), "list the engines with GET /v1/engines")
    })?;
    let unknown = || {
        let what = format!("nothing was ever started here for engine {id}");
        Problem::not_found("engine.not_found", what, "list the engines with GET /v1/engines")
    };
    let sight = context.sight(&asking)?;
    if !sight.shows_engine(&context.follower.state(), &id) {
        return Err(unknown());
    }
    let found = context.runtime.engine(&id).await.ok_or_else(unknown)?;
    let found = context.with_secrets(vec![found]).await.map_err(|error| {
        tracing::error!(%error, "engine: the vault cannot be read");
        Problem::internal()
    })?;
    found.into_iter().next().map(Json).ok_or_else(unknown)
}

/// The front as it answers itself; routes and requests in flight of the engines that who asks may read of.
#[utoipa::path(get, path = "/v1/front", tag = "engines",
    responses((status = 200, body = FrontView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody)))]
async fn front(State(context): State<Context>, asking: Asking) -> Result<Json<FrontView>, Problem> {
    let sight = context.sight(&asking)?;
    let front = context.runtime.front().await;
    Ok(Json(shown(front, &sight, &context.follower.state())))
}

/// The front as far as it may be read of; what troubles it may name anybody's engine.
fn shown(mut front: FrontView, sight: &ReadScope, state: &control::State) -> FrontView {
    if *sight == ReadScope::Everything {
        return front;
    }
    front.routes.retain(|route| sight.shows_engine(state, &route.engine));
    // A side is called `<engine>.<side>`.
    let engine = |side: &Token| side.as_str().split_once('.').and_then(|(engine, _)| engine.parse::<EngineId>().ok());
    front.in_flight.retain(|side, _| engine(side).is_some_and(|engine| sight.shows_engine(state, &engine)));
    (front.pid, front.generation, front.trouble) = (None, None, None);
    front
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RouteView;

    #[test]
    fn nothing_can_be_ordered_over_the_wire() {
        for (path, item) in &all().get_openapi_mut().paths.paths {
            let orders = [&item.post, &item.put, &item.patch, &item.delete];
            assert!(orders.iter().all(|order| order.is_none()), "{path}");
        }
    }

    /// A front before two engines that nobody has registered.
    fn front() -> FrontView {
        let side = |engine: EngineId| format!("{engine}.blue").parse::<Token>().unwrap();
        let route = |engine| RouteView {
            engine,
            listen: "127.0.0.1:1".to_owned(),
            hosts: vec![],
            upstream: "127.0.0.1:2".to_owned(),
            side: side(engine),
            bundle: Digest::ZERO,
            limits: vec![],
        };
        let engines = [EngineId([1; 16]), EngineId([2; 16])];
        FrontView {
            alive: true,
            pid: Some(7),
            generation: Some(3),
            routes: engines.map(route).into(),
            in_flight: engines.map(|engine| (side(engine), 1)).into(),
            trouble: Some("another's address is taken".to_owned()),
            restarts: 1,
            not_enforced: vec![],
        }
    }

    #[test]
    fn who_may_not_read_of_an_engine_is_told_how_the_front_is_and_no_more() {
        let state = control::State::empty();
        assert_eq!(shown(front(), &ReadScope::Everything, &state), front());
        for sight in [ReadScope::Nothing, ReadScope::Tenants(BTreeSet::new())] {
            let told = shown(front(), &sight, &state);
            assert!(told.alive && told.restarts == 1 && told.routes.is_empty() && told.in_flight.is_empty());
            assert_eq!((told.pid, told.generation, told.trouble), (None, None, None));
        }
    }
}
