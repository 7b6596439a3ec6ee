//! The timeline of both logs, a page at a time, filtered.

use super::entries;
use crate::access::Asking;
use crate::cursor::Cursor;
use crate::search::Asker;
use crate::service::Service;
use crate::timeline::{Ask, Counts, Page};
use axum::Json;
use axum::extract::{Query, State};
use control::ReadScope;
use model::{EngineId, Instant};
use serde::Deserialize;
use service_shell::{Problem, ProblemBody};
use std::str::FromStr;
use std::sync::Arc;
use view::{EntryPage, EntryRow};

/// Most rows of one page.
const LIMIT_MAX: u32 = 200;
/// Longest part of a text that is looked for, characters.
const TEXT_MAX: usize = 200;
/// Most rows whose words are read for one answer: the rest is for the next page.
const WORDED_MAX: u64 = 5_000;

/// Which page of the timeline.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The cursor of the page before; absent: the newest rows.
    before: Option<String>,
    /// All entries, or headlines only (the default).
    all: Option<bool>,
    /// Rows wanted, 1 to 200 (50 by default).
    limit: Option<u32>,
    /// Only rows of this change.
    change: Option<String>,
    /// Only what was decided here: nothing that another system reported.
    decided: Option<bool>,
    /// Only rows of this category.
    category: Option<String>,
    /// Only rows of this severity or a higher one.
    severity: Option<String>,
    /// Only rows of this engine's changes.
    engine: Option<String>,
    /// Only rows recorded at this instant or later.
    from: Option<String>,
    /// Only rows recorded before this instant.
    to: Option<String>,
    /// Only rows whose actor has this in it, whatever its case. An answer reads the words of at
    /// most 5,000 rows and says how many.
    actor: Option<String>,
    /// Only rows whose title or sentence has this in it, in the same way.
    q: Option<String>,
}

/// What rows must have in their words, lower case.
struct Words {
    actor: String,
    text: String,
}

fn bad(what: impl Into<String>, next: &str) -> Problem {
    Problem::malformed("query.malformed", what, next)
}

fn no_cursor() -> Problem {
    Problem::malformed("cursor.unknown", "this is no cursor of this ledger", "begin again without `before`")
}

fn parsed<T: FromStr>(text: Option<&str>, wrong: &str, next: &str) -> Result<Option<T>, Problem> {
    text.map(str::parse).transpose().map_err(|_| bad(wrong, next))
}

impl PageQuery {
    /// What is asked for, as far as it may be seen, but for the engine, which only the state can
    /// resolve.
    fn ask(&self, sight: ReadScope) -> Result<Ask, Problem> {
        let before = self.before.as_deref().map(|cursor| cursor.parse::<Cursor>().map_err(|_| no_cursor()));
        let limit = self.limit.unwrap_or(50);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(bad("the limit is not between 1 and 200", "ask for fewer rows, then for the next page"));
        }
        let named = "GET /v1/entries names them";
        let time = "write it as 2026-03-08T18:18:00.000Z";
        Ok(Ask {
            before: before.transpose()?,
            all: self.all.unwrap_or_default(),
            limit: limit as usize,
            change: parsed(self.change.as_deref(), "the change is not an id", "copy it from GET /v1/changes")?,
            category: parsed(self.category.as_deref(), "there is no such category", named)?,
            severity: parsed(self.severity.as_deref(), "there is no such severity", named)?,
            from: parsed::<Instant>(self.from.as_deref(), "`from` is not an instant", time)?,
            to: parsed::<Instant>(self.to.as_deref(), "`to` is not an instant", time)?,
            decided: self.decided.unwrap_or_default(),
            changes: None,
            sight,
        })
    }

    fn engine(&self) -> Result<Option<EngineId>, Problem> {
        parsed(self.engine.as_deref(), "the engine is not an id", "copy it from GET /v1/engines")
    }

    /// What is looked for in words; none when it is nothing.
    fn words(&self) -> Result<Option<Words>, Problem> {
        let word = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default().trim().to_lowercase();
            if text.chars().count() > TEXT_MAX {
                return Err(bad("a text to look for has at most 200 characters", "look for less"));
            }
            Ok(text)
        };
        let words = Words { actor: word(&self.actor)?, text: word(&self.q)? };
        Ok(Some(words).filter(|words| !words.actor.is_empty() || !words.text.is_empty()))
    }
}

