//! `/changes` and `/changes/{id}`.

use super::refused;
use crate::app::App;
use crate::page::change::{self, ChangePage, ChangeRow};
use crate::page::frame::Frame;
use crate::page::link;
use crate::page::panel::{Notice, Panel};
use crate::page::refused::{Refused, Written};
use crate::respond;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::ChangeId;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "changes.html")]
struct List {
    frame: Frame,
    panel: Panel,
    notice: Option<Notice>,
    changes: Vec<ChangeRow>,
}

#[derive(Template)]
#[template(path = "change.html")]
struct Page {
    frame: Frame,
    change: ChangePage,
    refused: Option<Refused>,
    written: Written,
    said: Option<&'static str>,
}

/// The list.
pub(crate) async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let (panel, notice, changes) = change::list(&scene);
    let frame = Frame::new(&app, &visit, &scene, "Changes", "changes");
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &List { frame, panel, notice, changes })
}

/// What was just done.
#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    said: String,
}

/// Fixed words only: the address must not put words on the page.
fn said(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "draft" => "Draft opened; every executor has observed it.",
        "seal" => "Sealed. It waits for approval by others.",
        "approve" => "Approval recorded.",
        "reject" => "Rejected.",
        "run" => "Run recorded. Its steps are carried out one after the other.",
        "hold" => "Held. No further step may begin.",
        "release" => "Hold released.",
        "withdraw" => "Approval withdrawn.",
        "cancel" => "Cancelled.",
        _ => return None,
    })
}

/// The page.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Response {
    show(&app, &visit, &id, said(&done.said))
}

/// Back from a form's address.
pub(crate) async fn back(Path((id, _)): Path<(String, String)>) -> Response {
    respond::see_other(
        id.parse::<ChangeId>().map_or_else(|_| "/changes".to_owned(), |id| link::change(&id)).as_str(),
        None,
    )
}

fn show(app: &App, visit: &Visit, id: &str, said: Option<&'static str>) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let found = id.parse::<ChangeId>().ok().and_then(|id| Some((id, change::of(&scene, &id, &app.data_dir())?)));
    let Some((id, change)) = found else { return refused::missing(app, visit, "change") };
    let mut frame = Frame::new(app, visit, &scene, &change.row.title, "changes");
    // Neither a form's address nor one that says again what was just done.
    frame.here = link::change(&id);
    frame.again.clone_from(&frame.here);
    let refused = app.sessions.refused(&visit.id, &frame.here);
    let written = refused.as_ref().map(|refused| refused.written.clone()).unwrap_or_default();
    respond::page(
        StatusCode::OK,
        &visit.nonce,
        visit.cookie.as_deref(),
        &Page { frame, change, refused, written, said },
    )
}
