//! `/roster`.

use crate::app::App;
use crate::page::frame::Frame;
use crate::page::panel::{Notice, Panel};
use crate::page::roster::{self, PersonRow};
use crate::respond;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "roster.html")]
struct Page {
    frame: Frame,
    panel: Panel,
    notice: Option<Notice>,
    people: Vec<PersonRow>,
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let (panel, notice, people) = roster::of(&scene);
    let frame = Frame::new(&app, &visit, &scene, "Roster", "roster");
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, panel, notice, people })
}
