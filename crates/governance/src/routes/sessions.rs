//! `POST /v1/sessions`: a person's key, or the console's, vouches for a bearer credential's hash.

use super::shapes::RecordedBody;
use crate::intake;
use crate::machine::Submitted;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use control::Command;
use ledger::{Ack, Payload};
use service_shell::{Problem, ProblemBody};
use std::sync::Arc;
use wire::{Recorded, SessionRequest};

/// Opens a session, a person's or the console's, whose credential reads for 24 hours at most and does
/// nothing else. The token is the client's own: only its SHA-256 is sent and recorded.
#[utoipa::path(post, path = "/v1/sessions", tag = "commands",
    request_body(content = Object, description = "`person`: `login` and the SSH signature over it, or `console`: `login` and the Ed25519 signature over it"),
    responses(
        (status = 200, description = "recorded: index, leaf hash, stamp and effects; the same request again is answered as the first time", body = RecordedBody),
        (status = 400, body = ProblemBody, description = "out of bounds; nothing was recorded"),
        (status = 401, body = ProblemBody, description = "not this person's, or not the console's; nothing was recorded"),
        (status = 409, body = ProblemBody, description = "signed for another ledger, or the token stands for another credential; nothing was recorded"),
        (status = 422, body = ProblemBody, description = "not a login; nothing was recorded"),
        (status = 503, body = ProblemBody, description = "unknown or not possible now; ask again with the same request")))]
pub(crate) async fn open(
    State(service): State<Arc<Service>>,
    Json(request): Json<SessionRequest>,
) -> Result<Json<Recorded>, Problem> {
    let session = service.with_state(|state| intake::login(state, &request))?;
    let payload = Payload::default().encode().map_err(|_| Problem::internal())?;
    let submitted = Submitted { command: Command::Session(session), payload };
    service.decide(submitted, Ack::Durable).await.map(Json)
}
