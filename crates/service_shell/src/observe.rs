//! The outermost layer: names each request, counts it and writes one line about it.
//!
//! A line holds the request's id, method, route pattern, status and time. Never the path as sent,
//! the query, a header or a body: any of them may hold a credential or a person's name. What was
//! asked to change or was refused is *info*; a read that went well, which every poll is, is *debug*.

use crate::metrics::{Metrics, method_of, route_of};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::hash::BuildHasher as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tracing::Instrument as _;

/// The header that carries the id, in and out.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over from a caller, in characters.
const ID_MAX: usize = 64;

/// Names one request across processes: taken over from `x-request-id` when it is 1 to 64 of
/// `A-Z a-z 0-9 . _ -`, else made here. In the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        let good = |text: &&str| (1..=ID_MAX).contains(&text.len()) && text.bytes().all(allowed);
        let theirs = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(good);
        theirs.map_or_else(Self::fresh, |text| Self(text.to_owned()))
    }

    /// A number of this process behind a random mark of the process: unique, and not a secret.
    fn fresh() -> Self {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| std::hash::RandomState::new().hash_one(std::process::id()));
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(format!("{:016x}-{}", *PROCESS, NEXT.fetch_add(1, Ordering::Relaxed)))
    }
}

pub(crate) async fn observe(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let _counted = metrics.begin();
    let id = RequestId::of(request.headers());
    let (method, route) = (method_of(request.method()), route_of(&request));
    // Whoever prints the headers further in sees `Sensitive` in their place.
    for name in [header::AUTHORIZATION, header::COOKIE] {
        if let header::Entry::Occupied(mut values) = request.headers_mut().entry(name) {
            values.iter_mut().for_each(|value| value.set_sensitive(true));
        }
    }
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", id = %id.0, method, route = %route);
    let mut response = next.run(request).instrument(span.clone()).await;

    let (status, took) = (response.status(), begun.elapsed());
    metrics.answered(method, &route, status.as_u16(), took);
    let (status, took_us) = (status.as_u16(), u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    let reads = matches!(method, "GET" | "HEAD");
    span.in_scope(|| match status {
        // Polls are reads that went well, and probes are polls: every process asks them, always.
        _ if matches!(&*route, "/healthz" | "/readyz" | "/metrics") => {
            tracing::debug!(status, took_us, "http: answered");
        }
        500.. => tracing::warn!(status, took_us, "http: answered"),
        ..400 if reads => tracing::debug!(status, took_us, "http: answered"),
        _ => tracing::info!(status, took_us, "http: answered"),
    });
    let value = HeaderValue::try_from(id.0).expect("an id is letters, digits, dot, underscore and dash");
    response.headers_mut().insert(HEADER, value);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_over_only_when_it_is_harmless() {
        let of = |text: &str| RequestId::of(&HeaderMap::from_iter([(HEADER, text.parse().unwrap())])).0;
        assert_eq!(of("cli-7.a_B"), "cli-7.a_B");
        for bad in ["", "a b", "a\"b", &"x".repeat(ID_MAX + 1)] {
            assert_ne!(of(bad), bad);
        }
        assert_ne!(RequestId::fresh(), RequestId::fresh());
    }
}
