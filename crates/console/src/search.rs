//! Finding rows: the newest from the snapshot, everything else from Governance while it answers.

use crate::app::App;
use crate::page::timeline::{Filter, Found, Query};
use crate::scene::Scene;
use crate::sizes::Sizes;
use client::{EntryQuery, GovernanceClient};
use model::{EngineId, Service};
use serde::Serialize;
use view::{EntryPage, EntryRow};

/// Rows of one page.
pub(crate) const PAGE: usize = 50;
/// Most questions of one search, some 100,000 rows; what is left is said to be not searched.
const QUESTIONS_MAX: usize = 20;
/// Most new rows that a page is told of one by one.
const FRESH_MAX: usize = 100;

/// The engine a row is about: that of its change.
fn engine(scene: &Scene, row: &EntryRow) -> Option<EngineId> {
    scene.state.subject(&row.change?).and_then(|subject| subject.engine)
}

/// The rows a query asks for, as far as this viewer may see them.
pub(crate) async fn run(app: &App, scene: &Scene, query: &Query) -> Found {
    if scene.snapshot.governance.is_none() {
        return Found::default();
    }
    let failed = |why| Found { failed: Some(why), ..Found::default() };
    let filter = match query.filter() {
        Ok(filter) => filter,
        Err(why) => return failed(why),
    };
    if !scene.health(Service::Governance).answers() {
        return kept(scene, query, &filter);
    }
    // Where only some of what is kept may be seen, the cursor behind it is another view's.
    if filter.is_open() && query.before.is_empty() && !scene.is_narrowed() {
        return newest(scene, query);
    }
    let Some(governance) = scene.viewer.as_ref().and_then(|viewer| app.governance_for(viewer)) else {
        return Found::default();
    };
    asked(&governance, query, &filter).await.unwrap_or_else(|error| failed(error.to_string()))
}

/// The newest page, from the snapshot.
fn newest(scene: &Scene, query: &Query) -> Found {
    let Some(dated) = &scene.snapshot.governance else { return Found::default() };
    let (kept, total) = dated.data.rows(query.is_all());
    let rows: Vec<_> = kept.rows.iter().take(PAGE).cloned().collect();
    Found {
        next: kept.next.clone().filter(|_| rows.len() == PAGE),
        looked_at: rows.len() as u64,
        rows,
        total: Some(total),
        entries: Some(dated.data.rows_total),
        sizes: kept.sizes,
        ..Found::default()
    }
}

/// In an outage: a page of what the snapshot holds.
fn kept(scene: &Scene, query: &Query, filter: &Filter) -> Found {
    let Some(dated) = &scene.snapshot.governance else { return Found::default() };
    let (kept, total) = dated.data.rows(query.is_all());
    let newer = query.first() - 1;
    let passing = kept.rows.iter().filter(|row| filter.passes(row, |row| engine(scene, row)));
    let mut rows: Vec<_> = passing.skip(usize::try_from(newer).unwrap_or(usize::MAX)).take(PAGE + 1).cloned().collect();
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Found {
        // An outage cannot be paged by cursor: what is kept is numbered instead.
        next: more.then(|| "kept".to_owned()),
        rows,
        // How much lies behind a part is not known here.
        total: (!scene.is_narrowed()).then_some(total),
        newer,
        looked_at: kept.rows.len() as u64,
        kept: Some(kept.rows.len() as u64),
        sizes: kept.sizes,
        ..Found::default()
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
    let mut found = Found { worded: filter.has_words().then(|| query.first()), ..Found::default() };
    for question in 0..QUESTIONS_MAX {
        ask.limit = u32::try_from(PAGE - found.rows.len()).ok();
        let EntryPage { rows, headlines, total, newer, searched, next, control_size, events_size } =
            governance.entries(&ask).await?;
        if question == 0 {
            found.newer = newer;
            found.sizes = Sizes { control: control_size, events: events_size };
        }
        found.looked_at += searched;
        (found.total, found.entries) = (Some(if query.is_all() { total } else { headlines }), Some(total));
        found.rows.extend(rows);
        found.next = next;
        if found.next.is_none() || found.rows.len() >= PAGE {
            break;
        }
        ask.before.clone_from(&found.next);
    }
    Ok(found)
}

/// The newest rows that pass a page's filters, by the indexes of their entries, newest first. The page
/// itself knows which of them it shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Fresh {
    control: Vec<u64>,
    events: Vec<u64>,
    /// From these entries on, none is left out.
    from: Sizes,
}

/// What is new to a page with these filters, whichever of it the page shows already.
pub(crate) fn fresh(scene: &Scene, query: &Query) -> Fresh {
    let mut fresh = Fresh::default();
    let (Some(dated), Ok(filter)) = (&scene.snapshot.governance, query.filter()) else { return fresh };
    let (kept, _) = dated.data.rows(query.is_all());
    fresh.from = kept.from;
    for row in kept.rows.iter().filter(|row| filter.passes(row, |row| engine(scene, row))) {
        if fresh.control.len() + fresh.events.len() == FRESH_MAX {
            // Another row of the last entry may be among those left out.
            let above = |listed: &[u64], size: u64| listed.last().map_or(size, |last| last + 1);
            let (control, events) =
                (above(&fresh.control, kept.sizes.control), above(&fresh.events, kept.sizes.events));
            fresh.from = Sizes { control: control.max(kept.from.control), events: events.max(kept.from.events) };
            break;
        }
        if row.log == "control" { &mut fresh.control } else { &mut fresh.events }.push(row.index);
    }
    fresh
}

#[cfg(test)]
mod tests;
