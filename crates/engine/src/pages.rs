//! The routes of this service that read.

use crate::{EngineError, EngineView, EnginesView, FrontView, Runtime};
use axum::{
    Json,
    extract::{Path, State},
};
use model::EngineId;
use service_shell::{Problem, ProblemBody};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes(runtime: Runtime) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(engines)).routes(routes!(engine)).routes(routes!(front)).with_state(runtime)
}

/// Every engine as it is observed, and processes that nobody recorded.
#[utoipa::path(get, path = "/v1/engines", tag = "engines",
    responses((status = 200, body = EnginesView), (status = 500, body = ProblemBody)))]
async fn engines(State(runtime): State<Runtime>) -> Result<Json<EnginesView>, Problem> {
    let failed = |error: EngineError| {
        tracing::error!(%error, "engine: the process table cannot be read");
        Problem::internal()
    };
    runtime.engines().await.map(Json).map_err(failed)
}

/// One engine as it is observed.
#[utoipa::path(get, path = "/v1/engines/{id}", tag = "engines", params(("id" = String, Path, description = "Engine id")),
    responses((status = 200, body = EngineView), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn engine(State(runtime): State<Runtime>, Path(id): Path<String>) -> Result<Json<EngineView>, Problem> {
    let id: EngineId = id.parse().map_err(|error: model::IdError| {
        Problem::malformed("engine.malformed", error.to_string(), "list the engines with GET /v1/engines")
    })?;
    let unknown = || {
        let what = format!("nothing was ever started here for engine {id}");
        Problem::not_found("engine.not_found", what, "list the engines with GET /v1/engines")
    };
    runtime.engine(&id).await.map(Json).ok_or_else(unknown)
}

/// The front as it answers itself.
#[utoipa::path(get, path = "/v1/front", tag = "engines", responses((status = 200, body = FrontView)))]
async fn front(State(runtime): State<Runtime>) -> Json<FrontView> {
    Json(runtime.front().await)
}

#[cfg(test)]
mod tests {
    use crate::{RuntimeOptions, Timing};

    #[test]
    fn nothing_can_be_ordered_over_the_wire() {
        let dir = tempfile::tempdir().unwrap();
        let options = RuntimeOptions {
            dir: dir.path().join("engine"),
            store: dir.path().join("store"),
            program: "/proc/self/exe".into(),
            run_as: None,
            platform: None,
            timing: Timing::default(),
        };
        let mut router = super::routes(crate::Runtime::open(options).unwrap());
        for (path, item) in &router.get_openapi_mut().paths.paths {
            let orders = [&item.post, &item.put, &item.patch, &item.delete];
            assert!(orders.iter().all(|order| order.is_none()), "{path}");
        }
    }
}
