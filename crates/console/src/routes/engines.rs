//! `/engines` and `/engines/{id}`.

mod output;
pub(crate) mod verify;

use super::refused;
use crate::app::App;
use crate::page::engine::{self, EnginePage, EngineRow};
use crate::page::frame::Frame;
use crate::page::link;
use crate::page::output::Output;
use crate::page::panel::{Notice, Panel};
use crate::page::refused::RefusalNotice;
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
    /// What it printed; none where the page is read again by its own script, which shows nothing of it.
    output: Option<Output>,
    /// Why what was asked for here was not done.
    refused: Option<RefusalNotice>,
    /// The same by command line.
    commands: Vec<String>,
}

/// The list.
pub(crate) async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let (panel, notice, engines) = engine::list(&scene);
    let frame = Frame::new(&app, &visit, &scene, "Engines", "engines");
    let list = List { frame, panel, notice, engines };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &list)
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(id): Path<String>) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let found = id.parse::<EngineId>().ok().and_then(|id| Some((id, engine::of(&scene, &id)?)));
    let Some((id, engine)) = found else { return refused::missing(&app, &visit, "engine") };
    let here = link::engine(&id);
    let output = if visit.is_seen { Some(output::read(&app, &scene, &id).await) } else { None };
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &here)).flatten();
    let dir = app.data_dir();
    let commands = vec![
        format!("countersign engine show {id} --dir {dir}"),
        format!("countersign engine readiness {id} --verify --dir {dir}"),
        format!("countersign engine logs {id} --dir {dir}"),
    ];
    let frame = Frame::new(&app, &visit, &scene, &engine.row.name, "engines").at(&here);
    let page = Page { frame, engine, output, refused, commands };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// Who comes back to a form's address by hand gets the page it belongs to.
pub(crate) async fn back(Path(id): Path<String>) -> Response {
    let page = id.parse::<EngineId>().map_or_else(|_| "/engines".to_owned(), |id| link::engine(&id));
    respond::see_other(&page, None)
}
