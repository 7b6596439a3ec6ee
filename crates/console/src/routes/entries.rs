//! `/entries/{log}/{index}`.

use super::refused::{self, Refused};
use crate::app::App;
use crate::page::entry::{self, EntryPage};
use crate::page::frame::Frame;
use crate::page::timeline::Row;
use crate::respond;
use crate::scene::Scene;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client::view::{EntryPage as Rows, EntryRow, EntryView};
use model::Service;
use std::sync::Arc;

/// Most related rows that are shown.
const RELATED_MAX: u32 = 100;

#[derive(Template)]
#[template(path = "entry.html")]
struct Page {
    frame: Frame,
    entry: EntryPage,
}

#[derive(Template)]
#[template(path = "entry_kept.html")]
struct Kept {
    frame: Frame,
    log: String,
    index: u64,
    rows: Vec<Row>,
    why: String,
}

/// The page.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((log, index)): Path<(String, String)>,
) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let index = index.parse::<u64>().ok().filter(|_| matches!(log.as_str(), "control" | "events"));
    let Some(index) = index.filter(|_| scene.viewer.is_some()) else { return refused::missing(&app, &visit, "entry") };
    match read(&app, &log, index).await {
        Ok((view, related)) => {
            let Some(dated) = &scene.snapshot.governance else { return refused::missing(&app, &visit, "entry") };
            let entry = entry::of(&view, &dated.data.ledger, &related, &app.data_dir());
            let frame = Frame::new(&app, &visit, &scene, &format!("Entry {index}"), "audit");
            respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, entry })
        }
        Err(Some(refused)) => refused::page(&app, &visit, &scene, StatusCode::NOT_FOUND, refused),
        Err(None) => kept(&app, &visit, &scene, &log, index),
    }
}

/// The entry with the rows of its change; none when Governance does not answer.
async fn read(app: &App, log: &str, index: u64) -> Result<(EntryView, Vec<EntryRow>), Option<Refused>> {
    if !app.sources.answers(Service::Governance) {
        return Err(None);
    }
    let governance = app.governance().ok_or(None)?;
    let view = governance.entry(log, index).await.map_err(|error| match error {
        client::ClientError::Problem(detail, 404) => Some(Refused::new(&detail.code, detail.message, detail.next)),
        _ => None,
    })?;
    let change = view.rows.first().and_then(|row| row.change);
    let related = match change {
        Some(change) => {
            let path = format!("/v1/entries?limit={RELATED_MAX}&all=true&change={change}");
            // Without it the entry itself is still whole.
            governance.http().get::<Rows>(&path).await.map(|page| page.rows).unwrap_or_default()
        }
        None => vec![],
    };
    Ok((view, related))
}

/// What the snapshot has of it.
fn kept(app: &App, visit: &Visit, scene: &Scene, log: &str, index: u64) -> Response {
    let data = scene.snapshot.governance.as_ref().map(|dated| &dated.data);
    let rows = data.map(|data| data.all.rows.iter().chain(&data.headlines.rows)).into_iter().flatten();
    let mut seen = std::collections::BTreeSet::new();
    let mine = rows.filter(|row| row.log == log && row.index == index && seen.insert(row.effect));
    let rows: Vec<_> = mine.enumerate().map(|(n, row)| Row::of(row, n + 1)).collect();
    let why = if rows.is_empty() {
        "Governance is offline, and this entry is not in the snapshot that is kept.".to_owned()
    } else {
        "Governance is offline: this is what the snapshot holds. Its bytes and its proof are not in it.".to_owned()
    };
    let status = if rows.is_empty() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let frame = Frame::new(app, visit, scene, &format!("Entry {index}"), "audit");
    let page = Kept { frame, log: log.to_owned(), index, rows, why };
    respond::page(status, &visit.nonce, visit.cookie.as_deref(), &page)
}
