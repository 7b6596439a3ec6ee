//! The routes.

use super::bodies::{EndingView, LeaseUsage, LeasesUsage, PostRequest, ReservationView, ReserveRequest};
use super::{Caller, Leases, problems};
use axum::Json;
use axum::extract::{Path, State};
use follower::Asking;
use lease_journal::{Ask, ReservationKey};
use model::{ChangeId, Id};
use service_shell::{Auth, Bearer, Declare as _, Entry, Problem, ProblemBody, RouteLimits, Shell};
use std::time::Duration;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every pattern here.
const PATTERNS: [&str; 5] = [
    "/v1/leases/{lease}/reservations",
    "/v1/leases/{lease}/reservations/{id}/post",
    "/v1/leases/{lease}/reservations/{id}/void",
    "/v1/leases/{lease}/usage",
    "/v1/leases",
];
/// Most periods of one answer: a year of days.
const PERIODS_MAX: usize = 366;
/// Most leases of one answer.
const LEASES_MAX: usize = 1_000;
/// Most periods of each: the one that runs, and the one before, whose total may not be final yet.
const NEWEST: usize = 2;
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
            .declared(Entry::None, Auth::Token, routes!(all))
            .with_state(self.clone())
    }

    /// The shell with the limits of these routes, and their series.
    pub fn in_shell(&self, shell: Shell) -> Shell {
        self.counts.register(&shell.metrics());
        let limits = RouteLimits::default().body_bytes(BODY_BYTES).timeout(WITHIN);
        PATTERNS.into_iter().fold(shell, |shell, route| shell.limits(route, limits))
    }
}

/// What stands in a path for the lease that the caller's engine is bound to.
const OWN: &str = "own";

fn lease(text: &str) -> Result<ChangeId, Problem> {
    text.parse().map_err(|_| problems::malformed(text))
}

impl Leases {
    /// The lease that a path names for an engine. Its own is the one under which the reservation was made, and of a new
    /// one the one that serves: a lease is changed without a new start of the process that uses it.
    fn named(&self, text: &str, key: &ReservationKey) -> Result<ChangeId, Problem> {
        if text != OWN {
            return lease(text);
        }
        let own = self.journal.lease_of(key).or_else(|| self.rights.bound(&key.engine));
        own.ok_or_else(|| self.unknown(problems::no_lease))
    }
}

fn id(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|_| problems::malformed(text))
}

/// Sets cycles of a lease aside for the engine whose token this is; answered once that is on disk. Work begins only on
/// this answer: in each period, what is posted and what is reserved never exceed the cap. When an answer is lost, ask
/// again with the same id: it is granted once, for as long as the id is known: while the reservation is open, and then
/// for 48 hours or until 65,536 others of the engine have ended, earlier for the engine that has most where all together
/// have more than 1,048,576. An engine reserves 50 times a second over time, and
/// 1,000 times at once (`reservations.too_often`).
#[utoipa::path(post, path = "/v1/leases/{lease}/reservations", tag = "leases",
    params(("lease" = String, Path, description = "The change that granted the lease, or `own`: the one that the engine is bound to")),
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
    leases.grants()?;
    let Caller { engine, serves } = leases.caller(bearer)?;
    let ReserveRequest { id, cycles, hold_ms } = request;
    let key = ReservationKey { engine, id };
    let lease = leases.named(&of, &key)?;
    let ask = Ask { lease, key, cycles, hold_ms };
    if let Some(granted) = leases.journal.answered(&ask).transpose() {
        return leases.told("reserve", granted, 0).map(|granted| Json(granted.into()));
    }
    if !serves {
        return Err(problems::not_serving());
    }
    let right = leases.rights.right(&lease, &engine).map_err(|why| problems::no_right(why, &lease))?;
    leases.pace.step(engine)?;
    let granted = leases.journal.reserve(ask, &right).await;
    leases.told("reserve", granted, cycles).map(|granted| Json(granted.into()))
}

/// Says how many of the reserved cycles were used; the rest is free again. They count in the period in which they were
/// reserved, and can be posted until the reservation expires, though the lease have ended since.
#[utoipa::path(post, path = "/v1/leases/{lease}/reservations/{id}/post", tag = "leases",
    params(("lease" = String, Path, description = "The change that granted the lease, or `own`: the one that the engine is bound to"),
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
    let key = ReservationKey { engine: leases.caller(bearer)?.engine, id: id(&named)? };
    let ended = leases.journal.post(leases.named(&of, &key)?, key, cycles).await;
    leases.told("post", ended, cycles).map(|ended| Json(ended.into()))
}

/// Gives a reservation back: none of its cycles were used.
#[utoipa::path(post, path = "/v1/leases/{lease}/reservations/{id}/void", tag = "leases",
    params(("lease" = String, Path, description = "The change that granted the lease, or `own`: the one that the engine is bound to"),
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
    let key = ReservationKey { engine: leases.caller(bearer)?.engine, id: id(&named)? };
    let ended = leases.journal.void(leases.named(&of, &key)?, key).await;
    leases.told("void", ended, 0).map(|ended| Json(ended.into()))
}

/// What was used of a lease in each of its last periods, at most 366, for its engines and for whoever may read of its
/// tenant.
#[utoipa::path(get, path = "/v1/leases/{lease}/usage", tag = "leases",
    params(("lease" = String, Path, description = "The change that granted the lease, or `own`: the one that the engine is bound to")),
    responses((status = 200, body = LeaseUsage), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 503, body = ProblemBody)))]
async fn usage(
    State(leases): State<Leases>,
    Path(of): Path<String>,
    asking: Asking,
) -> Result<Json<LeaseUsage>, Problem> {
    let lease = if of == OWN {
        let token = asking.bearer.ok_or_else(problems::no_engine)?;
        let Caller { engine, .. } = leases.caller(token)?;
        leases.rights.bound(&engine).ok_or_else(|| leases.unknown(problems::no_lease))?
    } else {
        lease(&of)?
    };
    if !leases.rights.may_see(&asking, &lease) {
        return Err(leases.unknown(|| problems::not_seen(&lease)));
    }
    let periods = leases.journal.usage(&lease, PERIODS_MAX).into_iter().map(Into::into).collect();
    Ok(Json(LeaseUsage { lease, periods, journal_size: leases.journal.log().size() }))
}

/// What was used, in the newest two periods, of the newest 1,000 leases that who asks may read of, and how many others were
/// left off: a person asks by their credential, the console by its signature of the request.
#[utoipa::path(get, path = "/v1/leases", tag = "leases",
    responses((status = 200, body = LeasesUsage), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
async fn all(State(leases): State<Leases>, asking: Asking) -> Result<Json<LeasesUsage>, Problem> {
    let sight = leases.rights.sight(&asking)?;
    let of = |lease| {
        let periods = leases.journal.usage(&lease, NEWEST).into_iter().map(Into::into).collect();
        LeaseUsage { lease, periods, journal_size: leases.journal.log().size() }
    };
    let granted = leases.rights.granted(&sight);
    let left_off = granted.len().saturating_sub(LEASES_MAX);
    Ok(Json(LeasesUsage { leases: granted.into_iter().take(LEASES_MAX).map(of).collect(), left_off }))
}
