//! `/sign-in`: in a demonstration by choosing a persona, else with one's own key ([`by_key`]).

pub(crate) mod by_key;
pub(crate) mod once;

use super::refused;
use super::way_in::{own, render};
use crate::app::App;
use crate::page::refused::RefusalNotice;
use crate::scene::UNKNOWN;
use crate::viewer::{Visit, cookie};
use crate::{clock, respond};
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::PersonId;
use serde::Deserialize;
use std::sync::Arc;

/// Where to go back to.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
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
