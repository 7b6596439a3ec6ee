//! `POST /v1/commands`: one signed word, or one draft.

use crate::intake::{self, AckQuery};
use crate::service::Service;
use api::{Bearer, Problem, ProblemBody};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use client::wire::{Recorded, Submission};
use control::Command;
use std::sync::Arc;

/// Longest `Idempotency-Key`, in bytes.
const KEY_MAX: usize = 128;

/// Decides one command and answers once its leaf is as durable as was asked.
///
/// A person's statement and a service's receipt carry their own signature; `open_draft` needs the
/// credential of that person. The same command again is answered as the first time.
///
/// A registration brings one part `name`: what is shown, of 1 to 80 characters, and not to be taken
/// for the name of another tenant, or another engine (`name.taken`). An engine's three ports are
/// from 1,024 up (`port.privileged`) and none of this installation's own (`port.own`).
#[utoipa::path(post, path = "/v1/commands", tag = "commands", params(AckQuery),
    request_body(content = serde_json::Value, description = "the command, the openings of its parts, and the package of a draft"),
    responses(
        (status = 200, description = "accepted: index, leaf hash, stamp and effects", body = serde_json::Value),
        (status = 400, body = ProblemBody, description = "not a command of this form; nothing was recorded"),
        (status = 401, body = ProblemBody, description = "not its claimed author's; nothing was recorded"),
        (status = 403, body = ProblemBody, description = "another person's credential; nothing was recorded"),
        (status = 404, body = ProblemBody, description = "about something unknown; nothing was recorded"),
        (status = 409, body = ProblemBody, description = "refused; `entry` is the leaf that records it"),
        (status = 429, body = ProblemBody, description = "over budget; nothing was recorded"),
        (status = 503, body = ProblemBody, description = "unknown or not possible now; ask again with the same command")))]
pub(crate) async fn submit(
    State(service): State<Arc<Service>>,
    Query(query): Query<AckQuery>,
    bearer: Option<Bearer>,
    headers: HeaderMap,
    Json(submission): Json<Submission>,
) -> Result<Json<Recorded>, Problem> {
    let ack = intake::ack(&query)?;
    // Only a draft looks at the credential: a signature needs none, and a stale one does no harm.
    let drafting = matches!(submission.command, Command::Session(_));
    let bearer = bearer.filter(|_| drafting).map(|bearer| service.acting(bearer)).transpose()?;
    let key = idempotency_key(&headers)?;
    let log = service.control.log();
    let root_at = |size| log.root_at(size);
    let mut checked = service.with_state(|state| intake::submission(state, &root_at, bearer, submission))?;
    // A draft that was checked is a signed-in person's.
    if let (Command::Session(session), Some(person)) = (&mut checked.command, bearer) {
        // Without a key of its own, a draft's random command id is what makes it one.
        let id = session.command.to_string();
        session.idempotency = Some(match &key {
            Some(key) => service.keys.idempotency(&person, format!("key {key}").as_bytes()),
            None => service.keys.idempotency(&person, format!("command {id}").as_bytes()),
        });
    } else if key.is_some() {
        return Err(Problem::malformed(
            "idempotency.not_taken",
            "a statement or receipt is its own idempotency key",
            "send it without an `idempotency-key` header; the same one again is answered as the first time",
        ));
    }
    // From the look at what is registered to the leaf, one registration at a time.
    let registering = intake::registers(&checked.command);
    let _alone = if registering { Some(service.registering.lock().await) } else { None };
    if registering {
        intake::registration(&service.names(), &service.own_ports, &checked)?;
    }
    let submitted = service.prepare(checked).await?;
    service.decide(submitted, ack).await.map(Json)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=KEY_MAX).contains(&text.len()));
    match (text, values.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => Err(Problem::malformed(
            "idempotency.malformed",
            "the idempotency key is not one text of 1 to 128 characters",
            "send one random key a request, for example a UUID",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_of_bounded_length_is_read() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("idempotency-key", value.parse().unwrap());
            }
            idempotency_key(&headers).map_err(|problem| problem.code())
        };
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["a-1"]), Ok(Some("a-1".to_owned())));
        for bad in [&[""][..], &["a", "b"], &[&"x".repeat(KEY_MAX + 1)]] {
            assert_eq!(of(bad), Err("idempotency.malformed"), "{bad:?}");
        }
    }
}
