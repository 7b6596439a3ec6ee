//! Asking an engine how it is.

use crate::{EngineError, record::SideRecord};
use artifact::Answer;
use axum::http::{Method, StatusCode};
use client::{Http, HttpOptions};
use model::{Digest, Instant};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

const MAX_ANSWER_BYTES: usize = 64 << 10;
/// Where the answer is a page like any other, it is read to its end and not looked at.
const MAX_PAGE_BYTES: usize = 4 << 20;

/// What one probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HealthView {
    /// It answers as its manifest says that it does when it is healthy.
    pub ok: bool,
    /// The version it names, where that is the one that was started: other words of a program are not repeated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release: Option<String>,
    /// What its answer says of the artifact that it was started from; absent where nothing was answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifact: Option<ReadBack>,
    /// What it says of the theme that it was started with; absent, too, where it was started with none and names none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub theme: Option<ReadBack>,
    /// What was found, in words.
    pub why: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// What an answer says of something that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadBack {
    /// It names what was started.
    Same,
    /// It names another, or one where none was started.
    Other,
    /// It names none, so that nobody has read it back.
    NotSaid,
}

impl ReadBack {
    fn of(named: Option<&Value>, started: Option<Digest>) -> Option<Self> {
        match (named, started) {
            (None, None) => None,
            (None, Some(_)) => Some(Self::NotSaid),
            (Some(named), Some(started)) if named.as_str() == Some(started.to_string().as_str()) => Some(Self::Same),
            (Some(_), _) => Some(Self::Other),
        }
    }
}

impl HealthView {
    fn new(ok: bool, release: Option<String>, why: String) -> Self {
        Self { ok, release, artifact: None, theme: None, why, at: now() }
    }

    /// Whether it says itself that it is not what was started: no further probe makes that better.
    pub(crate) fn is_other(&self) -> bool {
        [self.artifact, self.theme].contains(&Some(ReadBack::Other))
    }

    /// What a step is refused with that rests on it; `why` says what was found, and where.
    pub(crate) fn refusal(&self, why: String) -> EngineError {
        if self.is_other() { EngineError::OtherBundle(why) } else { EngineError::Probe(why) }
    }

    /// What it says of its bundle, by the words of its answer.
    fn compared(mut self, says: &Says, side: &SideRecord) -> Self {
        self.artifact = ReadBack::of(says.artifact.as_ref(), Some(side.bundle.artifact));
        self.theme = ReadBack::of(says.theme.as_ref(), side.bundle.theme);
        for (what, started, found) in
            [("artifact", Some(side.bundle.artifact), self.artifact), ("theme", side.bundle.theme, self.theme)]
        {
            if found == Some(ReadBack::Other) {
                self.why = match started {
                    Some(started) => {
                        format!("it answers with another {what} than {}, which it was started with", started.short())
                    }
                    None => format!("it answers with a {what}, and was started with none"),
                };
                self.ok = false;
            }
        }
        if self.ok && self.theme == Some(ReadBack::NotSaid) {
            self.why.push_str("; its theme is not read back, because its answer names none");
        }
        self
    }
}

/// The part of a health answer that says who answers. It is compared and never repeated: it may hold a secret of the
/// program, and what a probe finds may come to stand in an entry.
#[derive(Default, Deserialize)]
struct Says {
    product: Option<String>,
    release: Option<String>,
    artifact: Option<Value>,
    theme: Option<Value>,
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
    let found = HealthView::new;
    let path = side.health.path.as_str();
    let answers = |status: u16| format!("`GET {path}` answers {status}");
    let answer = match http.send(Method::GET, path, "application/json", Vec::new().into()).await {
        Ok(answer) => answer,
        // Said without the advice that goes with our own services.
        Err(client::ClientError::Problem(_, status)) => return found(false, None, answers(status)),
        Err(client::ClientError::Unreachable { why, .. }) => {
            return found(false, None, format!("nothing answers on port {}: {why}", address.port()));
        }
        Err(client::ClientError::Timeout { after_ms, .. }) => {
            return found(false, None, format!("no answer to `GET {path}` within {after_ms} ms"));
        }
        Err(error) => return found(false, None, error.to_string()),
    };
    let named = answer.headers.get(front::BUNDLE).and_then(|named| named.to_str().ok());
    if let Some(bundle) = bundle.filter(|bundle| named != Some(bundle.to_string().as_str())) {
        return found(false, None, format!("the front does not lead there by the bundle {}", bundle.short()));
    }
    let status = answer.status.as_u16();
    match side.health.answer {
        Answer::Plain if answer.status.is_success() => {
            return found(true, None, answers(status)).compared(&Says::default(), side);
        }
        Answer::Release if answer.status == StatusCode::OK => {}
        _ => return found(false, None, answers(status)),
    }
    let says: Says = match serde_json::from_slice(&answer.body) {
        Ok(says) => says,
        Err(_) => return found(false, None, format!("the answer to `GET {path}` does not name its release as JSON")),
    };
    let is_it = says.release.as_deref() == Some(side.version.as_str())
        && says.product.as_deref().is_none_or(|product| product == side.product.as_str());
    if is_it {
        let why = "it answers as the release that was started".to_owned();
        return found(true, says.release.clone(), why).compared(&says, side);
    }
    let whom = match (&says.product, &says.release) {
        (_, None) => "no release".to_owned(),
        (Some(product), Some(_)) if product != side.product.as_str() => {
            format!("another product than {}", side.product)
        }
        (_, Some(_)) => format!("another release than {}", side.version),
    };
    found(false, None, format!("it answers that it is {whom}; started was {} {}", side.product, side.version))
}

/// The wall clock.
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
