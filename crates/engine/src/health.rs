//! Asking an engine how it is.

use crate::record::SideRecord;
use axum::http::{Method, StatusCode};
use client::{Http, HttpOptions};
use model::Instant;
use serde::{Deserialize, Serialize};
use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

const MAX_ANSWER_BYTES: usize = 64 << 10;
/// A release that names itself at greater length is not the one that was asked for.
const MAX_NAME: usize = 120;

/// What one probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HealthView {
    /// It answers 200 and is the release that was started.
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

/// Asks at `address`, on a connection of its own, whether the release of `side` is there and healthy. `word` is what the
/// front knows its owner's probes by.
pub(crate) async fn probe(
    address: SocketAddr,
    side: &SideRecord,
    timeout: Duration,
    word: Option<String>,
) -> HealthView {
    let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
    let options = HttpOptions { timeout_ms, answer_max_bytes: MAX_ANSWER_BYTES };
    let http = Http::with(format!("http://{address}"), options);
    let http = match word {
        Some(word) => http.bearer(word),
        None => http,
    };
    let found = |ok, release, why: String| HealthView { ok, release, why, at: now() };
    let answer = match http.send(Method::GET, side.health.as_str(), "application/json", Vec::new().into()).await {
        Ok(answer) => answer,
        // Said without the advice that goes with our own services.
        Err(client::ClientError::Problem(_, status)) => return found(false, None, format!("it answers {status}")),
        Err(client::ClientError::Unreachable { why, .. }) => return found(false, None, why),
        Err(client::ClientError::Timeout { after_ms, .. }) => {
            return found(false, None, format!("no answer within {after_ms} ms"));
        }
        Err(error) => return found(false, None, error.to_string()),
    };
    if answer.status != StatusCode::OK {
        return found(false, None, format!("it answers {}", answer.status.as_u16()));
    }
    let says: Says = match serde_json::from_slice(&answer.body) {
        Ok(says) => says,
        Err(_) => return found(false, None, format!("{} does not name its release as JSON", side.health)),
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
