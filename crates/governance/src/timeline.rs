//! The timeline: rows of both logs in one order, and what ids are called. Derived from the
//! ledgers, kept in memory, caught up before each reading.

mod newest;

use crate::cursor::{Cursor, Key};
use crate::log_name::LogName;
use crate::record_names::RecordedNames;
use control::ReadScope;
use ledger::{Entry, Log};
use model::{Category, ChangeId, Instant, Severity, TenantId};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use view::Names;

/// A row's place and what it is filtered by.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) at: Instant,
    pub(crate) log: LogName,
    pub(crate) index: u64,
    pub(crate) effect: u32,
    headline: bool,
    category: Category,
    severity: Severity,
    change: Option<ChangeId>,
    /// Tenants its entry concerns.
    pub(crate) tags: Vec<TenantId>,
    /// Headlines of this log up to and with this row.
    headlines: u64,
}

/// What of the timeline is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    pub(crate) before: Option<Cursor>,
    pub(crate) all: bool,
    pub(crate) limit: usize,
    pub(crate) change: Option<ChangeId>,
    pub(crate) category: Option<Category>,
    /// This one or a higher one.
    pub(crate) severity: Option<Severity>,
    /// Recorded at this instant or later.
    pub(crate) from: Option<Instant>,
    /// Recorded before this instant.
    pub(crate) to: Option<Instant>,
    /// Decided here: rows of the control log.
    pub(crate) decided: bool,
    /// One of these changes.
    pub(crate) changes: Option<BTreeSet<ChangeId>>,
    /// Rows that may be seen: others are neither given nor counted.
    pub(crate) sight: ReadScope,
}

/// How much there is of what is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Headlines that pass the filters.
    pub(crate) headlines: u64,
    /// Rows that pass the filters.
    pub(crate) total: u64,
    /// Rows asked for that earlier pages gave: those not behind the cursor.
    pub(crate) newer: u64,
}

/// Rows, newest first, of a view pinned to a pair of sizes.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Row>,
    pub(crate) next: Option<Cursor>,
    pub(crate) control_size: u64,
    pub(crate) events_size: u64,
}

#[derive(Default)]
struct Known {
    size: u64,
    rows: Vec<Row>,
}

#[derive(Default)]
struct Inner {
    names: RecordedNames,
    control: Known,
    events: Known,
}

/// Names and rows.
#[derive(Default)]
pub(crate) struct Timeline(RwLock<Inner>);

impl Row {
    pub(crate) fn key(&self) -> Key {
        (self.at, self.log, self.index, self.effect)
    }
}

impl Ask {
    fn wants(&self, row: &Row) -> bool {
        (self.all || row.headline) && self.filters(row)
    }

    fn is_open(&self) -> bool {
        self.sight == ReadScope::Everything
            && self.change.is_none()
            && !self.decided
            && self.category.is_none()
            && self.severity.is_none()
            && self.from.is_none()
            && self.to.is_none()
            && self.changes.is_none()
    }

    fn filters(&self, row: &Row) -> bool {
        self.sight.covers(&row.tags)
            && (!self.decided || row.log == LogName::Control)
            && self.change.is_none_or(|change| row.change == Some(change))
            && self.category.is_none_or(|category| row.category == category)
            && self.severity.is_none_or(|severity| row.severity >= severity)
            && self.from.is_none_or(|from| row.at >= from)
            && self.to.is_none_or(|to| row.at < to)
            && self.changes.as_ref().is_none_or(|known| row.change.is_some_and(|change| known.contains(&change)))
    }
}

impl Known {
    fn push(&mut self, mut row: Row) {
        let before = self.rows.last().map_or(0, |row| row.headlines);
        row.headlines = before + u64::from(row.headline);
        self.rows.push(row);
    }

    /// The rows of the first `size` entries.
    fn pinned(&self, size: u64) -> &[Row] {
        &self.rows[..self.rows.partition_point(|row| row.index < size)]
    }

