//! `/sign-in`: in a demonstration by choosing a persona, else with one's own key ([`by_key`]).

pub(crate) mod by_key;
pub(crate) mod once;

use super::refused;
use crate::app::App;
use crate::desks::Persona;
use crate::page::frame::Frame;
use crate::page::refused::Refused;
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

/// A persona to choose.
pub(crate) struct Choice {
    pub(crate) person: String,
    pub(crate) name: String,
    pub(crate) roles: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    personas: Vec<Choice>,
    next: String,
    dir: String,
    console: String,
    has_ledger: bool,
    /// Why the session of this browser was ended.
    refused: Option<Refused>,
}

/// Where to go back to.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// Only an address of our own: a single slash, then anything but a second one.
fn own(next: &str) -> &str {
    let bytes = next.as_bytes();
    let ours = bytes.first() == Some(&b'/') && !matches!(bytes.get(1), Some(b'/' | b'\\'));
    if ours && bytes.iter().all(u8::is_ascii_graphic) { next } else { "/" }
}

fn choice(persona: Persona) -> Choice {
    let roles = persona.roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(" + ");
    Choice { person: persona.person.to_string(), name: persona.name, roles }
}

/// The page.
#[utoipa::path(get, path = "/sign-in", tag = "console", responses((status = 200)))]
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Query(query): Query<Next>) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let page = Page {
        frame: Frame::new(&app, &visit, &scene, "Sign in", "sign-in"),
        personas: app.desks.cast().into_iter().map(choice).collect(),
        next: own(&query.next).to_owned(),
        dir: app.data_dir(),
        console: app.sign_ins.console().to_string(),
        has_ledger: app.sign_ins.ledger().is_some(),
        refused: visit.is_seen.then(|| app.sessions.refused(&visit.id, "/sign-in")).flatten(),
    };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
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
        return refused::foreign(&app, &visit);
    }
    let person = form.person.parse::<PersonId>().ok().filter(|person| app.desks.has(person));
    let Some(person) = person.filter(|person| app.viewer(person).is_some()) else {
        let scene = app.scene(visit.viewer.clone());
        let refused = Refused::new(
            "viewer.unknown",
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
        return refused::foreign(&app, &visit);
    }
    app.sessions.close(&visit.id);
    let (id, _) = app.sessions.open(None, clock::now());
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
    }
}
