//! Asking an engine how it is.

use crate::record::SideRecord;
use artifact::Answer;
use axum::http::{Method, StatusCode};
use client::{Http, HttpOptions};
use model::{Digest, Instant};
use serde::{Deserialize, Serialize};
use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

const MAX_ANSWER_BYTES: usize = 64 << 10;
/// Where the answer is a page like any other, it is read to its end and not looked at.
const MAX_PAGE_BYTES: usize = 4 << 20;
/// A release that names itself at greater length is not the one that was asked for.
const MAX_NAME: usize = 120;

/// What one probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HealthView {
    /// It answers as its manifest says that it does when it is healthy.
    pub ok: bool,
    /// The version it names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release: Option<String>,
    /// What was found, in words.
    pub why: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// The part of a health answer that says who answers.
#[derive(Deserialize)]
struct Says {
    product: Option<String>,
    release: Option<String>,
}

/// Whom a probe asks, and how.
pub(crate) struct Asked {
    pub(crate) address: SocketAddr,
    pub(crate) timeout: Duration,
    /// What the front knows its owner's probes by.
    pub(crate) word: Option<String>,
    /// The bundle that the front must name: the route that it goes by is to that one.
    pub(crate) bundle: Option<Digest>,
}

/// Asks, on a connection of its own, whether the release of `side` is there and healthy.
pub(crate) async fn probe(side: &SideRecord, asked: Asked) -> HealthView {
    let Asked { address, timeout, word, bundle } = asked;
    let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
    let answer_max_bytes = match side.health.answer {
        Answer::Plain => MAX_PAGE_BYTES,
        Answer::Release => MAX_ANSWER_BYTES,
    };
    let options = HttpOptions { timeout_ms, answer_max_bytes };
    let http = Http::with(format!("http://{address}"), options);
    let http = match word {
        Some(word) => http.bearer(word),
        None => http,
    };
    let found = |ok, release, why: String| HealthView { ok, release, why, at: now() };
    let answer = match http.send(Method::GET, side.health.path.as_str(), "application/json", Vec::new().into()).await {
        Ok(answer) => answer,
        // Said without the advice that goes with our own services.
        Err(client::ClientError::Problem(_, status)) => return found(false, None, format!("it answers {status}")),
        Err(client::ClientError::Unreachable { why, .. }) => return found(false, None, why),
        Err(client::ClientError::Timeout { after_ms, .. }) => {
            return found(false, None, format!("no answer within {after_ms} ms"));
        }
        Err(error) => return found(false, None, error.to_string()),
    };
    let named = answer.headers.get(front::BUNDLE).and_then(|named| named.to_str().ok());
    if let Some(bundle) = bundle.filter(|bundle| named != Some(bundle.to_string().as_str())) {
        return found(false, None, format!("the front does not lead there by the bundle {}", bundle.short()));
    }
    let status = answer.status.as_u16();
    match side.health.answer {
        Answer::Plain if answer.status.is_success() => return found(true, None, format!("it answers {status}")),
        Answer::Release if answer.status == StatusCode::OK => {}
        _ => return found(false, None, format!("it answers {status}")),
    }
    let says: Says = match serde_json::from_slice(&answer.body) {
        Ok(says) => says,
        Err(_) => return found(false, None, format!("{} does not name its release as JSON", side.health.path)),
    };
    let release = says.release.filter(|name| name.len() <= MAX_NAME);
    let product = says.product.filter(|name| name.len() <= MAX_NAME);
    let is_it = release.as_deref() == Some(side.version.as_str())
        && product.as_deref().is_none_or(|product| product == side.product.as_str());
    if is_it {
        return found(true, release, "it answers as the release that was started".to_owned());
    }
    let other = format!(
        "it names itself {} {}, started was {} {}",
        product.as_deref().unwrap_or("something"),
        release.as_deref().unwrap_or("without a release"),
        side.product,
        side.version
    );
    found(false, release, other)
}

/// The wall clock.
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
