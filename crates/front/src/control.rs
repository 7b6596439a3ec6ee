//! What the front says about itself, read-only, as HTTP on `front.sock`.
//!
//! `GET /status`, `GET /health`, `GET /applied?generation=N` and `GET /drained?side=S`; the last two wait until
//! it is so, at most `wait_ms` (30,000 by default and at most), and answer with what is so then.

use crate::{FrontError, Health, Route, Routes, shared::Shared};
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{self, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use model::Token;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};
use tokio::{net::UnixListener, sync::Semaphore};

/// Longest wait of one request.
pub(crate) const MAX_WAIT_MS: u64 = 30_000;
const MAX_CONNECTIONS: usize = 64;
/// After the system gave no connection, so the loop does not spin.
const PAUSE: Duration = Duration::from_millis(50);

/// The answer to `/status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    pub pid: u32,
    /// Generation of the table in force.
    pub generation: u64,
    /// That table, by listening address.
    pub routes: Vec<Route>,
    /// Requests in flight by side; a side without any is not there.
    pub in_flight: BTreeMap<Token, u64>,
    /// The word that lets the owner's probes through whatever the limit, and uncounted; of this process alone.
    pub probe: String,
    /// Why the last table was not applied, until one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What is or was damaged in its directory, and what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged: Option<String>,
    /// Whether some of that still is.
    #[serde(default)]
    pub unmended: bool,
}

impl Status {
    /// An error when the table in force shuts this one out: a higher generation, or other routes under the same.
    pub(crate) fn overtaken(&self, routes: &Routes) -> Result<(), FrontError> {
        let in_force = Routes { generation: self.generation, routes: self.routes.clone() };
        if in_force.generation < routes.generation || in_force.same(routes) {
            return Ok(());
        }
        let what = format!("generation {} is in force with other routes", self.generation);
        Err(FrontError::Refused { generation: routes.generation, what })
    }
}

/// The answer to `/applied`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Applied {
    pub(crate) generation: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<String>,
}

/// The answer to `/drained`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Drained {
    pub(crate) side: Token,
    pub(crate) in_flight: u64,
}

pub(crate) async fn serve(listener: UnixListener, shared: Arc<Shared>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // The semaphore lives as long as this loop and is never closed.
        let place = room.clone().acquire_owned().await.ok();
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::error!(%error, "front: nobody can ask the front at the moment");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let shared = shared.clone();
                async move { Ok::<_, Infallible>(answer(&shared, &request).await) }
            });
            let connection =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
            if let Err(error) = connection.await {
                tracing::debug!(%error, "front: client disconnected");
            }
            drop(place);
        });
    }
}

async fn answer(shared: &Shared, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let query = request.uri().query().unwrap_or_default();
    // Tokens and numbers need no percent-encoding in a query, so none is undone.
    let field = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let wait_ms = field("wait_ms").and_then(|text| text.parse().ok()).unwrap_or(MAX_WAIT_MS).min(MAX_WAIT_MS);
    if request.method() != Method::GET {
        return failure(StatusCode::METHOD_NOT_ALLOWED, "the front is only read; change it by writing routes.json");
    }
    match request.uri().path() {
        "/status" => json(StatusCode::OK, &status(shared)),
        "/health" => json(StatusCode::OK, &Health { pid: std::process::id(), counts: shared.counts() }),
        "/applied" => match field("generation").and_then(|text| text.parse().ok()) {
            Some(generation) => {
                wait(shared, wait_ms, || is_settled(shared, generation)).await;
                let refused = shared.refused().map(|refusal| refusal.what);
                json(StatusCode::OK, &Applied { generation: shared.generation(), refused })
            }
            None => failure(StatusCode::BAD_REQUEST, "say which: /applied?generation=7"),
        },
        "/drained" => match field("side").and_then(|text| text.parse::<Token>().ok()) {
            Some(side) => {
                wait(shared, wait_ms, || shared.count(&side) == 0).await;
                json(StatusCode::OK, &Drained { in_flight: shared.count(&side), side })
            }
            None => failure(StatusCode::BAD_REQUEST, "say which: /drained?side=blue"),
        },
        _ => failure(StatusCode::NOT_FOUND, "there is /status, /health, /applied?generation=N and /drained?side=S"),
    }
}

/// Applied, or refused so that it never will be.
fn is_settled(shared: &Shared, generation: u64) -> bool {
    let refused = shared.refused().and_then(|refusal| refusal.generation);
    shared.generation() >= generation || refused.is_some_and(|refused| refused >= generation)
}

async fn wait(shared: &Shared, wait_ms: u64, is_so: impl Fn() -> bool) {
    // Subscribed before the first test, so a change between test and wait is not missed.
    let mut changed = shared.subscribe();
    let until_so = async {
        while !is_so() {
            if changed.changed().await.is_err() {
                return;
            }
        }
    };
    // Late is answered like in time: with what is so now.
    let _ = tokio::time::timeout(Duration::from_millis(wait_ms), until_so).await;
}

fn status(shared: &Shared) -> Status {
    let routes = shared.routes();
    let refused = shared.refused().map(|refusal| refusal.what);
    let told = shared.files().told();
    let unmended = told.as_ref().is_some_and(|(ok, _)| !ok);
    Status {
        pid: std::process::id(),
        generation: routes.generation,
        routes: routes.routes,
        in_flight: shared.in_flight(),
        probe: shared.probe().to_owned(),
        refused,
        damaged: told.map(|(_, damaged)| damaged),
        unmended,
    }
}

fn failure(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    json(status, &serde_json::json!({"error": text}))
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Full<Bytes>> {
    let (status, bytes) = match serde_json::to_vec(value) {
        Ok(bytes) => (status, bytes),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string().into_bytes()),
    };
    let mut response = Response::new(Full::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
