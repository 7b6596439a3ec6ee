//! Audit Timeline: rows as shown, and the filters they went through.

mod found;

pub use found::Found;

use super::field::Choice;
use super::moment::{self, Moment};
use super::panel::{Notice, Panel};
use super::{link, number};
use crate::scene::Scene;
use crate::sizes::Sizes;
use model::{Category, EngineId, Instant, Service, Severity};
use serde::Deserialize;
use view::EntryRow;

/// Longest text of one filter that is read, characters.
const FILTER_MAX: usize = 200;

/// What stands in the address of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Query {
    /// The engine whose package panels are shown.
    pub engine: String,
    /// Category of rows.
    pub category: String,
    /// Least severity of rows.
    pub severity: String,
    /// Engine of rows.
    pub of: String,
    /// Actor of rows.
    pub actor: String,
    /// Text in title or sentence.
    pub q: String,
    /// Not before, Eastern Time.
    pub from: String,
    /// Not after, Eastern Time.
    pub to: String,
    /// `1`: all entries, not headlines only.
    pub all: String,
    /// Cursor of the page before.
    pub before: String,
    /// Number of the first row shown.
    pub n: String,
}

/// A query as it is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub category: Option<Category>,
    /// Least severity.
    pub severity: Option<Severity>,
    pub engine: Option<EngineId>,
    /// Part of the actor's name, lower case.
    pub actor: String,
    /// Part of title or sentence, lower case.
    pub text: String,
    /// Not before.
    pub from: Option<Instant>,
    /// Not after.
    pub to: Option<Instant>,
}

impl Query {
    /// Whether all entries are shown.
    pub fn is_all(&self) -> bool {
        self.all == "1"
    }

    /// Number of the first row shown, from 1: the newest page has no other, whatever its address says.
    pub fn first(&self) -> u64 {
        let said = self.n.parse().ok().filter(|_| !self.before.is_empty());
        said.unwrap_or(1).clamp(1, 10_000_000)
    }

    /// The newest page with the same filters.
    pub fn newest(&self) -> String {
        self.with(&[("before", ""), ("n", "")])
    }

    /// Where a page with these filters hears of new rows.
    pub fn live(&self) -> String {
        link::query(link::LIVE, &self.pairs(&[("engine", ""), ("before", ""), ("n", "")]))
    }

    /// The filters, or what of them cannot be read.
    ///
    /// # Errors
    /// A sentence that names the field.
    pub fn filter(&self) -> Result<Filter, String> {
        fn word<T: std::str::FromStr>(text: &str, what: &str) -> Result<Option<T>, String> {
            if text.is_empty() {
                return Ok(None);
            }
            text.parse()
                .map(Some)
                .map_err(|_| format!("what the address has as {what} is not one; choose one from the list"))
        }
        let time = |text: &str, what: &str| match text {
            "" => Ok(None),
            text => moment::read(text).map(Some).ok_or_else(|| format!("the time `{what}` is not a date and time")),
        };
        let text = |text: &str| text.trim().to_lowercase().chars().take(FILTER_MAX).collect::<String>();
        Ok(Filter {
            category: word(&self.category, "category")?,
            severity: word(&self.severity, "severity")?,
            engine: word(&self.of, "engine")?,
            actor: text(&self.actor),
            text: text(&self.q),
            from: time(&self.from, "from")?,
            to: time(&self.to, "to")?,
        })
    }

    /// The same page with these differences.
    pub fn with(&self, changes: &[(&str, &str)]) -> String {
        link::query("/", &self.pairs(changes))
    }

    fn pairs<'a>(&'a self, changes: &[(&str, &'a str)]) -> [(&'static str, &'a str); 11] {
        let known = [
            ("engine", &self.engine),
            ("category", &self.category),
            ("severity", &self.severity),
            ("of", &self.of),
            ("actor", &self.actor),
            ("q", &self.q),
            ("from", &self.from),
            ("to", &self.to),
            ("all", &self.all),
            ("before", &self.before),
            ("n", &self.n),
        ];
        known.map(|(name, value)| {
            let changed = changes.iter().find(|(changed, _)| *changed == name);
            (name, changed.map_or(value.as_str(), |(_, to)| to))
        })
    }
}

impl Filter {
    /// Whether words are looked for, which nobody has counted.
    pub fn has_words(&self) -> bool {
        !self.actor.is_empty() || !self.text.is_empty()
    }