impl Words {
    fn are_in(&self, row: &EntryRow) -> bool {
        let has = |text: &str, part: &str| part.is_empty() || text.to_lowercase().contains(part);
        has(&row.actor, &self.actor) && (has(&row.title, &self.text) || has(&row.sentence, &self.text))
    }
}

/// Rows of both logs by recorded time, newest first. A view stays pinned to the two sizes its
/// first page was given at; each page says how many rows pass its filters in all, and how many of them
/// are newer than it: all but words (`actor`, `q`), which are looked for as far as the answer says. Rows of tenants whose matters the reader may not read are neither given
/// nor counted. Looking for words (`actor`, `q`) is done for one request at a time: at most 3 of one
/// reader and 16 in all run or wait for their turn. One more, or one whose turn has not come after
/// 5 s, is answered 429 `search.busy`.
#[utoipa::path(get, path = "/v1/entries", tag = "reading", params(PageQuery),
    responses((status = 200, body = EntryPage), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 429, body = ProblemBody, description = "`search.busy`: too many look for words; ask again in a moment")))]
pub(crate) async fn page(
    State(service): State<Arc<Service>>,
    Query(query): Query<PageQuery>,
    asking: Asking,
) -> Result<Json<EntryPage>, Problem> {
    let reader = service.reading(asking)?;
    let mut ask = query.ask(reader.sight)?;
    if let Some(engine) = query.engine()? {
        ask.changes = Some(service.with_state(|state| {
            let open = state.changes.iter().filter(|(_, change)| change.subject.engine == Some(engine));
            open.map(|(id, _)| *id).chain(state.ended_on(&engine).map(|(id, _)| *id)).collect()
        }));
    }
    let Some(words) = query.words()? else { return answer(&service, &ask, None).map(Json) };
    // Words are read from the log and unsealed row by row: not on a thread that answers others.
    let searching = Arc::clone(&service);
    let work = move |asker: &Asker| answer(&searching, &ask, Some((&words, asker)));
    service.searches.run(reader.viewer, work).await.map(Json)
}

/// Pages of the timeline, until there are enough rows with these words, or nobody waits for them:
/// that is looked at before each page, which has at most 200 rows.
fn answer(service: &Service, ask: &Ask, search: Option<(&Words, &Asker)>) -> Result<EntryPage, Problem> {
    let names = service.names();
    let mut ask = ask.clone();
    let wanted = ask.limit;
    let (mut rows, mut searched, mut counts) = (vec![], 0, None);
    loop {
        let page = service.timeline.page(&ask).ok_or_else(no_cursor)?;
        let Counts { headlines, total, newer } =
            *counts.get_or_insert_with(|| service.timeline.count(&ask, page.control_size, page.events_size));
        let mut last = None;
        for row in &page.rows {
            let worded = entries::worded(service, &names, row)?;
            searched += 1;
            last = Some(row.key());
            rows.extend(Some(worded).filter(|row| search.is_none_or(|(words, _)| words.are_in(row))));
            if rows.len() == wanted {
                break;
            }
        }
        let more = page.next.is_some() || last != page.rows.last().map(crate::timeline::Row::key);
        let Page { control_size, events_size, .. } = page;
        let next = last.filter(|_| more).map(|last| Cursor { control_size, events_size, last });
        let gone = search.is_some_and(|(_, asker)| asker.is_gone());
        if next.is_none() || rows.len() == wanted || searched >= WORDED_MAX || gone {
            let next = next.map(|cursor| cursor.to_string());
            return Ok(EntryPage { rows, headlines, total, newer, searched, next, control_size, events_size });
        }
        let left = usize::try_from(WORDED_MAX - searched).unwrap_or(usize::MAX);
        ask = Ask { before: next, limit: left.min(LIMIT_MAX as usize), ..ask };
    }
}

#[cfg(test)]
mod tests;
