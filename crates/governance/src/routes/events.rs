//! `POST /v1/events`: what other systems say, recorded in the events log.

use super::shapes::{EventBody, EventRecordedBody};
use crate::all::all;
use crate::event_machine::EventAnswer;
use crate::service::Service;
use crate::{intake, problems};
use api::{Bearer, Problem, ProblemBody};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use client::wire::EventRecorded;
use ledger::{Ack, Lane};
use std::sync::Arc;

/// Records events: one, a JSON array, or NDJSON; at most 1,000 in 1 MiB. All are checked before
/// any is taken. What other systems say stands in the category `reported` and under a source that is
/// no part of this installation. The same (source, id) within 48 h is the same event and is answered as such.
/// The head of the events log is committed in the control log once a minute.
#[utoipa::path(post, path = "/v1/events", tag = "events",
    request_body(content = Vec<EventBody>, description = "an event, an array of events, or lines of events (application/x-ndjson)"),
    responses(
        (status = 200, description = "index and leaf hash of each event, in order, once all are durable", body = Vec<EventRecordedBody>),
        (status = 400, body = ProblemBody, description = "one of them is not acceptable; none was taken"),
        (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 429, body = ProblemBody, description = "over budget; ask again with the same events")))]
pub(crate) async fn send(
    State(service): State<Arc<Service>>,
    bearer: Option<Bearer>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Vec<EventRecorded>>, Problem> {
    let by = service.sending(bearer)?;
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let events = intake::events(&body, declared.starts_with("application/x-ndjson"))?;
    let checked = service.with_state(|state| {
        events
            .iter()
            .enumerate()
            .map(|(index, event)| intake::event(state, by, index, event))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let submit = |event| Box::pin(service.events.submit(Lane::Normal, by.into(), event, Ack::Durable));
    let submissions = service.seal(checked).await?.into_iter().map(submit).collect();
    let mut recorded = vec![];
    let mut new = 0;
    for answered in all(submissions).await {
        let answered = answered.map_err(|why| problems::submit(&why))?;
        recorded.push(match (answered.answer, answered.recorded) {
            (EventAnswer::New, Some(at)) => {
                new += 1;
                EventRecorded { index: at.index, leaf_hash: at.leaf_hash }
            }
            (EventAnswer::Known(index), _) => {
                let leaf_hash = service.events.log().leaf_hash(index).ok_or_else(Problem::internal)?;
                EventRecorded { index, leaf_hash }
            }
            (EventAnswer::New | EventAnswer::Internal, _) => return Err(Problem::internal()),
        });
    }
    service.metrics.ingested(new);
    Ok(Json(recorded))
}
