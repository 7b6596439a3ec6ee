//! Finding rows: the newest from the snapshot, everything else from Governance while it answers.

use crate::app::App;
use crate::page::timeline::{Filter, Found, Query};
use crate::scene::Scene;
use client::GovernanceClient;
use client::view::{EntryPage, EntryRow};
use model::{EngineId, Service};

/// Rows of one page.
pub(crate) const PAGE: usize = 50;
/// Most questions of one search; what is left is said to be not searched.
const QUESTIONS_MAX: usize = 40;

/// The engine a row is about: that of its change.
fn engine(scene: &Scene, row: &EntryRow) -> Option<EngineId> {
    scene.state.changes.get(&row.change?).map(|change| change.package.engine)
}

/// The rows a query asks for, as far as this viewer may see them.
pub(crate) async fn run(app: &App, scene: &Scene, query: &Query) -> Found {
    let Some(dated) = &scene.snapshot.governance else { return Found::default() };
    let filter = match query.filter() {
        Ok(filter) => filter,
        Err(why) => return Found { failed: Some(why), ..Found::default() },
    };
    let offline = !scene.health(Service::Governance).answers();
    if offline || (filter.is_open() && query.before.is_empty()) {
        return kept(scene, query, &filter, offline);
    }
    let Some(governance) = app.governance() else { return Found::default() };
    match asked(&governance, scene, query, &filter).await {
        Ok(found) => found,
        Err(error) => {
            Found { failed: Some(error.to_string()), headlines: dated.data.headlines_total, ..Found::default() }
        }
    }
}

/// From the snapshot: the newest page, or in an outage all that is kept.
fn kept(scene: &Scene, query: &Query, filter: &Filter, offline: bool) -> Found {
    let Some(dated) = &scene.snapshot.governance else { return Found::default() };
    let data = &dated.data;
    let (kept, total) =
        if query.is_all() { (&data.all, data.rows_total) } else { (&data.headlines, data.headlines_total) };
    let passing = kept.rows.iter().filter(|row| filter.passes(row, |row| engine(scene, row)));
    // An outage cannot be paged by cursor: what is kept is numbered instead.
    let skip = if offline { query.first() - 1 } else { 0 };
    let rows: Vec<_> = passing.skip(skip).take(PAGE).cloned().collect();
    let searched = kept.rows.len() as u64;
    let more = offline && rows.len() == PAGE;
    Found {
        next: if more { Some("kept".to_owned()) } else { kept.next.clone().filter(|_| !offline && rows.len() == PAGE) },
        rows,
        searched,
        total,
        headlines: data.headlines_total,
        complete: searched >= total,
        failed: None,
    }
}

/// From Governance, page by page, until a page's worth is found.
async fn asked(
    governance: &GovernanceClient,
    scene: &Scene,
    query: &Query,
    filter: &Filter,
) -> Result<Found, client::ClientError> {
    let mut found = Found { next: Some(query.before.clone()).filter(|cursor| !cursor.is_empty()), ..Found::default() };
    for _ in 0..QUESTIONS_MAX {
        let page: EntryPage =
            governance.entries(found.next.as_deref(), query.is_all(), u32::try_from(PAGE).unwrap_or(50)).await?;
        found.searched += page.rows.len() as u64;
        found.total = if query.is_all() { page.total } else { page.headlines };
        found.headlines = page.headlines;
        let passing = page.rows.into_iter().filter(|row| filter.passes(row, |row| engine(scene, row)));
        found.rows.extend(passing);
        found.next = page.next;
        if found.next.is_none() || found.rows.len() >= PAGE {
            break;
        }
    }
    found.complete = found.next.is_none();
    Ok(found)
}
