//! `/engines` and `/engines/{id}`.

use super::refused;
use crate::app::App;
use crate::page::engine::{self, EnginePage, EngineRow};
use crate::page::frame::Frame;
use crate::page::link;
use crate::page::panel::{Notice, Panel};
use crate::page::refused::{Refused, Written};
use crate::respond;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::EngineId;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "engines.html")]
struct List {
    frame: Frame,
    panel: Panel,
    notice: Option<Notice>,
    engines: Vec<EngineRow>,
}

#[derive(Template)]
#[template(path = "engine.html")]
struct Page {
    frame: Frame,
    engine: EnginePage,
    refused: Option<Refused>,
    written: Written,
}

/// The list.
pub(crate) async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let (panel, notice, engines) = engine::list(&scene);
    let frame = Frame::new(&app, &visit, &scene, "Engines", "engines");
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &List { frame, panel, notice, engines })
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(id): Path<String>) -> Response {
    show(&app, &visit, &id)
}

/// Back from a form's address.
pub(crate) async fn back(Path(id): Path<String>) -> Response {
    respond::see_other(
        id.parse::<EngineId>().map_or_else(|_| "/engines".to_owned(), |id| link::engine(&id)).as_str(),
        None,
    )
}

fn show(app: &App, visit: &Visit, id: &str) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let found = id.parse::<EngineId>().ok().and_then(|id| Some((id, engine::of(&scene, &id, &app.data_dir())?)));
    let Some((id, engine)) = found else { return refused::missing(app, visit, "engine") };
    let frame = Frame::new(app, visit, &scene, &engine.row.name, "engines").at(&link::engine(&id));
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &frame.here)).flatten();
    let written = refused.as_ref().map(|refused| refused.written.clone()).unwrap_or_default();
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, engine, refused, written })
}
