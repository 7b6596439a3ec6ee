//! `/roster`.

use crate::app::App;
use crate::page::frame::Frame;
use crate::page::roster::{self, RosterPage};
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
    roster: RosterPage,
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let roster = roster::of(&scene, &app.data_dir());
    let frame = Frame::new(&app, &visit, &scene, "Roster", "roster");
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, roster })
}