    /// Whether it lets everything pass.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// The end of the last minute that is asked for.
    pub fn until(&self) -> Option<Instant> {
        self.to.map(|to| to.plus_millis(60_000))
    }

    /// Whether a row passes, as Governance would say: in an outage there is nobody else. The engine of a row is that of its change.
    pub fn passes(&self, row: &EntryRow, engine: impl Fn(&EntryRow) -> Option<EngineId>) -> bool {
        let has = |text: &str, part: &str| part.is_empty() || text.to_lowercase().contains(part);
        self.category.is_none_or(|category| row.category == category)
            && self.severity.is_none_or(|severity| row.severity >= severity)
            && self.from.is_none_or(|from| row.at >= from)
            && self.until().is_none_or(|until| row.at < until)
            && has(&row.actor, &self.actor)
            && (has(&row.title, &self.text) || has(&row.sentence, &self.text))
            && self.engine.is_none_or(|wanted| engine(row) == Some(wanted))
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `01`.
    pub number: String,
    /// `control-79-1`, its anchor.
    pub id: String,
    pub href: String,
    pub title: String,
    pub sentence: String,
    /// Category as a word.
    pub category: &'static str,
    /// Severity as a word.
    pub severity: &'static str,
    /// When it was recorded.
    pub at: Moment,
    pub actor: String,
    /// The change's page.
    pub change: Option<String>,
    /// Refusal code.
    pub refused: Option<String>,
    /// Shown by default.
    pub headline: bool,
    /// Whether another system says it, and nobody decided it.
    pub reported: bool,
}

impl Row {
    /// As shown, as the nth.
    pub fn of(row: &EntryRow, n: usize) -> Self {
        Self {
            number: number(n),
            id: format!("{}-{}-{}", row.log, row.index, row.effect),
            href: link::entry(&row.log, row.index),
            title: row.title.clone(),
            sentence: row.sentence.clone(),
            category: row.category.word(),
            severity: row.severity.word(),
            at: Moment::of(row.at),
            actor: row.actor.clone(),
            change: row.change.as_ref().map(link::change),
            refused: row.refused.clone(),
            headline: row.headline,
            reported: row.log == "events",
        }
    }
}

/// The section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    pub panel: Panel,
    /// `6 Events`.
    pub count: String,
    /// Where what is counted stands; empty where nothing is counted.
    pub evidence: &'static str,
    /// How much of the logs the rows are of: what lies beyond is new.
    pub sizes: Sizes,
    pub rows: Vec<Row>,
    /// Why there are none.
    pub notice: Option<Notice>,
    /// What was searched.
    pub searched: Option<String>,
    /// The query as it stands in the form.
    pub query: Query,
    /// Whether any filter is set.
    pub filtered: bool,
    /// Categories to choose from.
    pub categories: Vec<Choice>,
    /// Least severities.
    pub severities: Vec<Choice>,
    pub engines: Vec<Choice>,
    /// Switches between headlines and all entries.
    pub switch: String,
    /// Clears every filter.
    pub clear: String,
    /// The page of older rows.
    pub older: Option<String>,
    /// The newest page with the same filters.
    pub newest: String,
    /// Whether this is another page.
    pub is_older: bool,
}

fn choices(known: impl Iterator<Item = (String, String)>, chosen: &str) -> Vec<Choice> {
    known.map(|(value, text)| Choice { chosen: value == chosen, value, text }).collect()
}

/// The section: `found` is what a search with `query` answered.
pub fn of(scene: &Scene, query: &Query, found: &Found) -> Timeline {
    let filtered = query.filter().map_or(true, |filter| !filter.is_open());
    let first = found.first();
    let number = |n| usize::try_from(n).unwrap_or(usize::MAX);
    let rows: Vec<_> = (first..).zip(&found.rows).map(|(n, row)| Row::of(row, number(n))).collect();
    let unread = Notice::of(scene, Service::Governance);
    let notice = unread
        .clone()
        .or_else(|| found.failed.as_ref().map(|why| Notice::new("failed", format!("The search failed: {why}."))))
        .or_else(|| rows.is_empty().then(|| found.empty(filtered, query.is_all())));
    let known = scene.snapshot.governance.is_some();
    let count = match (known, &found.failed) {
        (false, _) => unread.as_ref().map_or_else(|| "Awaiting first sync".to_owned(), Notice::label),
        (true, Some(_)) => "Not searched".to_owned(),
        (true, None) => found.count(filtered),
    };
    let next_n = (first + rows.len() as u64).to_string();
    let older = found.next.as_ref().map(|cursor| query.with(&[("before", cursor), ("n", &next_n)]));
    let engines = scene.names().engines.iter().map(|(id, name)| (id.to_string(), name.clone()));
    Timeline {
        panel: Panel::of(scene, Service::Governance),
        count,
        evidence: if known { "#events" } else { "" },
        sizes: found.sizes,
        rows: if notice.is_some() { vec![] } else { rows },
        notice,
        searched: found.searched().filter(|_| known && found.failed.is_none()),
        filtered,
        categories: choices(
            Category::ALL.iter().map(|known| (known.word().to_owned(), known.title().to_owned())),
            &query.category,
        ),
        severities: choices(
            Severity::ALL.iter().map(|known| (known.word().to_owned(), known.title().to_owned())),
            &query.severity,
        ),
        engines: choices(engines, &query.of),
        switch: query.with(&[("all", if query.is_all() { "" } else { "1" }), ("before", ""), ("n", "")]),
        clear: link::query("/", &[("engine", &query.engine), ("all", &query.all)]),
        older,
        newest: query.newest(),
        is_older: !query.before.is_empty(),
        query: query.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ChangeId;

    fn row() -> EntryRow {
        EntryRow {
            log: "control".to_owned(),
            index: 4,
            effect: 0,
            at: "2026-03-08T18:18:30.000Z".parse().unwrap(),
            headline: true,
            category: Category::Rollback,
            severity: Severity::Medium,
            title: "Rollback package staged for POD Engine Bravo".to_owned(),
            sentence: "The last certified bundle remains.".to_owned(),
            actor: "Governance Operator 2".to_owned(),
            change: Some(ChangeId([1; 16])),
            refused: None,
            tags: vec![],
        }
    }

    fn passes(query: Query) -> bool {
        query.filter().unwrap().passes(&row(), |_| Some(EngineId([2; 16])))
    }

    #[test]
    fn the_newest_page_begins_at_one_whatever_its_address_says() {
        let query = |before: &str, n: &str| Query { before: before.to_owned(), n: n.to_owned(), ..Query::default() };
        for n in ["", "0", "x", "4000"] {
            assert_eq!(query("", n).first(), 1, "{n}");
        }
        assert_eq!([query("cursor", "51").first(), query("cursor", "x").first()], [51, 1]);
    }

    #[test]
    fn each_filter_holds_back_what_it_does_not_name() {
        let query = Query::default;
        assert!(query().filter().unwrap().is_open() && passes(query()));
        let text = |text: &str| text.to_owned();
        let engine = EngineId([2; 16]).to_string();
        for good in [
            Query { category: text("rollback"), ..query() },
            Query { severity: text("low"), ..query() },
            Query { of: engine, ..query() },
            Query { actor: text("operator 2"), ..query() },
            Query { q: text(" BRAVO "), ..query() },
            Query { q: text("certified"), ..query() },
            Query { from: text("2026-03-08T14:18"), to: text("2026-03-08T14:18"), ..query() },
        ] {
            assert!(passes(good.clone()), "{good:?}");
        }
        for bad in [
            Query { category: text("quota"), ..query() },
            Query { severity: text("high"), ..query() },
            Query { of: EngineId([3; 16]).to_string(), ..query() },
            Query { actor: text("finance"), ..query() },
            Query { q: text("alpha"), ..query() },
            Query { from: text("2026-03-08T14:19"), ..query() },
            Query { to: text("2026-03-08T14:17"), ..query() },
        ] {
            assert!(!passes(bad.clone()), "{bad:?}");
        }
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_named() {
        let bad = Query { severity: "loud".to_owned(), ..Query::default() };
        assert!(bad.filter().unwrap_err().contains("severity"));
        let bad = Query { from: "noon".to_owned(), ..Query::default() };
        assert!(bad.filter().unwrap_err().contains("from"));
    }

    #[test]
    fn the_whole_query_stands_in_the_address_of_the_next_page() {
        let query = Query { q: "dns drift".to_owned(), all: "1".to_owned(), ..Query::default() };
        assert_eq!(query.with(&[("before", "1.2"), ("n", "51")]), "/?q=dns%20drift&all=1&before=1.2&n=51");
    }
}
