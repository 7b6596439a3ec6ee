//! The last good data of each source, dated, in memory and on disk.

mod file;
mod narrow;
mod observed;

pub use file::Kept;
pub use observed::{ArtifactHeld, BindingsSeen, EngineSeen, EnginesSeen, Inventory, Rehashed, ReleaseSeen, SideSeen};

use crate::sizes::Sizes;
use crate::sources::Health;
use model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use view::{EntryRow, LeaseUse, Names};
use wire::LedgerInfo;

/// A refresh is missed when data is older than this, milliseconds: 30 s and its own duration.
pub const REFRESH_MS: i64 = 35_000;
/// Snapshots older than this are dropped, milliseconds (7 days).
pub const KEEP_MS: i64 = 7 * 24 * 3_600_000;
/// Most timeline rows that are kept.
pub const ROWS_MAX: usize = 500;

/// Data with the time it was good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated<T> {
    /// When it was read.
    pub at: Instant,
    /// What was read.
    pub data: T,
}

/// Rows, newest first, with where to read on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_field_names, reason = "the rows of these rows; the file on disk calls them so")]
pub struct Rows {
    /// The newest rows.
    pub rows: Vec<EntryRow>,
    /// Cursor behind the first page of them, as Governance gave it.
    #[serde(default)]
    pub next: Option<String>,
    /// How much of the logs they are of.
    #[serde(default)]
    pub sizes: Sizes,
    /// From these entries on they are all there are.
    #[serde(default)]
    pub from: Sizes,
}

/// What Governance said: texts and rows. Decided facts are not here: they are in the fold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GovernanceData {
    pub ledger: LedgerInfo,
    /// What ids are called.
    pub names: Names,
    /// The newest headlines.
    pub headlines: Rows,
    /// The newest rows of all entries.
    pub all: Rows,
    pub headlines_total: u64,
    pub rows_total: u64,
}

/// The last good data of each source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    #[serde(default)]
    pub governance: Option<Dated<GovernanceData>>,
    /// Platform Services: artifacts held.
    #[serde(default)]
    pub platform: Option<Dated<Vec<ArtifactHeld>>>,
    /// Platform Services: what is used of AI leases. It is asked apart from the rest, so it has a date of its own.
    #[serde(default)]
    pub leases: Option<Dated<Vec<LeaseUse>>>,
    /// Whether older leases were left off of that.
    #[serde(default)]
    pub leases_left_off: bool,
    /// Whether the last of that rested on less of the lease journal than the ledger has recorded: nothing of it is kept then.
    #[serde(default)]
    pub leases_disbelieved: bool,
    /// Node Runtime.
    #[serde(default)]
    pub node: Option<Dated<Inventory>>,
    /// Engine Runtime.
    #[serde(default)]
    pub engine: Option<Dated<EnginesSeen>>,
    /// Integration Control.
    #[serde(default)]
    pub integration: Option<Dated<BindingsSeen>>,
}

impl Snapshot {
    /// Drops what is too old to be shown to anybody.
    pub fn expire(&mut self, now: Instant) {
        fn old<T>(dated: &mut Option<Dated<T>>, now: Instant) {
            if dated.as_ref().is_some_and(|dated| now.millis_since(dated.at) > KEEP_MS) {
                *dated = None;
            }
        }
        old(&mut self.governance, now);
        old(&mut self.platform, now);
        old(&mut self.leases, now);
        old(&mut self.node, now);
        old(&mut self.engine, now);
        old(&mut self.integration, now);
    }

    /// When a source's data was good.
    pub fn at(&self, service: model::Service) -> Option<Instant> {
        use model::Service::{Engine, Governance, Integration, Node, Platform};
        match service {
            Governance => self.governance.as_ref().map(|dated| dated.at),
            Platform => self.platform.as_ref().map(|dated| dated.at),
            Node => self.node.as_ref().map(|dated| dated.at),
            Engine => self.engine.as_ref().map(|dated| dated.at),
            Integration => self.integration.as_ref().map(|dated| dated.at),
        }
    }
}

impl GovernanceData {
    /// All entries, or headlines only, and how many there are.
    pub fn rows(&self, all: bool) -> (&Rows, u64) {
        if all { (&self.all, self.rows_total) } else { (&self.headlines, self.headlines_total) }
    }
}

impl Rows {
    /// Notes how far down they reach, of `total` rows in logs of these sizes.
    pub fn measure(&mut self, sizes: Sizes, total: u64) {
        self.sizes = sizes;
        self.from = Sizes::default();
        if (self.rows.len() as u64) < total {
            // Another row of the last entry may be missing. Of a log that has no row here, every row is older than these.
            let last = |log: &str, size| self.rows.iter().rfind(|row| row.log == log).map_or(size, |row| row.index + 1);
            self.from = Sizes { control: last("control", sizes.control), events: last("events", sizes.events) };
        }
    }

