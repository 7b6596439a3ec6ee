//! What is decided, in views: computed from the durable state by the functions clients use on
//! their own verified state.

use super::shapes::{KindsBody, LedgerBody};
use crate::access::Asking;
use crate::log_name::LogName;
use crate::service::{Service, blocking};
use axum::Json;
use axum::extract::{Path, Query, State};
use control::{Change, KindTable, NoRecord, ReadScope, Viewer};
use model::{ChangeId, PersonId};
use serde::Deserialize;
use service_shell::{Problem, ProblemBody};
use std::borrow::Cow;
use std::sync::Arc;
use view::Names;
use view::{ArtifactView, ChangeList, ChangeView, EngineView, Explained, PersonView, explained};
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
    let mut engines = service.with_state(|state| EngineView::all(state, &names.of_resources(state, &reader.sight)));
    engines.retain(|engine| reader.sight.covers(&[engine.tenant]));
    Ok(Json(engines))
}

/// The published artifacts: those for any engine, and those for tenants of which the reader may see one.
#[utoipa::path(get, path = "/v1/artifacts", tag = "reading",
    responses((status = 200, body = Vec<ArtifactView>), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn artifacts(
    State(service): State<Arc<Service>>,
    asking: Asking,
) -> Result<Json<Vec<ArtifactView>>, Problem> {
    let reader = service.reading(asking)?;
    let names = service.names();
    let all =
        |state: &control::State| ArtifactView::all(state, &names.of_resources(state, &reader.sight), &reader.sight);
    Ok(Json(service.with_state(all)))
}

/// Which of the changes that have ended are listed.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Those that had ended before this leaf: the lowest `ended` of the page before; open ones are not listed again then.
    ended_before: Option<u64>,
    /// Most of those that have ended, 1 to 1000; absent: 200. More only where several ended in one leaf.
    limit: Option<usize>,
}

/// Most ended changes of one page, and how many it has unless more or fewer are asked for.
const ENDED_MAX: usize = 1000;
const ENDED: usize = 200;

/// The governed changes of tenants the reader may see, newest first: those that are open, and of those that have
/// ended the last ones.
#[utoipa::path(get, path = "/v1/changes", tag = "reading", params(ListQuery),
    responses((status = 200, body = Vec<ChangeView>), (status = 400, body = ProblemBody, description = "`changes.limit`"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn changes(
    State(service): State<Arc<Service>>,
    Query(query): Query<ListQuery>,
    asking: Asking,
) -> Result<Json<Vec<ChangeView>>, Problem> {
    let reader = service.reading(asking)?;
    let ended_most = query.limit.unwrap_or(ENDED);
    if !(1..=ENDED_MAX).contains(&ended_most) {
        let next = "ask for the next page with `ended_before`";
        return Err(Problem::malformed("changes.limit", format!("`limit` is 1 to {ENDED_MAX}"), next));
    }
    let (names, now) = (service.names(), service.now());
    let listing = Arc::clone(&service);
    // Records of ended changes are read from files.
    let list = move || {
        let list = ChangeList { ended_before: query.ended_before, ended_most, sight: &reader.sight };
        let state = listing.state();
        let names = names.of_resources(&state, &reader.sight);
        Ok(ChangeView::listed(&state, listing.archive.as_ref(), &names, now, &list))
    };
    blocking(list).await.map(Json)
}

/// A change that may be seen, whether or not it has ended.
pub(super) fn seen<'a>(
    service: &Service,
    state: &'a control::State,
    id: &ChangeId,
    sight: &ReadScope,
) -> Result<Cow<'a, Change>, Problem> {
    if !state.subject(id).is_some_and(|subject| sight.covers(&subject.tenants)) {
        return Err(unknown());
    }
    state.record(service.archive.as_ref(), id).map_err(|error| match error {
        NoRecord::Unknown => unknown(),
        NoRecord::Lost => Problem::unavailable(
            "change.record_lost",
            error.to_string(),
            "start Governance again: it makes the record again from the ledger",
            60,
        ),
    })
}

/// The same of a change that is not there and of one that may not be read.
pub(super) fn unknown() -> Problem {
    Problem::not_found("change.not_found", "there is no such change", "list them with `countersign change ls`")
}

/// One governed change; of a tenant the reader may not see it answers as if there were none.
#[utoipa::path(get, path = "/v1/changes/{id}", tag = "reading",
    params(("id" = String, Path, description = "the change")),
    responses((status = 200, body = ChangeView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 503, body = ProblemBody, description = "`change.record_lost`: it has ended, and its record here is missing or damaged")))]
pub(crate) async fn change(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Json<ChangeView>, Problem> {
    let reader = service.reading(asking)?;
    let id: ChangeId = id.parse().map_err(|_| unknown())?;
    let (names, now) = (service.names(), service.now());
    service.with_state(|state| {
        let change = seen(&service, state, &id, &reader.sight)?;
        Ok(Json(ChangeView::of(state, &names.of_resources(state, &reader.sight), &change, now)))
    })
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
    responses((status = 200, body = Explained), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 503, body = ProblemBody, description = "`change.record_lost`: it has ended, and its record here is missing or damaged")))]
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
        let change = seen(&service, state, &id, &reader.sight)?;
        state.roster.person(&person).ok_or_else(nobody)?;
        Ok(Json(explained(state, &names.of_resources(state, &reader.sight), &change, &person, now)))
    })
}
