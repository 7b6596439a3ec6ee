//! What a search found, and what may be said of how much there is.

use crate::page::panel::Notice;
use crate::sizes::Sizes;
use view::EntryRow;

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Rows, newest first.
    pub rows: Vec<EntryRow>,
    /// How many pass the filters but for words; none: not known.
    pub total: Option<u64>,
    /// The same among all entries; none: not known.
    pub entries: Option<u64>,
    /// How many of `total` are newer than what was looked at.
    pub newer: u64,
    /// How many were looked at.
    pub looked_at: u64,
    /// Where words were looked for: number of the first row among those that have them.
    pub worded: Option<u64>,
    /// How many rows the snapshot holds, where nobody else was there to be asked.
    pub kept: Option<u64>,
    /// How much of the logs the rows are of.
    pub sizes: Sizes,
    /// Where to read on.
    pub next: Option<String>,
    /// Why it could not be searched.
    pub failed: Option<String>,
}

/// `1 event`, `2 events`.
fn events(n: u64) -> String {
    format!("{n} {}", if n == 1 { "event" } else { "events" })
}

impl Found {
    /// Number of the first row, from 1.
    pub fn first(&self) -> u64 {
        self.worded.unwrap_or(self.newer + 1)
    }

    /// Whether nothing older was left out.
    fn is_complete(&self) -> bool {
        self.next.is_none() && self.kept.is_none_or(|kept| self.total == Some(kept))
    }

    /// `1–50`, or which one.
    fn range(&self) -> String {
        let (first, last) = (self.first(), self.first() + (self.rows.len() as u64).saturating_sub(1));
        if first == last { first.to_string() } else { format!("{first}\u{2013}{last}") }
    }

    /// How many there are, and which of them these are: `6 Events`, `245 events, 1–50`.
    pub fn count(&self, filtered: bool) -> String {
        let whole = self.first() == 1 && self.is_complete();
        let found = self.rows.len() as u64;
        // What of a part passes a filter says nothing of the whole.
        let total = self.total.filter(|_| self.worded.is_none() && (self.kept.is_none() || !filtered));
        match total {
            // The page's own word for all there is, whatever the number.
            Some(total) if !filtered && (whole || found == 0) => format!("{total} Events"),
            Some(total) if !filtered => format!("{total} Events, {}", self.range()),
            Some(total) if whole || found == 0 => events(total),
            Some(total) => format!("{}, {}", events(total), self.range()),
            None if whole => events(found),
            None if found == 0 => "None found".to_owned(),
            None if self.kept.is_some() => format!("{} of the snapshot", self.range()),
            None => format!("{} found so far", self.range()),
        }
    }

    /// What was looked at, where that is not all there is.
    pub fn searched(&self) -> Option<String> {
        let total = self.total.map_or_else(|| "more".to_owned(), |total| total.to_string());
        match (self.kept, self.worded) {
            (Some(_), _) if self.total == self.kept => None,
            (Some(kept), _) => Some(format!(
                "Governance is offline: the snapshot holds the newest {kept} events of {total}, and only those are here."
            )),
            (None, None) => None,
            (None, Some(_)) if self.is_complete() && self.newer == 0 => {
                Some(format!("Looked for these words in all {}.", events(self.looked_at)))
            }
            (None, Some(_)) => {
                let (from, to) = (self.newer + 1, self.newer + self.looked_at);
                let rest = if self.is_complete() { "" } else { " Older ones were not searched: go on with Older." };
                Some(format!("Looked for these words in events {from} to {to} of {total}.{rest}"))
            }
        }
    }

