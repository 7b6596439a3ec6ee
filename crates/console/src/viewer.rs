//! Who asks: the session of a request, and what a form must carry.

use crate::app::App;
use crate::clock;
use crate::respond;
use crate::scene::Viewer;
use crate::session::Session;
use axum::extract::FromRequestParts;
use axum::http::{Method, header, request::Parts};
use std::convert::Infallible;
use std::sync::Arc;

/// One request's session. A browser without one gets an anonymous one, so that forms work.
pub(crate) struct Visit {
    /// The session's id.
    pub(crate) id: String,
    /// The session.
    pub(crate) session: Session,
    /// Who is signed in and still on the roster.
    pub(crate) viewer: Option<Viewer>,
    /// What to set when the session is new.
    pub(crate) cookie: Option<String>,
    /// The nonce of the answer.
    pub(crate) nonce: String,
    /// The address that was asked for, with its query; `/` when it is a form's.
    pub(crate) here: String,
}

/// `Set-Cookie` of a session. No `Secure`: this build listens on loopback only, in the clear.
pub(crate) fn cookie(name: &str, id: &str) -> String {
    format!("{name}={id}; Path=/; HttpOnly; SameSite=Strict")
}

fn sent<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The address to read a page again at. A form's own address is none to come back to: what answers
/// it is the page of what it is about.
fn here(parts: &Parts) -> String {
    if parts.method == Method::GET {
        return parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    }
    let path: Vec<_> = parts.uri.path().split('/').collect();
    match path[..] {
        ["", kind @ ("changes" | "engines"), id, _] => format!("/{kind}/{id}"),
        _ => "/".to_owned(),
    }
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let now = clock::now();
        let known = sent(parts, &app.cookie).and_then(|id| Some((id.to_owned(), app.sessions.get(id, now)?)));
        let (id, session, set) = if let Some((id, session)) = known {
            (id, session, None)
        } else {
            // Never the id that was sent: a session somebody else chose is not taken over.
            let (id, session) = app.sessions.open(None, now);
            let set = cookie(&app.cookie, &id);
            (id, session, Some(set))
        };
        let viewer = session.person.and_then(|person| app.viewer(&person));
        let here = here(parts);
        Ok(Self { id, session, viewer, cookie: set, nonce: respond::nonce(), here })
    }
}
