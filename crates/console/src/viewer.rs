//! Who asks: the session of a request, and what a form must carry.

use crate::app::App;
use crate::assets::URLS;
use crate::page::link;
use crate::scene::Viewer;
use crate::session::Session;
use crate::{clock, invitations, respond};
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::{HeaderName, Method, StatusCode, header, request::Parts};
use axum::response::Response;
use client::ONCE_PATH;
use std::sync::Arc;

/// Sent with each request of htmx.
const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");
/// From where a browser was led here (W3C Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Leads a reader to the page they came for, from here.
#[derive(Template)]
#[template(path = "follow.html")]
struct Follow {
    page: String,
    css: &'static str,
}

/// Whether another site led a browser here. It then keeps a session's cookie to itself (RFC 6265bis,
/// `SameSite=Strict`), and would lose it to a new one.
fn is_led_by_another_site(parts: &Parts) -> bool {
    parts.method == Method::GET && parts.headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site")
}

/// The page at the same address, asked for once more by a page of our own: that brings the cookie along.
fn follow(parts: &Parts) -> Response {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    // A second slash would lead to another host.
    let page = format!("/{}", path.trim_start_matches('/'));
    respond::page(StatusCode::OK, &respond::nonce(), None, &Follow { page, css: &URLS.css })
}

/// One request's session. A browser without one gets an anonymous one, so that forms work.
pub(crate) struct Visit {
    /// The session's id.
    pub(crate) id: String,
    pub(crate) session: Session,
    /// Who is signed in and still on the roster; else, in a demonstration, its visitor.
    pub(crate) viewer: Option<Viewer>,
    /// What to set when the session is new.
    pub(crate) cookie: Option<String>,
    /// The nonce of the answer.
    pub(crate) nonce: String,
    /// The address that was asked for, with its query; `/` when it is a form's.
    pub(crate) current_url: String,
    /// Whether a person looks at the answer; else a page's own script asked for parts of it.
    pub(crate) is_seen: bool,
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
/// it is the page of what it is about. Nor is a one-time URL or an invitation: its secret goes into no link.
fn current_url(parts: &Parts) -> String {
    if [ONCE_PATH, invitations::PATH].iter().any(|path| parts.uri.path().starts_with(path)) {
        return "/".to_owned();
    }
    if parts.method == Method::GET {
        return parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    }
    let path: Vec<_> = parts.uri.path().split('/').collect();
    match path[..] {
        ["", "changes", id, _] => format!("/changes/{id}"),
        _ => "/".to_owned(),
    }
}

impl FromRequestParts<Arc<App>> for Visit {
    /// The way to the page that says why this session was ended, or to the page once more.
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let now = clock::now();
        let sent = sent(parts, &app.cookie);
        if sent.is_none() && is_led_by_another_site(parts) {
            return Err(follow(parts));
        }
        let path = parts.uri.path();
        let is_seen = !parts.headers.contains_key(HX_REQUEST);
        let known = sent.and_then(|id| Some((id.to_owned(), app.sessions.get(id, now)?)));
        let (id, session, set) = if let Some((id, session)) = known {
            (id, session, None)
        } else if let Some(ended) = sent.filter(|_| !is_seen || path == link::LIVE) {
            // A page that is being left still asks with the session it had: a cookie in this answer could
            // take the place of one that was set since, and sign out who has just signed in.
            (ended.to_owned(), Session::after_end(now), None)
        } else {
            // Never the id that was sent: a session somebody else chose is not taken over.
            let (id, session) = if sent.is_some() { app.sessions.follow(now) } else { app.sessions.open(None, now) };
            let set = cookie(&app.cookie, &id);
            (id, session, Some(set))
        };
        let viewer = app.looking(Some(&session));
        if session.is_expelled() && is_seen && path != link::LIVE && !path.starts_with("/sign-in") {
            return Err(respond::see_other("/sign-in", None));
        }
        let current_url = current_url(parts);
        Ok(Self { id, session, viewer, cookie: set, nonce: respond::nonce(), current_url, is_seen })
    }
}
