//! `/sign-in`: in a demonstration by choosing a persona, else with one's own key ([`by_key`]).

pub(crate) mod by_key;
pub(crate) mod once;

use super::refused;
use crate::app::App;
use crate::page::frame::Frame;
use crate::page::refused::RefusalNotice;
use crate::scene::{Scene, UNKNOWN};
use crate::viewer::{Visit, cookie};
use crate::{clock, respond};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::PersonId;
use serde::Deserialize;
use std::sync::Arc;

/// Why the page is shown to who did not ask for it.
struct Why {
    code: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    why: Option<Why>,
    dir: String,
    console: String,
    has_ledger: bool,
    /// Why the session of this browser was ended.
    refused: Option<RefusalNotice>,
}

/// The page, which leads to `next`: by the form of a persona, or by the one-time address that this
/// browser opens later.
fn render(app: &App, visit: &Visit, scene: &Scene, status: StatusCode, next: &str, why: Option<Why>) -> Response {
    let next = own(next);
    app.sessions.come_back(&visit.id, next);
    let page = Page {
        frame: Frame { next: next.to_owned(), ..Frame::new(app, visit, scene, "Sign in", "sign-in") },
        why,
        dir: app.data_dir(),
        console: app.sign_ins.console().to_string(),
        has_ledger: app.sign_ins.ledger().is_some(),
        refused: visit.is_seen.then(|| app.sessions.refused(&visit.id, "/sign-in")).flatten(),
    };
    respond::page(status, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// In place of a page that is not shown to who is not signed in, whether or not there is such a page.
pub(crate) fn instead(app: &App, visit: &Visit, scene: &Scene) -> Response {
    let text = "What stands at this address is shown to who may read it. Sign in, and you come back to it.";
    let why = Why { code: UNKNOWN, text };
    render(app, visit, scene, StatusCode::FORBIDDEN, &visit.current_url, Some(why))
}

/// In place of the answer to a form whose session has ended.
pub(crate) fn after_end(app: &App, visit: &Visit, scene: &Scene, next: &str) -> Response {
    let text = "The session of the page you came from has ended: its time was over, somebody signed out, or this \
                console was started again. Nothing was done. Sign in, and you come back to the page.";
    let why = Why { code: "session.ended", text };
    render(app, visit, scene, StatusCode::FORBIDDEN, next, Some(why))
}

/// Where to go back to.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// Longest page that is remembered to come back to, bytes: a session is kept for each who asks.
const NEXT_MAX: usize = 2_048;

/// Only an address of our own: a single slash, then anything but a second one.
pub(super) fn own(next: &str) -> &str {
    let bytes = next.as_bytes();
    let ours = bytes.first() == Some(&b'/') && !matches!(bytes.get(1), Some(b'/' | b'\\'));
    if ours && bytes.len() <= NEXT_MAX && bytes.iter().all(u8::is_ascii_graphic) { next } else { "/" }
}

/// The page.
#[utoipa::path(get, path = "/sign-in", tag = "console", responses((status = 200)))]
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Query(query): Query<Next>) -> Response {
    render(&app, &visit, &app.scene(visit.viewer.clone()), StatusCode::OK, &query.next, None)
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    next: String,
}

/// A persona is chosen: a new session with a new id, whatever id came along.
#[utoipa::path(post, path = "/sign-in", tag = "console", responses((status = 303), (status = 403)))]
pub(crate) async fn choose(State(app): State<Arc<App>>, visit: Visit, Form(form): Form<Chosen>) -> Response {
    if !visit.session.accepts(&form.csrf) {
        return refused::foreign_from(&app, &visit, &form.csrf, own(&form.next));
    }
    let person = form.person.parse::<PersonId>().ok().filter(|person| app.desks.has(person));
    let Some(person) = person.filter(|person| app.viewer(person).is_some()) else {
        let scene = app.scene(visit.viewer.clone());
        let refused = RefusalNotice::new(
            UNKNOWN,
            "this console has no such persona on the roster it has verified",
            "choose one from the list; while the ledger is being read, wait a moment",
        );
        return refused::page(&app, &visit, &scene, StatusCode::FORBIDDEN, refused);
    };
    app.sessions.close(&visit.id);
    let (id, _) = app.sessions.open(Some(person), clock::now());
    respond::see_other(own(&form.next), Some(&cookie(&app.cookie, &id)))
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Leaving {
    #[serde(default)]
    csrf: String,
}

/// The session ends.
#[utoipa::path(post, path = "/sign-out", tag = "console", responses((status = 303), (status = 403)))]
pub(crate) async fn leave(State(app): State<Arc<App>>, visit: Visit, Form(form): Form<Leaving>) -> Response {
    if !visit.session.accepts(&form.csrf) {
        return refused::foreign(&app, &visit, &form.csrf);
    }
    app.sessions.close(&visit.id);
    let (id, _) = app.sessions.follow(clock::now());
    respond::see_other("/", Some(&cookie(&app.cookie, &id)))
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn one_comes_back_to_our_own_pages_only() {
        for next in ["/", "/changes/1?a=b#c"] {
            assert_eq!(own(next), next);
        }
        for next in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nset-cookie: b", "x"] {
            assert_eq!(own(next), "/", "{next}");
        }
        let long = "/x".repeat(1_025);
        assert_eq!((own(&long), own(&long[2..])), ("/", &long[2..]));
    }
}