    /// Reads what is new in a log, in batches.
    fn read(&mut self, log: &Log, mut fold: impl FnMut(&mut Self, u64, Entry)) {
        loop {
            let entries = match log.entries(self.size..u64::MAX) {
                Ok(entries) if entries.is_empty() => return,
                Ok(entries) => entries,
                Err(error) => {
                    tracing::error!(%error, index = self.size, "governance: the timeline cannot read on");
                    return;
                }
            };
            for entry in entries {
                let index = self.size;
                fold(self, index, entry);
                self.size = index + 1;
            }
        }
    }
}

/// Whether an event is shown by default: what only informs is among all entries.
pub(crate) fn is_headline(severity: Severity) -> bool {
    severity > Severity::Info
}

impl Timeline {
    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What ids are called.
    pub(crate) fn names(&self) -> Arc<Names> {
        self.read().names.names()
    }

    /// How much there is of what is asked for, in a view pinned to these sizes. With a filter it looks
    /// at every row: once for an answer, however many pages it takes.
    pub(crate) fn count(&self, ask: &Ask, control_size: u64, events_size: u64) -> Counts {
        let inner = self.read();
        let logs = [inner.control.pinned(control_size), inner.events.pinned(events_size)];
        let is_newer = |row: &Row| ask.before.is_some_and(|cursor| row.key() >= cursor.last);
        if ask.is_open() {
            let headlines = |rows: &[Row]| rows.last().map_or(0, |row| row.headlines);
            let of = |rows: &[Row]| if ask.all { rows.len() as u64 } else { headlines(rows) };
            return logs.iter().fold(Counts::default(), |counts, rows| Counts {
                headlines: counts.headlines + headlines(rows),
                total: counts.total + rows.len() as u64,
                newer: counts.newer + of(rows) - of(&rows[..rows.partition_point(|row| !is_newer(row))]),
            });
        }
        let found = logs.into_iter().flatten().filter(|row| ask.filters(row));
        found.fold(Counts::default(), |counts, row| Counts {
            headlines: counts.headlines + u64::from(row.headline),
            total: counts.total + 1,
            newer: counts.newer + u64::from(ask.wants(row) && is_newer(row)),
        })
    }

