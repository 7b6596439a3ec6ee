//! Finding rows: the newest from the snapshot, everything else from Governance while it answers.

use crate::app::App;
use crate::page::timeline::{Filter, Found, Query};
use crate::scene::Scene;
use client::view::EntryRow;
use client::{EntryQuery, GovernanceClient};
use model::{EngineId, Service};

/// Rows of one page.
pub(crate) const PAGE: usize = 50;
/// Most questions of one search, some 100,000 rows; what is left is said to be not searched.
const QUESTIONS_MAX: usize = 20;

/// The engine a row is about: that of its change.
fn engine(scene: &Scene, row: &EntryRow) -> Option<EngineId> {
    scene.state.changes.get(&row.change?).and_then(|change| change.subject.engine)
}

/// The rows a query asks for, as far as this viewer may see them.
pub(crate) async fn run(app: &App, scene: &Scene, query: &Query) -> Found {
    let Some(dated) = &scene.snapshot.governance else { return Found::default() };
    let filter = match query.filter() {
        Ok(filter) => filter,
        Err(why) => return Found { failed: Some(why), ..Found::default() },
    };
    let offline = !scene.health(Service::Governance).answers();
    // Where only some of what is kept may be seen, the cursor behind it is another view's.
    if offline || (filter.is_open() && query.before.is_empty() && !scene.is_narrowed()) {
        return kept(scene, query, &filter, offline);
    }
    let Some(governance) = scene.viewer.as_ref().and_then(|viewer| app.governance_for(viewer)) else {
        return Found::default();
    };
    let headlines = dated.data.headlines_total;
    match asked(&governance, query, &filter).await {
        Ok(found) => Found { headlines, ..found },
        Err(error) => Found { failed: Some(error.to_string()), headlines, ..Found::default() },
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
        // How much lies behind a part is not known here.
        complete: searched >= total && !scene.is_narrowed(),
        failed: None,
    }
}

/// From Governance, answer by answer, until a page's worth is found: an answer reads the words of a
/// few thousand rows at most.
async fn asked(governance: &GovernanceClient, query: &Query, filter: &Filter) -> Result<Found, client::ClientError> {
    let mut ask = EntryQuery {
        before: Some(query.before.clone()).filter(|cursor| !cursor.is_empty()),
        all: query.is_all(),
        category: filter.category,
        severity: filter.severity,
        engine: filter.engine,
        from: filter.from,
        to: filter.until(),
        actor: filter.actor.clone(),
        text: filter.text.clone(),
        ..EntryQuery::default()
    };
    let mut found = Found::default();
    for _ in 0..QUESTIONS_MAX {
        ask.limit = u32::try_from(PAGE - found.rows.len()).ok();
        let page = governance.entries(&ask).await?;
        found.searched += page.searched;
        found.total = if query.is_all() { page.total } else { page.headlines };
        found.rows.extend(page.rows);
        found.next = page.next;
        if found.next.is_none() || found.rows.len() >= PAGE {
            break;
        }
        ask.before.clone_from(&found.next);
    }
    found.complete = found.next.is_none();
    Ok(found)
}
