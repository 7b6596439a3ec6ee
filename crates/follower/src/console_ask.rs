//! Who asks a service to show or to look: a person by their credential, the console for whoever looks there, or another
//! service in its own name.

use crate::Follower;
use axum::http::request::Parts;
use control::{Principal, Viewer};
use model::{Instant, Service};
use service_shell::Problem;
use signed::{CONSOLE_ASK, ConsoleAsk, SERVICE_ASK, ServiceAsk};

/// Most that the clock of who signs and this service's may differ, milliseconds.
const WITHIN_MS: i64 = 60_000;

/// A request as the console or another service signs it.
#[derive(Debug, Clone)]
pub struct AskedOf {
    /// Method, path and query.
    request: String,
    /// What the console signed; none: this is no request of the console's.
    signed: Option<String>,
    /// What another service signed; none: this is no request of a service's.
    by_service: Option<String>,
}

impl AskedOf {
    pub(crate) fn is_signed(&self) -> bool {
        self.signed.is_some() || self.by_service.is_some()
    }

    pub(crate) fn of(parts: &Parts) -> Self {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = format!("{} {path}", parts.method);
        // What is no text is no signature either.
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let [signed, by_service] = [CONSOLE_ASK, SERVICE_ASK].map(|header| parts.headers.get(header).map(text));
        Self { request, signed, by_service }
    }
}

/// For whom the console asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConsoleFor {
    /// Itself: it shows each of its viewers no more than that one may see.
    Itself,
    /// Somebody who looks there now.
    Viewer(Viewer),
}

impl Follower {
    /// For whom the console asks this of `service`, in this service's own verified state; none: the console did not ask.
    ///
    /// # Errors
    /// What is to be answered when somebody else signed it, or signed something else.
    pub(crate) fn console_for(
        &self,
        asked: &AskedOf,
        service: Service,
        now: Instant,
    ) -> Result<Option<ConsoleFor>, Problem> {
        let Some(text) = &asked.signed else { return Ok(None) };
        let wrong = |what: &str| {
            let next = "only the console signs its requests; others send `authorization: Bearer <token>`";
            Problem::unauthenticated("console.unknown", what, next)
        };
        let ask = ConsoleAsk::of_header(text).map_err(|error| wrong(&error.to_string()))?;
        let state = self.braked();
        if ask.ledger != state.ledger || !state.lists(&Principal::Console { key: ask.key }) {
            return Err(wrong("it is not signed by the console of this ledger"));
        }
        if (ask.service, &ask.request) != (service, &asked.request) {
            return Err(wrong("the console signed another request"));
        }
        if self.latest(now).millis_since(ask.at).abs() > WITHIN_MS {
            return Err(wrong("the console signed it more than a minute ago, or its clock is wrong"));
        }
        let Some(viewer) = ask.viewer else { return Ok(Some(ConsoleFor::Itself)) };
        let viewer = viewer.parse().map_err(|_| wrong("the console names nobody for whom it asks"))?;
        Ok(Some(ConsoleFor::Viewer(viewer)))
    }

    /// Whether `by` asks this of `service` in its own name, in this service's own verified state: false where no service
    /// signed it.
    ///
    /// # Errors
    /// What is to be answered when somebody else signed it, or signed something else.
    pub fn is_asked_by(&self, by: Service, asked: &AskedOf, service: Service, now: Instant) -> Result<bool, Problem> {
        let Some(text) = &asked.by_service else { return Ok(false) };
        let wrong = |what: String| {
            let next = "only a service signs its requests so; others send `authorization: Bearer <token>`";
            Problem::unauthenticated("service.unknown", what, next)
        };
        let ask = ServiceAsk::of_header(text).map_err(|error| wrong(error.to_string()))?;
        let state = self.braked();
        let is_listed = state.roster.services.iter().any(|entry| entry.service == by && entry.key == ask.key);
        if ask.ledger != state.ledger || !is_listed {
            return Err(wrong(format!("it is not signed by {} of this ledger", by.title())));
        }
        if (ask.service, &ask.request) != (service, &asked.request) {
            return Err(wrong("the service signed another request".to_owned()));
        }
        if self.latest(now).millis_since(ask.at).abs() > WITHIN_MS {
            let what = "the service signed it more than a minute ago, or its clock is wrong";
            return Err(wrong(what.to_owned()));
        }
        Ok(true)
    }
}
