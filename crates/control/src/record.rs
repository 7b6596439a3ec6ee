//! The record of a change, whether or not it has ended.

use crate::{Change, Closed, State, Subject};
use model::{ChangeId, EngineId, Instant, KindName, Status};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Where the records of changes that have ended are kept.
pub trait EndedChanges {
    /// The record of a change as it was when it ended; none: it is not kept here.
    fn record(&self, id: &ChangeId) -> Option<Change>;
}

/// Keeps them in memory.
impl EndedChanges for BTreeMap<ChangeId, Change> {
    fn record(&self, id: &ChangeId) -> Option<Change> {
        self.get(id).cloned()
    }
}

/// Keeps none.
impl EndedChanges for () {
    fn record(&self, _: &ChangeId) -> Option<Change> {
        None
    }
}

/// Why there is no record of a change to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRecord {
    /// There is no such change.
    #[error("there is no such change")]
    Unknown,
    /// It has ended, and what is kept of it here is missing or damaged.
    #[error("the change has ended, and the record of it that was kept here is missing or damaged")]
    Lost,
}

impl State {
    /// A change, whether or not it has ended.
    ///
    /// # Errors
    /// When there is none, or no record of it.
    pub fn record<'a>(&'a self, kept: &dyn EndedChanges, id: &ChangeId) -> Result<Cow<'a, Change>, NoRecord> {
        if let Some(change) = self.changes.get(id) {
            return Ok(Cow::Borrowed(change));
        }
        let closed = self.closed.get(id).ok_or(NoRecord::Unknown)?;
        // One that was kept of another ledger, or of another end, is not this change's.
        let is_ours = |change: &Change| change.package.ledger == self.ledger && closed.is_of(change);
        let mut change = kept.record(id).filter(is_ours).ok_or(NoRecord::Lost)?;
        closed.complete(&mut change);
        Ok(Cow::Owned(change))
    }

    /// Whom and what a change concerns, whether or not it has ended; none: there is no such change.
    pub fn subject(&self, id: &ChangeId) -> Option<&Subject> {
        let open = self.changes.get(id).map(|change| &change.subject);
        open.or_else(|| self.closed.get(id).map(|closed| &closed.subject))
    }

    /// The kind of a change, whether or not it has ended.
    pub fn kind_of(&self, id: &ChangeId) -> Option<KindName> {
        let open = self.changes.get(id).map(|change| change.kind);
        open.or_else(|| self.closed.get(id).map(|closed| closed.kind))
    }

    /// Where a change stands, whether or not it has ended.
    pub fn status_of(&self, id: &ChangeId, now: Instant) -> Option<Status> {
        let open = self.changes.get(id).map(|change| change.status_at(self, now));
        open.or_else(|| self.closed.get(id).map(|closed| closed.status))
    }

    /// Changes that have ended, the last to end first; of those before a leaf, where one is named.
    pub fn ended_before(&self, leaf: Option<u64>) -> impl Iterator<Item = (&ChangeId, &Closed)> {
        let end = (leaf.unwrap_or(u64::MAX), ChangeId([0; 16]));
        let ids = self.closed_by_end.range(..end).rev().map(|((_, id), ())| id);
        ids.filter_map(|id| Some((id, self.closed.get(id)?)))
    }

    /// The same of one engine.
    pub fn ended_on(&self, engine: &EngineId) -> impl Iterator<Item = (&ChangeId, &Closed)> {
        let (first, last) = (ChangeId([0; 16]), ChangeId([u8::MAX; 16]));
        let ids = self.closed_on.range((*engine, 0, first)..=(*engine, u64::MAX, last)).rev().map(|((.., id), ())| id);
        ids.filter_map(|id| Some((id, self.closed.get(id)?)))
    }

    /// All changes there are.
    pub fn change_ids(&self) -> impl Iterator<Item = ChangeId> {
        self.changes.keys().chain(self.closed.keys()).copied()
    }
}
