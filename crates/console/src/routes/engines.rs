//! `/engines` and `/engines/{id}`.

use super::refused;
use crate::app::App;
use crate::page::engine::{self, EnginePage, EngineRow};
use crate::page::frame::Frame;
use crate::page::link;
use crate::page::panel::{Notice, Panel};
use crate::page::release::{self, ReleaseRow};
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
    releases: Vec<ReleaseRow>,
    /// How all of them are read and recalled by command line.
    commands: Vec<String>,
}

#[derive(Template)]
#[template(path = "engine.html")]
struct Page {
    frame: Frame,
    engine: EnginePage,
}

/// The list.
pub(crate) async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let (panel, notice, engines) = engine::list(&scene);
    let frame = Frame::new(&app, &visit, &scene, "Engines", "engines");
    let dir = app.data_dir();
    let commands = vec![
        format!("countersign artifact ls --dir {dir}"),
        format!("countersign artifact recall NAME --reason WHY --key KEY --dir {dir}"),
    ];
    let list = List { frame, panel, notice, engines, releases: release::list(&scene), commands };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &list)
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(id): Path<String>) -> Response {
    show(&app, &visit, &id)
}

fn show(app: &App, visit: &Visit, id: &str) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let found = id.parse::<EngineId>().ok().and_then(|id| Some((id, engine::of(&scene, &id)?)));
    let Some((id, engine)) = found else { return refused::missing(app, visit, "engine") };
    let frame = Frame::new(app, visit, &scene, &engine.row.name, "engines").at(&link::engine(&id));
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, engine })
}
