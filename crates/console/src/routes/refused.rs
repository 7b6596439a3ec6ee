//! Pages that say no: what was missing, what to do next, and the code.

use super::way_in;
use crate::app::App;
use crate::page::frame::Frame;
use crate::page::refused::RefusalNotice;
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
    refused: RefusalNotice,
    /// The way back to what was meant.
    again: Option<String>,
}

/// A whole page that says no.
pub(crate) fn page(app: &App, visit: &Visit, scene: &Scene, status: StatusCode, refused: RefusalNotice) -> Response {
    render(app, visit, scene, status, refused, None)
}

fn render(
    app: &App,
    visit: &Visit,
    scene: &Scene,
    status: StatusCode,
    refused: RefusalNotice,
    again: Option<String>,
) -> Response {
    let title = if status == StatusCode::NOT_FOUND { "Not found" } else { "Refused" };
    let frame = Frame::new(app, visit, scene, title, "");
    respond::page(status, &visit.nonce, visit.cookie.as_deref(), &Page { frame, refused, again })
}

/// Nothing of this sort stands at this address. Whoever may read nothing is not told even that, and
/// gets the way in instead.
pub(crate) fn missing(app: &App, visit: &Visit, what: &str) -> Response {
    let scene = app.scene(visit.viewer.clone());
    if scene.viewer.is_none() {
        return way_in::instead(app, visit, &scene);
    }
    nothing(app, visit, &scene, what)
}

fn nothing(app: &App, visit: &Visit, scene: &Scene, what: &str) -> Response {
    let refused = RefusalNotice::new("page.not_found", format!("there is no such {what}"), "go on from Audit Logs");
    page(app, visit, scene, StatusCode::NOT_FOUND, refused)
}

/// A form that did not come from a page of this session.
pub(crate) fn foreign(app: &App, visit: &Visit, form_token: &str) -> Response {
    foreign_from(app, visit, form_token, &visit.current_url)
}

/// The same about a form that says to which page it leads.
pub(crate) fn foreign_from(app: &App, visit: &Visit, form_token: &str, here: &str) -> Response {
    let scene = app.scene(visit.viewer.clone());
    if visit.session.follows_that_of(form_token) {
        return way_in::after_end(app, visit, &scene, here);
    }
    let refused = RefusalNotice::new(
        "csrf.foreign",
        "this form did not come from a page of your session, so nothing was done",
        "open the page again and send its form from there",
    );
    render(app, visit, &scene, StatusCode::FORBIDDEN, refused, Some(here.to_owned()))
}

/// The fallback. Which pages there are is no secret.
pub(crate) async fn no_page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    nothing(&app, &visit, &app.scene(visit.viewer.clone()), "page")
}
