//! What an engine prints is shown to people who may see its tenant, by this service's own verified state.

use crate::{
    EngineError, OutputView, Runtime, health,
    output::{Ask, Cursor, LINES_MAX},
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use control::ReadScope;
use follower::{Asking, Follower};
use model::{EngineId, Service, Side, TenantId};
use serde::Deserialize;
use service_shell::{Auth, Declare as _, Entry, Problem, ProblemBody};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Lines where nobody says how many.
const LINES: usize = 200;

#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) runtime: Runtime,
    pub(crate) follower: Follower,
}

pub(crate) fn routes(context: Context) -> OpenApiRouter {
    OpenApiRouter::new().declared(Entry::None, Auth::Token, routes!(logs)).with_state(context)
}

/// What is asked for in the address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    lines: Option<usize>,
    side: Option<String>,
    after: Option<String>,
}

impl Params {
    fn ask(&self) -> Result<Ask, Problem> {
        let malformed = |what: &str| {
            let next =
                format!("give `lines` up to {LINES_MAX}, `side` as blue or green, `after` as an answer's `next`");
            Problem::malformed("logs.malformed", what, next)
        };
        let side = match self.side.as_deref() {
            None => None,
            Some(text) => {
                let side = [Side::Blue, Side::Green].into_iter().find(|side| side.to_string() == text);
                Some(side.ok_or_else(|| malformed("there is no such side"))?)
            }
        };
        let after = self.after.as_deref().map(str::parse::<Cursor>).transpose();
        let after = after.map_err(|()| malformed("`after` is no place in a log"))?;
        let lines = self.lines.unwrap_or(LINES);
        if lines > LINES_MAX {
            return Err(malformed("too many lines are asked for at once"));
        }
        Ok(Ask { side, lines, after })
    }
}

impl Context {
    /// The engine, if it is known and may be seen: to whom it may not be shown, it is not there.
    fn seen(&self, sight: &ReadScope, text: &str) -> Result<EngineId, Problem> {
        let id: EngineId = text.parse().map_err(|error: model::IdError| {
            Problem::malformed("engine.malformed", error.to_string(), "list the engines with GET /v1/engines")
        })?;
        let tenant = self.follower.state().engines.get(&id).map(|engine| engine.tenant);
        if is_shown(sight, tenant) {
            return Ok(id);
        }
        let what = format!("no engine {id} is registered, or you may not see it");
        Err(Problem::not_found("engine.not_found", what, "list the engines with `countersign engine ls`"))
    }
}

/// Whether an engine of this tenant is shown; none: there is no such engine.
fn is_shown(sight: &ReadScope, tenant: Option<TenantId>) -> bool {
    tenant.is_some_and(|tenant| sight.covers(&[tenant]))
}

/// What an engine prints: its last lines, or what comes after an earlier answer.
///
/// For people who may see its tenant. Each side keeps its last 16 MiB at most.
#[utoipa::path(get, path = "/v1/engines/{id}/logs", tag = "engines",
    params(("id" = String, Path, description = "Engine id"),
        ("lines" = Option<usize>, Query, description = "Most lines, 200 where absent, at most 10000"),
        ("side" = Option<String>, Query, description = "blue or green; the one that printed last where absent"),
        ("after" = Option<String>, Query, description = "`next` of an earlier answer of that side")),
    responses((status = 200, body = OutputView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 500, body = ProblemBody)))]
async fn logs(
    State(context): State<Context>,
    Path(id): Path<String>,
    Query(params): Query<Params>,
    asking: Asking,
) -> Result<Json<OutputView>, Problem> {
    let sight = context.follower.sight(&asking, Service::Engine, health::now())?;
    let (engine, ask) = (context.seen(&sight, &id)?, params.ask()?);
    let failed = |error: EngineError| {
        tracing::error!(%error, "engine: a log cannot be read");
        Problem::internal()
    };
    context.runtime.output(engine, ask).await.map(Json).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_of_a_tenant_that_may_not_be_seen_is_as_one_that_is_not_there() {
        let (own, other) = (TenantId([1; 16]), TenantId([2; 16]));
        for (sight, shown) in [
            (ReadScope::Everything, [true, true, false]),
            (ReadScope::Tenants([own].into()), [true, false, false]),
            (ReadScope::Nothing, [false, false, false]),
        ] {
            assert_eq!([Some(own), Some(other), None].map(|tenant| is_shown(&sight, tenant)), shown, "{sight:?}");
        }
    }
}