    /// Newer rows before these; a gap between them drops the older ones, so that what is kept is
    /// always one unbroken piece of the timeline.
    pub fn renew(&mut self, page: Vec<EntryRow>, next: Option<String>) {
        let key = |row: &EntryRow| (row.log.clone(), row.index, row.effect);
        let fresh: BTreeSet<_> = page.iter().map(key).collect();
        let joined = next.is_none() || self.rows.iter().any(|row| fresh.contains(&key(row)));
        let old = std::mem::take(&mut self.rows);
        self.rows = page;
        if joined {
            self.rows.extend(old.into_iter().filter(|row| !fresh.contains(&key(row))));
        }
        self.rows.truncate(ROWS_MAX);
        self.next = next;
    }
}

/// What a panel's data is, and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Nothing read yet, and nobody has refused to answer.
    Loading,
    /// From this refresh.
    Live(Instant),
    /// A refresh was missed.
    Stale(Instant),
    /// The source is offline: the last good snapshot.
    Fallback(Instant),
    /// The source is offline and there is no snapshot.
    Unavailable,
}

impl Freshness {
    /// Of a source's data.
    pub fn of(health: Health, at: Option<Instant>, now: Instant) -> Self {
        match (health, at) {
            (Health::Offline, None) => Self::Unavailable,
            (_, None) => Self::Loading,
            (Health::Offline, Some(at)) => Self::Fallback(at),
            // Until the first probe nobody knows whether it would still be so.
            (Health::Awaiting, Some(at)) => Self::Stale(at),
            (_, Some(at)) if now.millis_since(at) > REFRESH_MS => Self::Stale(at),
            (_, Some(at)) => Self::Live(at),
        }
    }

    /// In a word, as `data-state` has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Live(_) => "live",
            Self::Stale(_) => "stale",
            Self::Fallback(_) => "fallback",
            Self::Unavailable => "unavailable",
        }
    }

    /// From when the data is.
    pub fn at(self) -> Option<Instant> {
        match self {
            Self::Live(at) | Self::Stale(at) | Self::Fallback(at) => Some(at),
            Self::Loading | Self::Unavailable => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Category, Severity};

    fn row(index: u64) -> EntryRow {
        EntryRow {
            log: "control".to_owned(),
            index,
            effect: 0,
            at: Instant::from_millis(1),
            headline: true,
            category: Category::Service,
            severity: Severity::Info,
            title: String::new(),
            sentence: String::new(),
            actor: String::new(),
            change: None,
            refused: None,
            tags: vec![],
        }
    }

    fn kept(rows: &Rows) -> Vec<u64> {
        rows.rows.iter().map(|row| row.index).collect()
    }

    #[test]
    fn data_is_loading_live_stale_fallback_or_unavailable() {
        let (at, later) = (Instant::from_millis(1_000), Instant::from_millis(1_001 + REFRESH_MS));
        let of = |health, at, now| Freshness::of(health, at, now);
        assert_eq!(of(Health::Awaiting, None, at), Freshness::Loading);
        assert_eq!(of(Health::Live, None, at), Freshness::Loading);
        assert_eq!(of(Health::Live, Some(at), at), Freshness::Live(at));
        assert_eq!(of(Health::Slow, Some(at), at), Freshness::Live(at));
        assert_eq!(of(Health::Live, Some(at), later), Freshness::Stale(at));
        assert_eq!(of(Health::Awaiting, Some(at), at), Freshness::Stale(at));
        assert_eq!(of(Health::Offline, Some(at), at), Freshness::Fallback(at));
        assert_eq!(of(Health::Offline, None, at), Freshness::Unavailable);
    }

    #[test]
    fn newer_rows_join_the_older_ones_or_replace_them_across_a_gap() {
        let mut rows = Rows { rows: vec![row(3), row(2), row(1)], ..Rows::default() };
        rows.renew(vec![row(5), row(4), row(3)], Some("cursor".to_owned()));
        assert_eq!(kept(&rows), [5, 4, 3, 2, 1]);
        rows.renew(vec![row(9), row(8)], Some("cursor".to_owned()));
        assert_eq!(kept(&rows), [9, 8], "what lies between was not read, so nothing older is shown");
        rows.renew((0..600).rev().map(row).collect(), None);
        assert_eq!(rows.rows.len(), ROWS_MAX);
        let sizes = Sizes { control: 600, events: 7 };
        rows.measure(sizes, 601);
        assert_eq!(rows.from, Sizes { control: 101, events: 7 });
        rows.measure(sizes, 500);
        assert_eq!(rows.from, Sizes::default(), "they are all there are");
    }

    #[test]
    fn what_is_older_than_seven_days_is_dropped() {
        let data = BindingsSeen::default();
        let mut snapshot =
            Snapshot { integration: Some(Dated { at: Instant::from_millis(0), data }), ..Snapshot::default() };
        snapshot.expire(Instant::from_millis(KEEP_MS));
        assert!(snapshot.integration.is_some());
        snapshot.expire(Instant::from_millis(KEEP_MS + 1));
        assert_eq!(snapshot, Snapshot::default());
    }
}
