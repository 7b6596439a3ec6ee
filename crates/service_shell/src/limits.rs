//! How large a body, how long an answer and how many at once.

use crate::metrics::route_of;
use crate::{Draining, Problem};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::Limited;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// What one route may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteLimits {
    /// Largest request body, in bytes.
    pub body_bytes: usize,
    /// Longest time until the answer's head is sent; the body may stream on.
    pub timeout: Duration,
    /// Waits for news by design: answered 503 `draining` as soon as the process begins to stop.
    pub long_poll: bool,
}

impl Default for RouteLimits {
    /// 1 MiB, 30 s.
    fn default() -> Self {
        Self { body_bytes: 1 << 20, timeout: Duration::from_secs(30), long_poll: false }
    }
}

impl RouteLimits {
    /// The default body, 65 s (a poll of 60 s and its answer), ended by a shutdown.
    pub fn long_poll() -> Self {
        Self { timeout: Duration::from_secs(65), long_poll: true, ..Self::default() }
    }

    /// The default time with a larger or smaller body.
    pub fn body_bytes(self, body_bytes: usize) -> Self {
        Self { body_bytes, ..self }
    }

    /// The same with another time.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

/// Limits by route pattern, and the places for requests in progress.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) default: RouteLimits,
    pub(crate) routes: BTreeMap<String, RouteLimits>,
    pub(crate) places: Semaphore,
    /// Places of requests that wait for news: fewer, so that waiting never shuts out doing.
    pub(crate) waiting: Semaphore,
}

/// Routes that must answer while everything else is busy, or a busy process would look dead.
const ALWAYS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

pub(crate) async fn limit(State(limits): State<Arc<Limits>>, request: Request, next: Next) -> Response {
    let route = route_of(&request);
    let limit = *limits.routes.get(&*route).unwrap_or(&limits.default);
    // Held until the answer's head is ready: a streamed body does not keep a place.
    let places = if limit.long_poll { &limits.waiting } else { &limits.places };
    let place = places.try_acquire();
    if place.is_err() && !ALWAYS.contains(&&*route) {
        let message = "this service has as many requests in progress as it takes";
        return Problem::unavailable("busy", message, "ask again in a second", 1).into_response();
    }
    let request = match bounded(request, limit.body_bytes) {
        Ok(request) => request,
        Err(problem) => return problem.into_response(),
    };
    let draining = request.extensions().get::<Draining>().cloned().filter(|_| limit.long_poll);
    let stop = async {
        match draining {
            Some(draining) => draining.wait().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        response = next.run(request) => response,
        () = stop => {
            Problem::unavailable("draining", "this service is stopping", "ask again in a second", 1).into_response()
        }
        () = tokio::time::sleep(limit.timeout) => timed_out(limit.timeout).into_response(),
    }
}

/// The request with a body that ends in an error beyond `body_bytes`; refused at once when it
/// announces more.
fn bounded(request: Request, body_bytes: usize) -> Result<Request, Problem> {
    let announced = request.headers().get(header::CONTENT_LENGTH).map(HeaderValue::to_str);
    if let Some(Ok(text)) = announced
        && text.parse::<u64>().is_ok_and(|length| length > body_bytes as u64)
    {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body.too_large",
            format!("the body is larger than the {body_bytes} bytes this route reads"),
            "send less, or send it in parts",
        ));
    }
    Ok(request.map(|body| Body::new(Limited::new(body, body_bytes))))
}

fn timed_out(timeout: Duration) -> Problem {
    Problem::new(
        StatusCode::GATEWAY_TIMEOUT,
        "request.timeout",
        format!("there was no answer within {} s; whether it took effect is not known", timeout.as_secs_f32()),
        "ask again with the same key or the same signed statement: it is not done twice",
    )
}
