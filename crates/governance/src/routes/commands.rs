//! `POST /v1/commands`: one signed word.

use super::shapes::{RecordedBody, SubmissionBody};
use crate::intake::{self, AckQuery};
use crate::service::Service;
use axum::Json;
use axum::extract::{Query, State};
use service_shell::{Problem, ProblemBody};
use std::sync::Arc;
use wire::{Recorded, Submission};

/// Decides one command and answers once its leaf is as durable as was asked.
///
/// A person's statement and a service's receipt carry their own signature, and each is its own
/// idempotency key: the same one again is answered as the first time. `open` brings its package in
/// `package` and, where the package names a roster or another governing document, that in `document`
/// (256 KiB at most); both are kept before the word is decided.
///
/// A registration brings one part `name`: what is shown, of 1 to 80 characters, and not to be taken
/// for the name of another tenant, or another engine (`name.taken`). An engine's three ports are
/// from 1,024 up (`port.privileged`) and none of this installation's own (`port.own`).
#[utoipa::path(post, path = "/v1/commands", tag = "commands", params(AckQuery),
    request_body(content = SubmissionBody, description = "the command, the openings of its parts, and what an `open` brings along"),
    responses(
        (status = 200, description = "accepted: index, leaf hash, stamp and effects", body = RecordedBody),
        (status = 400, body = ProblemBody, description = "not a command of this form, or what came with it is not what was signed for; nothing was recorded"),
        (status = 401, body = ProblemBody, description = "not its claimed author's; nothing was recorded"),
        (status = 404, body = ProblemBody, description = "about something unknown; nothing was recorded"),
        (status = 409, body = ProblemBody, description = "refused; `entry` is the leaf that records it. `change.ended` and `command.spent`: nothing was recorded, and `see_entry` is the leaf that closed the change, or that the command counted in. A registration refused again within a minute is only counted, and `see_entry` is the first refusal"),
        (status = 413, body = ProblemBody, description = "more than 512 KiB"),
        (status = 422, body = ProblemBody, description = "not a command of this form; nothing was recorded"),
        (status = 429, body = ProblemBody, description = "over budget; nothing was recorded"),
        (status = 503, body = ProblemBody, description = "unknown or not possible now; ask again with the same command")))]
pub(crate) async fn submit(
    State(service): State<Arc<Service>>,
    Query(query): Query<AckQuery>,
    Json(submission): Json<Submission>,
) -> Result<Json<Recorded>, Problem> {
    let ack = intake::ack(&query)?;
    let log = service.control.log();
    let root_at = |size| log.root_at(size);
    let checked = service.with_state(|state| intake::submission(state, &root_at, submission))?;
    // From the look at what is registered to the leaf, one registration at a time.
    let registering = intake::registers(&checked.command);
    let _alone = if registering { Some(service.registering.lock().await) } else { None };
    if registering {
        intake::registration(&service.names(), &service.own_ports, &checked)?;
    }
    let submitted = service.prepare(checked).await?;
    service.decide(submitted, ack).await.map(Json)
}
