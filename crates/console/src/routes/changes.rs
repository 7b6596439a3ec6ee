//! `/changes` and `/changes/{id}`.

use super::refused;
use crate::app::App;
use crate::page::cause::Cause;
use crate::page::change::{self, ChangePage, ChangeRow, Listed};
use crate::page::deployment::Fact;
use crate::page::ending::Ending;
use crate::page::frame::Frame;
use crate::page::panel::{Notice, Panel};
use crate::page::recorded::RecordedNotice;
use crate::page::refused::{RefusalNotice, Written};
use crate::page::resource::manifest;
use crate::page::{link, number, step};
use crate::respond;
use crate::scene::Scene;
use crate::sources::Health;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use control::{Leaf, NoRecord};
use model::{ChangeId, Digest, Service};
use serde::Deserialize;
use std::sync::Arc;
use view::{ChangeView, EntryView};

#[derive(Template)]
#[template(path = "changes.html")]
struct List {
    frame: Frame,
    panel: Panel,
    notice: Option<Notice>,
    changes: Vec<ChangeRow>,
    older: Option<String>,
    /// Of a page of those that ended earlier, the entry before which they had, and where it is.
    before: Option<(u64, String)>,
}

/// Which page of the list.
#[derive(Debug, Deserialize)]
pub(crate) struct Older {
    /// Changes that had ended before this leaf.
    ended_before: Option<u64>,
}

#[derive(Template)]
#[template(path = "change.html")]
struct Page {
    frame: Frame,
    change: ChangePage,
    refused: Option<RefusalNotice>,
    written: Written,
    said: Option<RecordedNotice>,
    ending: Option<Ending>,
    causes: Vec<Cause>,
}

/// The list.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    page: Result<Query<Older>, QueryRejection>,
    visit: Visit,
) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let Ok(Query(page)) = page else {
        let message = "`ended_before` is the number of an entry";
        let refused = RefusalNotice::new("changes.page", message, "go on from Changes");
        return refused::page(&app, &visit, &scene, StatusCode::BAD_REQUEST, refused);
    };
    let Listed { panel, notice, rows, older } = change::list(&scene, page.ended_before);
    let before = page.ended_before.map(|leaf| (leaf, link::control(leaf)));
    let frame = Frame::new(&app, &visit, &scene, "Changes", "changes");
    respond::page(
        StatusCode::OK,
        &visit.nonce,
        visit.cookie.as_deref(),
        &List { frame, panel, notice, changes: rows, older, before },
    )
}

/// What this session said about the change a moment ago, as the console's own copy of the ledger has it.
async fn said(app: &App, visit: &Visit, (scene, id): (&Scene, &ChangeId)) -> Option<RecordedNotice> {
    let word = app.sessions.said(&visit.id, id).filter(|word| visit.session.person == Some(word.person))?;
    let proven = match app.follower.as_ref()?.proven(word.entry).await {
        Ok(proven) => proven?,
        Err(error) => {
            tracing::warn!(%error, index = word.entry, "console: an entry of the replica cannot be read");
            return None;
        }
    };
    let notice = RecordedNotice::of(&word, &Leaf::decode(&proven.leaf).ok()?)?;
    let ran = scene.change(id).ok().filter(|_| word.verb == "run");
    let is_silent = |service| scene.health(service) == Health::Offline;
    Some(ran.map_or(notice.clone(), |change| notice.of_run(&change, is_silent)))
}

/// An entry with its texts, as far as the viewer may read them; none while Governance does not answer.
async fn entry(app: &App, scene: &Scene, index: u64) -> Option<EntryView> {
    let governance = scene.viewer.as_ref().and_then(|viewer| app.governance_for(viewer));
    let governance = governance.filter(|_| app.sources.answers(Service::Governance));
    governance?.entry("control", index).await.ok()
}

