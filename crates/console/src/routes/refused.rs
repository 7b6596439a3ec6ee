//! Pages that say no: what was missing, what to do next, and the code.

use crate::app::App;
use crate::page::frame::Frame;
use crate::page::refused::Refused;
use crate::respond;
use crate::scene::Scene;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "refused.html")]
struct Page {
    frame: Frame,
    refused: Refused,
}

/// A whole page that says no.
pub(crate) fn page(app: &App, visit: &Visit, scene: &Scene, status: StatusCode, refused: Refused) -> Response {
    let frame = Frame::new(app, visit, scene, "Refused", "");
    respond::page(status, &visit.nonce, visit.cookie.as_deref(), &Page { frame, refused })
}

/// No such page.
pub(crate) fn missing(app: &App, visit: &Visit, what: &str) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let refused = if scene.viewer.is_none() {
        Refused::new("viewer.unknown", format!("this {what} is not shown to who is not signed in"), "sign in first")
    } else {
        Refused::new("page.not_found", format!("there is no such {what}"), "go on from Audit Logs")
    };
    page(app, visit, &scene, StatusCode::NOT_FOUND, refused)
}

/// A form that did not come from a page of this session.
pub(crate) fn foreign(app: &App, visit: &Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let refused = Refused::new(
        "csrf.foreign",
        "this form did not come from a page of your session, so nothing was done",
        "open the page again and send its form from there",
    );
    page(app, visit, &scene, StatusCode::FORBIDDEN, refused)
}

/// The fallback.
pub(crate) async fn no_page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    missing(&app, &visit, "page")
}