    /// Why there is no row. `all`: among all entries, not headlines only.
    pub fn empty(&self, filtered: bool, all: bool) -> Notice {
        if !self.is_complete() {
            return Notice::new("not-searched", "No match in what was searched; the rest was not searched.");
        }
        let entries = self.entries.filter(|entries| *entries > 0 && !all && self.total == Some(0));
        let text = match (entries, filtered) {
            (Some(entries), _) => format!("0 headlines, {entries} among all entries: see All entries."),
            // Where words are looked for nobody has counted: the rest is where it is, and is named.
            (None, true) if !all && self.entries.is_none() => {
                "No headline matches these filters: for the rest see All entries.".to_owned()
            }
            (None, true) => "No event matches these filters.".to_owned(),
            (None, false) if self.newer > 0 => "There is no older event.".to_owned(),
            (None, false) => "No event has been recorded yet.".to_owned(),
        };
        Notice::new("empty", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Category, Instant, Severity};

    fn found(rows: usize) -> Found {
        let row = EntryRow {
            log: "control".to_owned(),
            index: 4,
            effect: 0,
            at: Instant::EPOCH,
            headline: true,
            category: Category::Rollback,
            severity: Severity::Medium,
            title: String::new(),
            sentence: String::new(),
            actor: String::new(),
            change: None,
            refused: None,
            tags: vec![],
        };
        Found { rows: vec![row; rows], looked_at: rows as u64, ..Found::default() }
    }

    fn next() -> String {
        "1.2".to_owned()
    }

    #[test]
    fn a_filter_says_how_many_pass_it_and_which_of_them_these_are() {
        let page = |total, newer, rows, next| Found { total: Some(total), newer, next, ..found(rows) };
        for (found, filtered, text) in [
            (page(245, 0, 50, Some(next())), true, "245 events, 1\u{2013}50"),
            (page(245, 200, 45, None), true, "245 events, 201\u{2013}245"),
            (page(51, 50, 1, None), true, "51 events, 51"),
            (page(3, 0, 3, None), true, "3 events"),
            (page(1, 0, 1, None), true, "1 event"),
            (page(0, 0, 0, None), true, "0 events"),
            (page(6, 0, 6, None), false, "6 Events"),
            (page(245, 0, 50, Some(next())), false, "245 Events, 1\u{2013}50"),
        ] {
            assert_eq!(found.count(filtered), text);
            assert_eq!(found.searched(), None, "{text}: nothing was left out");
        }
    }

    #[test]
    fn of_words_it_says_how_far_they_were_looked_for() {
        let search = |worded, newer, looked_at, rows, next| Found {
            worded: Some(worded),
            total: Some(12_000),
            newer,
            looked_at,
            next,
            ..found(rows)
        };
        let first = search(1, 0, 5_000, 50, Some(next()));
        assert_eq!(first.count(true), "1\u{2013}50 found so far");
        assert!(first.searched().unwrap().starts_with("Looked for these words in events 1 to 5000 of 12000. Older"));
        let last = search(51, 5_000, 7_000, 7, None);
        assert_eq!(last.count(true), "51\u{2013}57 found so far");
        assert_eq!(last.searched().unwrap(), "Looked for these words in events 5001 to 12000 of 12000.");
        let whole = search(1, 0, 12_000, 7, None);
        assert_eq!(
            (whole.count(true), whole.searched().unwrap().ends_with("in all 12000 events.")),
            ("7 events".to_owned(), true)
        );
        let none = search(1, 0, 5_000, 0, Some(next()));
        assert_eq!((none.count(true), none.empty(true, true).kind), ("None found".to_owned(), "not-searched"));
    }

    #[test]
    fn a_snapshot_that_holds_a_part_does_not_speak_for_the_whole() {
        let kept = |total, rows, next| Found { total, kept: Some(500), next, ..found(rows) };
        assert_eq!(kept(Some(1_234), 12, None).count(true), "1\u{2013}12 of the snapshot");
        assert!(kept(Some(1_234), 12, None).searched().unwrap().contains("newest 500 events of 1234"));
        assert_eq!(kept(Some(1_234), 50, Some(next())).count(false), "1234 Events, 1\u{2013}50");
        assert_eq!(kept(Some(500), 12, None).count(true), "12 events");
        assert_eq!(kept(None, 0, None).empty(false, true).kind, "not-searched");
        assert!(kept(None, 12, None).searched().unwrap().contains("newest 500 events of more"));
    }

    #[test]
    fn where_no_headline_is_it_says_what_all_entries_hold() {
        let none = Found { total: Some(0), entries: Some(2), ..found(0) };
        assert_eq!(none.empty(true, false).text, "0 headlines, 2 among all entries: see All entries.");
        let none = Found { total: Some(0), entries: Some(0), ..found(0) };
        assert_eq!(none.empty(true, false).text, "No event matches these filters.");
        let worded = Found { total: Some(9), entries: None, looked_at: 9, ..found(0) };
        assert_eq!(worded.empty(true, false).text, "No headline matches these filters: for the rest see All entries.");
        assert_eq!(worded.empty(true, true).text, "No event matches these filters.");
        assert_eq!(none.empty(false, true).text, "No event has been recorded yet.");
    }
}