/// Who ended it, where it did not take effect.
async fn ending(app: &App, scene: &Scene, id: &ChangeId) -> Option<Ending> {
    let change = scene.change(id).ok()?;
    let view = ChangeView::of(&scene.state, scene.names(), &change, scene.now);
    let index = view.ended_otherwise()?;
    let said = entry(app, scene, index).await.and_then(|entry| entry.ending(id, &scene.state.ledger));
    Some(Ending::of(view.status, index, said))
}

/// Why steps of it did not go well, with what their executors found as far as it can be read now.
async fn causes(app: &App, scene: &Scene, id: &ChangeId) -> Vec<Cause> {
    let change = scene.change(id).ok();
    let view = change.map(|change| ChangeView::of(&scene.state, scene.names(), &change, scene.now));
    let mut causes = vec![];
    for (n, step) in view.iter().flat_map(|view| view.steps.iter().enumerate()) {
        let troubled = step.trouble.as_deref().zip(step.trouble_entry);
        // Of an executor that is silent there is its intent alone, and no word of its own.
        let silent = step.entry.filter(|_| step.state == "silent").map(|entry| ("no-answer", entry));
        let Some((code, entry)) = troubled.or(silent) else { continue };
        let said = step::says(&step.state);
        let which = format!("Step {}, {} ({}): {said}", number(n + 1), step.action, step.executor.title());
        let read = |view| Cause::read(&which, code, &view, &scene.state.ledger);
        causes.push(self::entry(app, scene, entry).await.map_or_else(|| Cause::bare(&which, code, entry), read));
    }
    causes
}

/// What starts by the release that a change binds, and when it counts as healthy: who approves its digest approves that.
async fn starts(app: &Arc<App>, scene: &Scene, id: &ChangeId) -> Option<(Digest, Vec<Fact>)> {
    let release = scene.change(id).ok()?.package.body.bundle()?.artifact;
    // What the viewer may not see is not asked for.
    scene.state.resources.get(&release)?;
    let says = match app.manifest(&release).await {
        Ok(seen) => manifest::starts(seen.program.as_ref()),
        Err(why) => vec![Fact::new("Starts", format!("not known now: {}", why.message), None)],
    };
    Some((release, says))
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(id): Path<String>) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let id = id.parse::<ChangeId>().ok();
    if let Some(Err(lost @ NoRecord::Lost)) = id.map(|id| scene.change(&id).map(drop)) {
        let next = "start the console again: it makes the record again from the ledger";
        let refused = RefusalNotice::new("change.record_lost", lost.to_string(), next);
        return refused::page(&app, &visit, &scene, StatusCode::SERVICE_UNAVAILABLE, refused);
    }
    let found = id.and_then(|id| Some((id, change::of(&scene, &id, &app.data_dir())?)));
    let Some((id, mut change)) = found else { return refused::missing(&app, &visit, "change") };
    if let Some((release, says)) = starts(&app, &scene, &id).await {
        change.beside(&release, says);
    }
    let frame = Frame::new(&app, &visit, &scene, &change.row.title, "changes").at(&link::change(&id));
    // A page's own script reads it again: what is shown once is for a person.
    let (refused, said) = if visit.is_seen {
        (app.sessions.refused(&visit.id, &frame.current_url), said(&app, &visit, (&scene, &id)).await)
    } else {
        (None, None)
    };
    let exception = change.over_quota.as_ref().map(|over| (over.href.clone(), over.ask.clone()));
    let refused = refused.map(|refused| refused.leads("quota.exceeded", exception));
    let written = refused.as_ref().map(|refused| refused.written.clone()).unwrap_or_default();
    let (ending, causes) = (ending(&app, &scene, &id).await, causes(&app, &scene, &id).await);
    let page = Page { frame, change, refused, written, said, ending, causes };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// Back from a form's address.
pub(crate) async fn back(Path((id, _)): Path<(String, String)>) -> Response {
    respond::see_other(
        id.parse::<ChangeId>().map_or_else(|_| "/changes".to_owned(), |id| link::change(&id)).as_str(),
        None,
    )
}
