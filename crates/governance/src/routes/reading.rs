//! What is decided, in views: computed from the durable state by the functions clients use on
//! their own verified state.

use super::shapes::{KindsBody, LedgerBody};
use crate::access::Asking;
use crate::log_name::LogName;
use crate::service::Service;
use axum::Json;
use axum::extract::{Path, Query, State};
use control::{Change, KindTable, ReadScope, Viewer};
use model::{ChangeId, PersonId};
use serde::Deserialize;
use service_shell::{Problem, ProblemBody};
use std::sync::Arc;
use view::Names;
use view::{ArtifactView, ChangeView, EngineView, Explained, PersonView, explained};
use wire::LedgerInfo;

/// Which ledger this is; for everyone.
#[utoipa::path(get, path = "/v1/ledger", tag = "reading", responses((status = 200, body = LedgerBody)))]
pub(crate) async fn ledger(State(service): State<Arc<Service>>) -> Json<LedgerInfo> {
    let (genesis, demo, origin) = service.with_state(|state| {
        (state.ledger, state.demo, state.origin.as_ref().map(ToString::to_string).unwrap_or_default())
    });
    Json(LedgerInfo {
        origin,
        genesis,
        control_vkey: service.vkey(LogName::Control),
        events_vkey: service.vkey(LogName::Events),
        control_size: service.control.log().size(),
        events_size: service.events.log().size(),
        demo,
    })
}

/// What ids are called, as far as the reader may see it.
#[utoipa::path(get, path = "/v1/names", tag = "reading",
    responses((status = 200, body = Names), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn names(State(service): State<Arc<Service>>, asking: Asking) -> Result<Json<Names>, Problem> {
    let reader = service.reading(asking)?;
    let names = service.names();
    Ok(Json(service.with_state(|state| names.narrowed(state, &reader.sight))))
}

/// The people of the roster.
#[utoipa::path(get, path = "/v1/people", tag = "reading",
    responses((status = 200, body = Vec<PersonView>), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn people(
    State(service): State<Arc<Service>>,
    asking: Asking,
) -> Result<Json<Vec<PersonView>>, Problem> {
    service.reading(asking)?;
    let names = service.names();
    Ok(Json(service.with_state(|state| PersonView::all(state, &names))))
}

/// The kinds of governed change in force.
#[utoipa::path(get, path = "/v1/kinds", tag = "reading",
    responses((status = 200, body = KindsBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn kinds(State(service): State<Arc<Service>>, asking: Asking) -> Result<Json<KindTable>, Problem> {
    service.reading(asking)?;
    Ok(Json(service.with_state(|state| state.kinds.clone())))
}

/// The engines, as decided, of tenants the reader may see.
#[utoipa::path(get, path = "/v1/engines", tag = "reading",
    responses((status = 200, body = Vec<EngineView>), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn engines(
    State(service): State<Arc<Service>>,
    asking: Asking,
) -> Result<Json<Vec<EngineView>>, Problem> {
    let reader = service.reading(asking)?;
    let names = service.names();
    let mut engines = service.with_state(|state| EngineView::all(state, &names));
    engines.retain(|engine| reader.sight.covers(&[engine.tenant]));
    Ok(Json(engines))
}

/// The published artifacts.
#[utoipa::path(get, path = "/v1/artifacts", tag = "reading",
    responses((status = 200, body = Vec<ArtifactView>), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn artifacts(
    State(service): State<Arc<Service>>,
    asking: Asking,
) -> Result<Json<Vec<ArtifactView>>, Problem> {
    service.reading(asking)?;
    let names = service.names();
    Ok(Json(service.with_state(|state| {
        state.artifacts.keys().filter_map(|artifact| ArtifactView::of(state, &names, artifact)).collect()
    })))
}

/// The governed changes of tenants the reader may see, newest first.
#[utoipa::path(get, path = "/v1/changes", tag = "reading",
    responses((status = 200, body = Vec<ChangeView>), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn changes(
    State(service): State<Arc<Service>>,
    asking: Asking,
) -> Result<Json<Vec<ChangeView>>, Problem> {
    let reader = service.reading(asking)?;
    let (names, now) = (service.names(), service.now());
    let all = |state: &control::State| {
        let mut changes = ChangeView::all(state, &names, now);
        changes.retain(|view| seen(state, &view.id, &reader.sight).is_some());
        changes
    };
    Ok(Json(service.with_state(all)))
}

/// A change that may be seen.
pub(super) fn seen<'a>(state: &'a control::State, id: &ChangeId, sight: &ReadScope) -> Option<&'a Change> {
    state.changes.get(id).filter(|change| sight.covers(&change.subject.tenants))
}

/// The same of a change that is not there and of one that may not be read.
pub(super) fn unknown() -> Problem {
    Problem::not_found("change.not_found", "there is no such change", "list them with `countersign change ls`")
}

/// One governed change; of a tenant the reader may not see it answers as if there were none.
#[utoipa::path(get, path = "/v1/changes/{id}", tag = "reading",
    params(("id" = String, Path, description = "the change")),
    responses((status = 200, body = ChangeView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(crate) async fn change(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Json<ChangeView>, Problem> {
    let reader = service.reading(asking)?;
    let id: ChangeId = id.parse().map_err(|_| unknown())?;
    let (names, now) = (service.names(), service.now());
    let view = service
        .with_state(|state| seen(state, &id, &reader.sight).map(|change| ChangeView::of(state, &names, change, now)));
    view.map(Json).ok_or_else(unknown)
}

/// For whom a change is explained.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct For {
    /// The person; absent: whose token it is.
    person: Option<String>,
}

/// What a person can do about a change, and what they lack, by name.
#[utoipa::path(get, path = "/v1/changes/{id}/explain", tag = "reading",
    params(For, ("id" = String, Path, description = "the change")),
    responses((status = 200, body = Explained), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(crate) async fn explain(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    Query(query): Query<For>,
    asking: Asking,
) -> Result<Json<Explained>, Problem> {
    let reader = service.reading(asking)?;
    let id: ChangeId = id.parse().map_err(|_| unknown())?;
    let nobody = || Problem::not_found("person.not_found", "there is no such person", "list them with GET /v1/people");
    let person: PersonId = match (query.person, reader.viewer.as_ref().and_then(Viewer::person)) {
        (Some(person), _) => person.parse().map_err(|_| nobody())?,
        (None, Some(person)) => *person,
        (None, None) => return Err(nobody()),
    };
    let (names, now) = (service.names(), service.now());
    service.with_state(|state| {
        let change = seen(state, &id, &reader.sight).ok_or_else(unknown)?;
        state.roster.person(&person).ok_or_else(nobody)?;
        Ok(Json(explained(state, &names, change, &person, now)))
    })
}
