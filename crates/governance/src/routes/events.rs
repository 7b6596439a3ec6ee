//! `POST /v1/events`: what other systems say, recorded in the events log.

use super::shapes::{EventBody, EventRecordedBody};
use crate::event::EventEntry;
use crate::event_machine::{EventAnswer, NewEvent, SealedEvent};
use crate::join_all::join_all;
use crate::openings::Bound;
use crate::service::{Service, blocking};
use crate::{intake, problems};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use ledger::{Ack, Lane};
use model::PersonId;
use service_shell::{Bearer, Problem, ProblemBody};
use signed::Opening;
use std::sync::Arc;
use wire::EventRecorded;

/// Most contents that are kept under one (source, id) within 48 h.
const CONTENTS_MAX: usize = 8;

/// Records events: one, a JSON array, or NDJSON; at most 1,000 in 1 MiB. All are checked before
/// any is taken. What other systems say stands in the category `reported` and under a source that is
/// no part of this installation. The same (source, id) within 48 h is the same event: with the same
/// content it is answered as the first time, with another one it is kept as an event of its own, which
/// names the first in `conflicts`, and the answer is 409. Of one id, 8 contents are kept.
/// The head of the events log is committed in the control log once a minute.
#[utoipa::path(post, path = "/v1/events", tag = "events",
    request_body(content = Vec<EventBody>, description = "an event, an array of events, or lines of events (application/x-ndjson)"),
    responses(
        (status = 200, description = "index and leaf hash of each event, in order, once all are durable", body = Vec<EventRecordedBody>),
        (status = 400, body = ProblemBody, description = "one of them is not acceptable; none was taken"),
        (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "an id was used before with another content; `entry` is the event that keeps this one, and the others are recorded"),
        (status = 413, body = ProblemBody),
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
    let record = |(event, opening)| Box::pin(record(Arc::clone(&service), by, event, opening));
    let records = service.seal(checked).await?.into_iter().map(record).collect();
    let (mut recorded, mut conflicts) = (vec![], vec![]);
    let mut new = 0;
    for (position, answered) in join_all(records).await.into_iter().enumerate() {
        let Record { at, is_new, conflict } = answered?;
        new += u64::from(is_new);
        recorded.extend(at.clone());
        conflicts.extend(conflict.map(|first| (position, first, at)));
    }
    service.metrics.ingested(new);
    match conflicts.first() {
        None => Ok(Json(recorded)),
        Some((position, first, at)) => Err(conflicting(conflicts.len(), *position, *first, at.as_ref())),
    }
}

/// What became of one event.
struct Record {
    /// Its entry; none where it was not kept.
    at: Option<EventRecorded>,
    is_new: bool,
    /// The first entry of the same source and id, which says something else.
    conflict: Option<u64>,
}

/// Offers an event to the writer until it is a new entry or one that says the same is found.
async fn record(
    service: Arc<Service>,
    by: PersonId,
    event: Arc<SealedEvent>,
    opening: Opening,
) -> Result<Record, Problem> {
    let mut unlike = vec![];
    loop {
        let offered = NewEvent { event: Arc::clone(&event), unlike };
        let submitted = service.events.submit(Lane::Normal, by.into(), offered, Ack::Durable).await;
        let answered = submitted.map_err(|why| problems::submit(&why))?;
        let known = match (answered.answer, answered.recorded) {
            (EventAnswer::New(conflict), Some(at)) => {
                let at = EventRecorded { index: at.index, leaf_hash: at.leaf_hash };
                return Ok(Record { at: Some(at), is_new: true, conflict });
            }
            (EventAnswer::Known(known), _) => known,
            (EventAnswer::New(_) | EventAnswer::Internal, _) => return Err(Problem::internal()),
        };
        let (reader, compared, said) = (Arc::clone(&service), known.clone(), (Arc::clone(&event), opening.clone()));
        let same = blocking(move || reader.same_event(&compared, &said.0, &said.1)).await?;
        let first = known.first().copied();
        if let Some(index) = same {
            let leaf_hash = service.events.log().leaf_hash(index).ok_or_else(Problem::internal)?;
            let at = Some(EventRecorded { index, leaf_hash });
            return Ok(Record { at, is_new: false, conflict: first.filter(|first| *first != index) });
        }
        if known.len() >= CONTENTS_MAX {
            return Ok(Record { at: None, is_new: false, conflict: first });
        }
        unlike = known;
    }
}

impl Service {
    /// The entry, of these, that says the same as a new event. Blocks.
    fn same_event(&self, known: &[u64], event: &SealedEvent, opening: &Opening) -> Result<Option<u64>, Problem> {
        for index in known {
            let entry = self.events.log().entry(*index).map_err(|error| {
                tracing::error!(%index, %error, "a recorded event cannot be read");
                Problem::internal()
            })?;
            let Ok(stored) = EventEntry::decode(&entry.leaf) else { return Err(Problem::internal()) };
            let bound = Bound { to: stored.command(), parts: stored.parts.clone() };
            let texts = self.openings.unseal(&[bound], &entry.payload);
            let same_text = texts
                .first()
                .and_then(Option::as_ref)
                .is_some_and(|text| text.matches && text.opening.body == opening.body);
            if same_text && stored.says_the_same(&event.entry) {
                return Ok(Some(*index));
            }
        }
        Ok(None)
    }
}

fn conflicting(count: usize, position: usize, first: u64, at: Option<&EventRecorded>) -> Problem {
    let kept = match at {
        Some(at) => format!("both are kept, this one as event {} of the events log", at.index),
        None => format!("this one is not kept: there are {CONTENTS_MAX} contents under that id already"),
    };
    let more = if count > 1 { format!(", and {} more events of this request", count - 1) } else { String::new() };
    let problem = Problem::refused(
        "event.conflict",
        format!("event {position} has the source and id of event {first} and another content{more}; {kept}"),
        "give each event an id of its own; every other event of this request is recorded, and is answered when sent alone",
    );
    match at {
        Some(at) => problem.entry(at.index),
        None => problem,
    }
}
