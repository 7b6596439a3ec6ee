//! The routes.

use super::bodies::{EndingView, LeaseUsage, PostRequest, ReservationView, ReserveRequest};
use super::{Caller, Leases, problems};
use axum::Json;
use axum::extract::{Path, State};
use lease_journal::{Ask, ReservationKey};
use model::{ChangeId, Id};
use service_shell::{Auth, Bearer, Declare as _, Entry, Problem, ProblemBody, RouteLimits, Shell};
use std::time::Duration;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every pattern here.
const PATTERNS: [&str; 4] = [
    "/v1/leases/{lease}/reservations",
    "/v1/leases/{lease}/reservations/{id}/post",
    "/v1/leases/{lease}/reservations/{id}/void",
    "/v1/leases/{lease}/usage",
];
/// Most periods of one answer: a year of days.
const PERIODS_MAX: usize = 366;
/// Largest body, bytes: a few numbers.
const BODY_BYTES: usize = 4 << 10;
/// Longest time until an answer: a flush, or the queue before it.
const WITHIN: Duration = Duration::from_secs(10);

impl Leases {
    /// The routes, to be merged into the service's.
    pub fn routes(&self) -> OpenApiRouter {
        OpenApiRouter::new()
            .declared(Entry::None, Auth::Token, routes!(reserve))
            .declared(Entry::None, Auth::Token, routes!(post))
            .declared(Entry::None, Auth::Token, routes!(void))
            .declared(Entry::None, Auth::Token, routes!(usage))
            .with_state(self.clone())
    }

    /// The shell with the limits of these routes, and their series.
    pub fn in_shell(&self, shell: Shell) -> Shell {
        self.counts.register(&shell.metrics());
        let limits = RouteLimits::default().body_bytes(BODY_BYTES).timeout(WITHIN);
        PATTERNS.into_iter().fold(shell, |shell, route| shell.limits(route, limits))
    }
}

fn lease(text: &str) -> Result<ChangeId, Problem> {
    text.parse().map_err(|_| problems::malformed(text))
}

fn id(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|_| problems::malformed(text))
}

/// Sets cycles of a lease aside for the engine whose token this is; answered once that is on disk. Work begins only on
/// this answer: in each period, what is posted and what is reserved never exceed the cap. When an answer is lost, ask
/// again with the same id: it is granted once.
#[utoipa::path(post, path = "/v1/leases/{lease}/reservations", tag = "leases",
    params(("lease" = String, Path, description = "The change that granted the lease")),
    responses((status = 200, body = ReservationView), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "the cap is reached, the lease has ended, the process does not serve, or the id stands for another content"),
        (status = 413, body = ProblemBody), (status = 415, body = ProblemBody), (status = 422, body = ProblemBody),
        (status = 429, body = ProblemBody), (status = 503, body = ProblemBody)))]
async fn reserve(
    State(leases): State<Leases>,
    Path(of): Path<String>,
    bearer: Bearer,
    Json(request): Json<ReserveRequest>,
) -> Result<Json<ReservationView>, Problem> {
    let (lease, Caller { engine, serves }) = (lease(&of)?, leases.caller(bearer)?);
    if !serves {
        return Err(problems::not_serving());
    }
    let right = leases.rights.right(&lease, &engine).map_err(|why| problems::no_right(why, &lease))?;
    let ReserveRequest { id, cycles, hold_ms } = request;
    let ask = Ask { lease, key: ReservationKey { engine, id }, cycles, hold_ms };
    let granted = leases.journal.reserve(ask, &right).await;
    leases.told("reserve", granted, cycles).map(|granted| Json(granted.into()))
}

/// Says how many of the reserved cycles were used; the rest is free again. They count in the period in which they were
/// reserved, and can be posted until the reservation expires, though the lease have ended since.
#[utoipa::path(post, path = "/v1/leases/{lease}/reservations/{id}/post", tag = "leases",
    params(("lease" = String, Path, description = "The change that granted the lease"),
        ("id" = String, Path, description = "The reservation's id")),
    responses((status = 200, body = EndingView), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "it has expired, was voided, was posted with another number, or that many were not reserved"),
        (status = 413, body = ProblemBody), (status = 415, body = ProblemBody), (status = 422, body = ProblemBody),
        (status = 429, body = ProblemBody), (status = 503, body = ProblemBody)))]
async fn post(
    State(leases): State<Leases>,
    Path((of, named)): Path<(String, String)>,
    bearer: Bearer,
    Json(PostRequest { cycles }): Json<PostRequest>,
) -> Result<Json<EndingView>, Problem> {
    let (lease, id, engine) = (lease(&of)?, id(&named)?, leases.caller(bearer)?.engine);
    let ended = leases.journal.post(lease, ReservationKey { engine, id }, cycles).await;
    leases.told("post", ended, cycles).map(|ended| Json(ended.into()))
}

/// Gives a reservation back: none of its cycles were used.
#[utoipa::path(post, path = "/v1/leases/{lease}/reservations/{id}/void", tag = "leases",
    params(("lease" = String, Path, description = "The change that granted the lease"),
        ("id" = String, Path, description = "The reservation's id")),
    responses((status = 200, body = EndingView), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "it has expired, or was posted"),
        (status = 429, body = ProblemBody), (status = 503, body = ProblemBody)))]
async fn void(
    State(leases): State<Leases>,
    Path((of, named)): Path<(String, String)>,
    bearer: Bearer,
) -> Result<Json<EndingView>, Problem> {
    let (lease, id, engine) = (lease(&of)?, id(&named)?, leases.caller(bearer)?.engine);
    let ended = leases.journal.void(lease, ReservationKey { engine, id }).await;
    leases.told("void", ended, 0).map(|ended| Json(ended.into()))
}

/// What was used of a lease in each of its last periods, at most 366, for its engines and for whoever may read of its
/// tenant.
#[utoipa::path(get, path = "/v1/leases/{lease}/usage", tag = "leases",
    params(("lease" = String, Path, description = "The change that granted the lease")),
    responses((status = 200, body = LeaseUsage), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody)))]
async fn usage(
    State(leases): State<Leases>,
    Path(of): Path<String>,
    Bearer(token): Bearer,
) -> Result<Json<LeaseUsage>, Problem> {
    let lease = lease(&of)?;
    if !leases.rights.may_see(&token, &lease) {
        // As of a lease that is not there: that it is says something, too.
        let says = format!("there is no lease {} that this token may see", lease.short());
        return Err(Problem::not_found("lease.not_found", says, "ask with the token of its engine, or sign in"));
    }
    let periods = leases.journal.usage(&lease, PERIODS_MAX).into_iter().map(Into::into).collect();
    Ok(Json(LeaseUsage { lease, periods, journal_size: leases.journal.log().size() }))
}
