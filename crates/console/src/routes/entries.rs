//! `/entries/{log}/{index}`.

use super::refused;
use crate::app::App;
use crate::page::entry::{self, EntryPage, Related};
use crate::page::frame::Frame;
use crate::page::refused::RefusalNotice;
use crate::page::timeline::Row;
use crate::respond;
use crate::scene::Scene;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client::EntryQuery;
use control::{LEAF_PREFIX, Leaf, ReadScope};
use model::Service;
use std::sync::Arc;
use view::{EntryRow, EntryView, rows};

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
    match read(&app, &scene, &log, index).await {
        Ok((view, related)) => {
            let Some(dated) = &scene.snapshot.governance else { return refused::missing(&app, &visit, "entry") };
            let entry = entry::of(&view, &dated.data.ledger, related, &app.data_dir());
            let frame = Frame::new(&app, &visit, &scene, &format!("Entry {index}"), "audit");
            respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, entry })
        }
        Err(Some(refused)) => refused::page(&app, &visit, &scene, StatusCode::NOT_FOUND, refused),
        Err(None) => kept(&app, &visit, &scene, &log, index).await,
    }
}

/// The entry with the rows of its change; none when Governance does not answer.
async fn read(app: &App, scene: &Scene, log: &str, index: u64) -> Result<(EntryView, Related), Option<RefusalNotice>> {
    if !app.sources.answers(Service::Governance) {
        return Err(None);
    }
    let governance = scene.viewer.as_ref().and_then(|viewer| app.governance_for(viewer)).ok_or(None)?;
    let view = governance.entry(log, index).await.map_err(|error| match error {
        client::ClientError::Problem(detail, 404) => {
            Some(RefusalNotice::new(&detail.code, detail.message, detail.next))
        }
        _ => None,
    })?;
    let change = view.rows.first().and_then(|row| row.change);
    let related = match change {
        Some(change) => {
            let query = EntryQuery { change: Some(change), ..EntryQuery::newest(true, RELATED_MAX) };
            // Without it the entry itself is still whole.
            match governance.entries(&query).await {
                Ok(page) => Related::Newest { rows: page.rows, total: page.total },
                Err(error) => Related::Unread(error.to_string()),
            }
        }
        None => Related::default(),
    };
    Ok((view, related))
}

/// The entry by this console's own replica, with a proof of its own making; none where the replica
/// does not have it, or the viewer may not see it.
async fn replica(app: &App, scene: &Scene, log: &str, index: u64) -> Option<EntryView> {
    let follower = app.follower.as_ref().filter(|_| log == "control")?;
    let proven = match follower.proven(index).await {
        Ok(proven) => proven?,
        Err(error) => {
            tracing::warn!(%error, index, "an entry of the replica cannot be read");
            return None;
        }
    };
    let leaf = Leaf::decode(&proven.leaf).ok()?;
    let viewer = scene.viewer.as_ref()?;
    if !ReadScope::of_viewer(&app.state(), &viewer.who).covers(&proven.concerns) {
        return None;
    }
    let rows = rows(scene.names(), index, &leaf).into_iter();
    Some(EntryView {
        log: log.to_owned(),
        index,
        leaf_hash: proven.leaf_hash,
        leaf: serde_json::from_slice(proven.leaf.strip_prefix(LEAF_PREFIX)?).ok()?,
        rows: rows.map(|row| EntryRow { tags: proven.concerns.clone(), ..row }).collect(),
        openings: vec![],
        package: None,
        proof: Some(proven.proof.encode()),
    })
}

/// Rows of the snapshot that `wanted` picks, each once.
fn snapshot_rows(scene: &Scene, wanted: impl Fn(&EntryRow) -> bool) -> Vec<EntryRow> {
    let data = scene.snapshot.governance.as_ref().map(|dated| &dated.data);
    let rows = data.map(|data| data.all.rows.iter().chain(&data.headlines.rows)).into_iter().flatten();
    let mut seen = std::collections::BTreeSet::new();
    let mine = rows.filter(|row| wanted(row) && seen.insert((&row.log, row.index, row.effect)));
    mine.cloned().collect()
}

/// What is kept of it when Governance does not answer: of the control log everything but its texts,
/// of the events log its rows.
async fn kept(app: &App, visit: &Visit, scene: &Scene, log: &str, index: u64) -> Response {
    let frame = Frame::new(app, visit, scene, &format!("Entry {index}"), "audit");
    let ledger = scene.snapshot.governance.as_ref().map(|dated| &dated.data.ledger);
    if let Some((view, ledger)) = replica(app, scene, log, index).await.zip(ledger) {
        let change = view.rows.first().and_then(|row| row.change);
        let related = snapshot_rows(scene, |row| change.is_some() && row.change == change);
        let related = if change.is_some() { Related::Kept(related) } else { Related::default() };
        let mut entry = entry::of(&view, ledger, related, &app.data_dir());
        entry.kept = Some(
            "Governance is offline. These are the bytes that this console verified and keeps; reasons and \
             other texts that belong to them are Governance's to give.",
        );
        return respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, entry });
    }
    let mine = snapshot_rows(scene, |row| row.log == log && row.index == index);
    let rows: Vec<_> = mine.iter().enumerate().map(|(n, row)| Row::of(row, n + 1)).collect();
    let why = if rows.is_empty() {
        "Governance is offline, and this entry is not in the snapshot that is kept.".to_owned()
    } else {
        "Governance is offline: this is what the snapshot holds. Its bytes and its proof are not in it.".to_owned()
    };
    let status = if rows.is_empty() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let page = Kept { frame, log: log.to_owned(), index, rows, why };
    respond::page(status, &visit.nonce, visit.cookie.as_deref(), &page)
}
