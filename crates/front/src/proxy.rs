//! One request on its way to an engine and back.

use crate::{
    Route,
    body::{BodyError, ProxyBody, Streamed},
    headers,
    health::Measured,
    page::{misdirected, page, too_many},
    shared::{InFlight, Row, Shared},
};
use http_body_util::{Either, Full};
use hyper::{
    Method, Request, Response, StatusCode, Uri, Version,
    body::{Body, Incoming},
    header,
    header::{HeaderName, HeaderValue},
    http::request::Parts,
};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use std::{error::Error as _, net::SocketAddr, sync::Arc, time::Duration};

/// Largest request body: 64 MiB.
const MAX_REQUEST_BYTES: u64 = 64 << 20;
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// How long an engine may think before its answer begins.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// Shorter than any engine keeps an idle connection, so one is seldom reused while it is being closed.
const KEEP_IDLE: Duration = Duration::from_secs(5);
const MAX_IDLE: usize = 64;

/// In the answer to its owner's probe the front names the bundle that the route in force is to.
pub const BUNDLE: HeaderName = HeaderName::from_static("countersign-bundle");

/// Forwards requests by the table in force.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    client: Client<HttpConnector, ProxyBody>,
}

/// A visitor's connection: where it was accepted and who it is.
#[derive(Clone, Copy)]
pub(crate) struct Visitor {
    pub(crate) listen: SocketAddr,
    pub(crate) peer: SocketAddr,
}

impl Proxy {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEEP_IDLE)
            .pool_max_idle_per_host(MAX_IDLE)
            .set_host(false)
            .build(connector);
        Self { shared, client }
    }

    /// Answers one request. Never fails: what goes wrong becomes a page.
    pub(crate) async fn answer(&self, visitor: Visitor, request: Request<Incoming>) -> Response<ProxyBody> {
        let (mut parts, body) = request.into_parts();
        if body.size_hint().lower() > MAX_REQUEST_BYTES {
            return page(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.");
        }
        if parts.method == Method::CONNECT || parts.uri.path_and_query().is_none() {
            return page(StatusCode::BAD_REQUEST, "This address serves pages; it is not a tunnel.");
        }
        let asked = asked_host(&parts);
        let Some((mut row, mut in_flight)) = self.begin(visitor, asked.as_deref()) else { return misdirected() };
        let own = headers::take_probe(&mut parts.headers, self.shared.probe());
        if !own && let Err(retry_after_s) = self.shared.admit(&row) {
            row.counter.limited();
            return too_many(retry_after_s);
        }
        headers::strip_hop(&mut parts.headers);
        headers::forward(&mut parts.headers, visitor.peer.ip());
        parts.version = Version::HTTP_11;
        // Only what can be sent again unchanged is: an idempotent method (RFC 9110 §9.2.2) without a body.
        let again = (parts.method.is_idempotent() && body.is_end_stream()).then(|| parts.clone());
        let body = if body.is_end_stream() {
            Either::Left(Full::default())
        } else {
            Either::Right(Streamed::new(body, MAX_REQUEST_BYTES, None))
        };
        let begin = |row: &Row| Measured::begin((!own).then(|| row.counter.clone()));
        let mut measured = begin(&row);
        let mut result = self.send(&row.route, parts, body).await;
        if let (Err(Failure::Lost(_)), Some(parts)) = (&result, again) {
            // The route may have changed since: it is looked up again, and counted before the first is given back.
            let Some((second, counted)) = self.begin(visitor, asked.as_deref()) else { return misdirected() };
            (row, in_flight) = (second, counted);
            measured.forget();
            measured = begin(&row);
            result = self.send(&row.route, parts, Either::Left(Full::default())).await;
        }
        match result {
            Ok(response) => {
                measured.end(response.status().is_server_error());
                let mut response = pass_back(response, in_flight);
                // What the engine says of it is no word of the route's.
                response.headers_mut().remove(BUNDLE);
                if own && let Ok(bundle) = HeaderValue::from_str(&row.route.bundle.to_string()) {
                    response.headers_mut().insert(BUNDLE, bundle);
                }
                response
            }
            Err(failure) => {
                if failure.is_the_engines() {
                    measured.end(true);
                } else {
                    measured.forget();
                }
                failure.page(&row.route)
            }
        }
    }

    fn begin(&self, visitor: Visitor, asked: Option<&str>) -> Option<(Arc<Row>, InFlight)> {
        self.shared.begin(visitor.listen, |route| asked.is_some_and(|host| route.answers_to(host)))
    }

    async fn send(&self, route: &Route, mut parts: Parts, body: ProxyBody) -> Result<Response<Incoming>, Failure> {
        let mut uri = parts.uri.into_parts();
        uri.scheme = Some(hyper::http::uri::Scheme::HTTP);
        uri.authority = route.upstream.to_string().parse().ok();
        parts.uri = Uri::from_parts(uri).map_err(|_| Failure::Refused)?;
        match tokio::time::timeout(ANSWER_WITHIN, self.client.request(Request::from_parts(parts, body))).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(Failure::of(error)),
            Err(_) => Err(Failure::Late),
        }
    }
}

/// The Host that was asked for. In absolute form the target's authority counts (RFC 9112 §3.2.2), and both must agree.
fn asked_host(parts: &Parts) -> Option<String> {
    let host = headers::host(&parts.headers)?;
    match parts.uri.authority() {
        Some(authority) if authority.as_str() != host => None,
        _ => Some(host.to_owned()),
    }
}

fn pass_back(response: Response<Incoming>, in_flight: InFlight) -> Response<ProxyBody> {
    let (mut parts, body) = response.into_parts();
    headers::strip_hop(&mut parts.headers);
    parts.version = Version::HTTP_11;
    parts.headers.remove(header::PROXY_AUTHENTICATE);
    Response::from_parts(parts, Either::Right(Streamed::new(body, u64::MAX, Some(in_flight))))
}

/// Why an engine gave no answer.
enum Failure {
    /// No connection, or it was closed before an answer began.
    Lost(Error),
    /// The answer did not begin in time.
    Late,
    /// The visitor's own body was at fault.
    TooLarge,
    /// It broke off, or nothing came for too long.
    BrokeOff,
    /// The request cannot be written.
    Refused,
}

impl Failure {
    fn of(error: Error) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            match inner.downcast_ref() {
                Some(BodyError::TooLarge) => return Self::TooLarge,
                Some(BodyError::Broken(_) | BodyError::Idle) => return Self::BrokeOff,
                None => {}
            }
            cause = inner.source();
        }
        Self::Lost(error)
    }

    /// Whether the release is to blame, and not who asked.
    fn is_the_engines(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Late)
    }

    fn page(self, route: &Route) -> Response<ProxyBody> {
        match self {
            Self::Lost(error) => {
                tracing::warn!(engine = %route.engine, upstream = %route.upstream, %error, "front: an engine did not answer");
                page(StatusCode::BAD_GATEWAY, "The shop does not answer at the moment. Please try again shortly.")
            }
            Self::Late => {
                page(StatusCode::GATEWAY_TIMEOUT, "The shop took too long to answer. Please try again shortly.")
            }
            Self::TooLarge => page(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large."),
            Self::BrokeOff => page(StatusCode::BAD_REQUEST, "The request broke off. Please try again."),
            Self::Refused => page(StatusCode::BAD_REQUEST, "The request cannot be passed on."),
        }
    }
}
