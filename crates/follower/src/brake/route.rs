//! The routes of the brake, the same in every service that acts.

use super::Brakes;
use crate::Follower;
use axum::Json;
use axum::extract::State;
use service_shell::{Auth, Declare as _, Entry, Problem, ProblemBody, RouteLimits};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{BrakeRequest, BrakeView, BrakesView};

/// The route that takes a brake.
pub const BRAKE: &str = "/v1/brake";
/// Largest body: two statements with all the texts they may have.
const BODY_MAX_BYTES: usize = 1 << 20;

/// Limits of [`BRAKE`].
pub fn brake_limits() -> RouteLimits {
    RouteLimits::default().body_bytes(BODY_MAX_BYTES)
}

#[derive(Clone)]
struct Handed {
    follower: Follower,
    brakes: Arc<Brakes>,
}

/// The routes; none for a follower that carries nothing out.
pub fn brake_routes(follower: &Follower) -> OpenApiRouter {
    let Some(brakes) = follower.brakes() else { return OpenApiRouter::new() };
    let handed = Handed { follower: follower.clone(), brakes };
    OpenApiRouter::new().declared(Entry::Leaf, Auth::Signed, routes!(brake)).routes(routes!(list)).with_state(handed)
}

/// Takes a signed hold, revoke or suspend and obeys it at once, whether or not Governance answers.
///
/// The statement is its own authority: it is verified against what this service has verified of the ledger.
/// It is passed on to Governance, and lifts when the ledger refuses it, or at its not-after if the ledger
/// does not have it by then. The same one again is answered as the first time.
#[utoipa::path(post, path = "/v1/brake", tag = "brake",
    request_body(content = shapes::BrakeBody, description = "what one would send to Governance, word for word"),
    responses(
        (status = 200, body = shapes::BrakeViewBody, description = "it stands, and will after a restart"),
        (status = 400, body = ProblemBody, description = "not of this form; nothing changed"),
        (status = 401, body = ProblemBody, description = "not its claimed signer's; nothing changed"),
        (status = 403, body = ProblemBody, description = "a verb that does not only take away; nothing changed"),
        (status = 404, body = ProblemBody, description = "about something this service does not know; nothing changed"),
        (status = 409, body = ProblemBody, description = "the ledger would refuse it, or has it already; nothing changed"),
        (status = 413, body = ProblemBody),
        (status = 422, body = ProblemBody, description = "not of this form; nothing changed"),
        (status = 429, body = ProblemBody, description = "as many stand as are kept"),
        (status = 503, body = ProblemBody, description = "not possible now; nothing changed")))]
async fn brake(State(handed): State<Handed>, Json(request): Json<BrakeRequest>) -> Result<Json<BrakeView>, Problem> {
    Ok(Json(handed.brakes.hand(&handed.follower, request.statements).await?))
}

/// The brakes that stand here, and those that were lifted within a day, without names and texts.
#[utoipa::path(get, path = "/v1/brakes", tag = "brake", responses((status = 200, body = shapes::BrakesViewBody)))]
async fn list(State(handed): State<Handed>) -> Json<BrakesView> {
    Json(handed.brakes.view())
}

/// What the bodies look like, for the OpenAPI document; they are [`wire`]'s, which knows nothing of it.
mod shapes {
    #![allow(dead_code, reason = "these types only describe others")]

    use serde_json::Value;
    use utoipa::ToSchema;

    /// What is handed.
    #[derive(ToSchema)]
    pub(super) struct BrakeBody {
        /// One or two of `{"command": {"signed": {"statement", "signature"}}, "openings": […]}`.
        #[schema(value_type = Vec<Object>)]
        statements: Vec<Value>,
    }

    /// A brake.
    #[derive(ToSchema)]
    pub(super) struct BrakeViewBody {
        /// What it is found by.
        id: String,
        /// `hold`, `revoke` or `suspend`.
        verb: String,
        /// The change, where it is about one.
        #[schema(required = false)]
        change: String,
        /// The key, where it is about one.
        #[schema(required = false)]
        key: String,
        /// When it was handed.
        at: String,
        /// It lifts then, if the ledger does not have it.
        until: String,
        /// Why it stands no more, if so.
        #[schema(required = false)]
        lifted: LiftedBody,
    }

    /// That a brake stands no more.
    #[derive(ToSchema)]
    pub(super) struct LiftedBody {
        /// Since when.
        at: String,
        /// Why.
        why: String,
    }

    /// The brakes of a service.
    #[derive(ToSchema)]
    pub(super) struct BrakesViewBody {
        /// What stands, and what was lifted within the last day.
        brakes: Vec<BrakeViewBody>,
    }
}