    /// A page; none when its cursor lies beyond what there is.
    pub(crate) fn page(&self, ask: &Ask) -> Option<Page> {
        let inner = self.read();
        let (now_control, now_events) = (inner.control.size, inner.events.size);
        let pinned = ask.before.map_or((now_control, now_events), |cursor| (cursor.control_size, cursor.events_size));
        if pinned.0 > now_control || pinned.1 > now_events {
            return None;
        }
        let (control, events) = (inner.control.pinned(pinned.0), inner.events.pinned(pinned.1));
        let before = |rows: &'_ [Row]| match ask.before {
            Some(cursor) => rows.partition_point(|row| row.key() < cursor.last),
            None => rows.len(),
        };
        let mut control = control[..before(control)].iter().rev().filter(|row| ask.wants(row)).peekable();
        let mut events = events[..before(events)].iter().rev().filter(|row| ask.wants(row)).peekable();
        let mut rows = Vec::with_capacity(ask.limit.min(1_024));
        let mut more = false;
        loop {
            let from_control = match (control.peek(), events.peek()) {
                (None, None) => break,
                (Some(one), Some(other)) => one.key() > other.key(),
                (one, _) => one.is_some(),
            };
            if rows.len() == ask.limit {
                more = true;
                break;
            }
            rows.extend(if from_control { control.next() } else { events.next() }.cloned());
        }
        let next = rows.last().filter(|_| more).map(|row: &Row| Cursor {
            control_size: pinned.0,
            events_size: pinned.1,
            last: row.key(),
        });
        Some(Page { rows, next, control_size: pinned.0, events_size: pinned.1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENANT: TenantId = TenantId([1; 16]);

    fn filled(spec: &[(bool, u8, bool)]) -> Timeline {
        let mut inner = Inner::default();
        let mut at = 0;
        for (events, step, headline) in spec {
            at += i64::from(*step);
            let known = if *events { &mut inner.events } else { &mut inner.control };
            let index = known.size;
            known.push(Row {
                at: Instant::from_millis(at),
                log: if *events { LogName::Events } else { LogName::Control },
                index,
                effect: 0,
                headline: *headline,
                category: if *headline { Category::Rollback } else { Category::Service },
                severity: if *headline { Severity::High } else { Severity::Info },
                change: headline.then_some(ChangeId([7; 16])),
                tags: if *headline { vec![TENANT] } else { vec![] },
                headlines: 0,
            });
            known.size += 1;
        }
        Timeline(RwLock::new(inner))
    }

    fn ask() -> Ask {
        Ask { all: true, limit: 3, sight: ReadScope::Everything, ..Ask::default() }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn pages_give_every_row_once_in_order_whatever_is_recorded_meanwhile(
            spec in proptest::collection::vec((any::<bool>(), 0..3_u8, any::<bool>()), 0..30),
            later in proptest::collection::vec((any::<bool>(), 0..3_u8, any::<bool>()), 0..10),
            all: bool, limit in 1..5_usize,
        ) {
            let timeline = filled(&spec);
            let mut ask = Ask { all, limit, ..ask() };
            let mut page = timeline.page(&ask).unwrap();
            let mut keys: Vec<Key> = page.rows.iter().map(Row::key).collect();
            let grown = filled(&[spec.clone(), later].concat());
            while let Some(next) = page.next {
                ask.before = Some(next.to_string().parse().unwrap());
                page = grown.page(&ask).unwrap();
                let counts = grown.count(&ask, page.control_size, page.events_size);
                prop_assert_eq!((counts.total, counts.newer), (spec.len() as u64, keys.len() as u64));
                let filtered = Ask { from: Some(Instant::EPOCH), ..ask.clone() };
                prop_assert_eq!(grown.count(&filtered, page.control_size, page.events_size), counts);
                keys.extend(page.rows.iter().map(Row::key));
            }
            prop_assert!(keys.windows(2).all(|pair| pair[0] > pair[1]));
            let wanted = spec.iter().filter(|(_, _, headline)| all || *headline).count();
            prop_assert_eq!(keys.len(), wanted);
        }
    }

    #[test]
    fn counts_are_of_what_is_asked_for() {
        let timeline = filled(&[(false, 1, true), (true, 1, false), (false, 1, false), (true, 0, true)]);
        let counts = |ask: Ask| {
            let page = timeline.page(&ask).unwrap();
            let counts = timeline.count(&ask, page.control_size, page.events_size);
            assert_eq!(counts.newer, 0, "this page is the first");
            (counts.headlines, counts.total, page.rows.len())
        };
        assert_eq!(counts(Ask { all: false, ..ask() }), (2, 4, 2));
        assert_eq!(counts(Ask { category: Some(Category::Service), ..ask() }), (0, 2, 2));
        let at = |ms| Some(Instant::from_millis(ms));
        assert_eq!(counts(Ask { severity: Some(Severity::Low), ..ask() }), (2, 2, 2));
        assert_eq!(counts(Ask { from: at(2), ..ask() }), (1, 3, 3));
        assert_eq!(counts(Ask { to: at(2), ..ask() }), (1, 1, 1));
        assert_eq!(counts(Ask { changes: Some(BTreeSet::from([ChangeId([7; 16])])), ..ask() }), (2, 2, 2));
        assert_eq!(counts(Ask { changes: Some(BTreeSet::new()), ..ask() }), (0, 0, 0));
        assert_eq!(counts(Ask { decided: true, ..ask() }), (1, 2, 2), "what other systems reported is left out");
        let none_of = ReadScope::Tenants([TenantId([2; 16])].into());
        assert_eq!(counts(Ask { sight: none_of.clone(), ..ask() }), (0, 2, 2), "another tenant's rows are not counted");
        assert_eq!(counts(Ask { sight: none_of, all: false, ..ask() }), (0, 2, 0));
        assert_eq!(counts(Ask { sight: ReadScope::Tenants([TENANT].into()), ..ask() }), (2, 4, 3));
        assert_eq!(counts(Ask { sight: ReadScope::Nothing, ..ask() }), (0, 0, 0));
        let beyond = Cursor { control_size: 3, events_size: 2, last: (Instant::EPOCH, LogName::Control, 0, 0) };
        assert!(timeline.page(&Ask { before: Some(beyond), ..ask() }).is_none());
    }
}
