//! A change that has ended: the little that is still asked about it. Its whole record is kept by who
//! shows it, so that what is decided next costs no more for every change that ever was.

use crate::event::About;
use crate::state::State;
use crate::warrant::Warrant;
use crate::{Change, Committed, Effect, Named, Subject};
use model::{ChangeId, EngineId, Instant, KindName, NodeId, Nonce, Service, Status};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How far a step had come when its change ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedStep {
    /// Whose it was.
    pub executor: (Service, Option<NodeId>),
    /// The intent whose outcome is still to come.
    pub intent: Option<Nonce>,
    /// The intent that had its outcome last: number and leaf of the outcome.
    pub ended: Option<(Nonce, u64)>,
}

/// A change that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub kind: KindName,
    /// How it ended.
    pub status: Status,
    /// Whom and what it concerned.
    pub subject: Subject,
    pub revision: u32,
    /// Leaf that opened its last revision.
    pub opened: u64,
    /// Leaf that sealed it, if one did.
    pub sealed: Option<u64>,
    /// Whether all its slots were filled once.
    pub approved: bool,
    /// Leaf after which it was over.
    pub ended: u64,
    /// What its title and its reason were committed to.
    pub named: Vec<(Named, Committed)>,
    /// That another system might have carried it out.
    pub warrant: Option<Warrant>,
    /// Its steps, as far as outcomes may still come.
    pub steps: Vec<ClosedStep>,
    /// Its last leaf: an outcome may come after its end.
    pub last: u64,
}

impl Closed {
    /// What is still asked about a change that has ended, with how it ended and after which leaf.
    pub(crate) fn of(change: &Change, status: Status, ended: u64) -> Self {
        let plan = change.plan.iter().flat_map(|plan| &plan.steps);
        let steps = plan.zip(&change.steps).map(|(step, progress)| ClosedStep {
            executor: step.action.executor(),
            intent: progress.intent.as_ref().map(|intent| intent.nonce),
            ended: progress.ended,
        });
        Self {
            kind: change.kind,
            status,
            subject: change.subject.clone(),
            revision: change.revision,
            opened: change.opened,
            sealed: change.sealed,
            approved: change.first_approved.is_some(),
            ended,
            named: change.package.named(),
            warrant: change.warrant.clone(),
            steps: steps.collect(),
            last: change.last,
        }
    }

    /// What the effects of what still comes are about.
    pub(crate) fn about(&self, id: ChangeId) -> About {
        About { change: id, kind: self.kind, engine: self.subject.engine, node: self.subject.node }
    }

    /// What came after its end, into the record of it.
    fn complete(&self, change: &mut Change) {
        for (progress, closed) in change.steps.iter_mut().zip(&self.steps) {
            if closed.intent.is_none() {
                progress.intent = None;
            }
            progress.ended = closed.ended;
        }
        change.last = self.last;
    }
}

/// Whether nothing that a leaf of now or later says is about more than its end: it grants nothing that
/// stands, and the time in which its warrant may be used is over.
fn is_over(state: &State, change: &Change, now: Instant) -> bool {
    let grants = state.grants.contains_key(&change.package.change);
    let warranted = change.warrant.as_ref().is_some_and(|warrant| now < warrant.until);
    change.status.is_ended() || (change.status == Status::Effective && !grants && !warranted)
}

/// Takes what is over after a leaf out of what is open; a leaf that changes nothing ends nothing. Gives
/// their whole records, which nothing here keeps.
pub(crate) fn close(state: &mut State, index: u64, effects: &[Effect], now: Instant) -> Vec<Change> {
    if effects.is_empty() {
        return vec![];
    }
    let mut touched: Vec<ChangeId> = effects.iter().filter_map(Effect::change).collect();
    while let Some((until, id)) = state.warrant_ends.first().map(|(key, ())| *key).filter(|(until, _)| *until <= now) {
        state.warrant_ends.remove(&(until, id));
        touched.push(id);
    }
    touched.sort_unstable();
    touched.dedup();
    let mut ended = vec![];
    for id in touched {
        let Some(change) = state.changes.get(&id).filter(|change| is_over(state, change, now)).cloned() else {
            continue;
        };
        state.changes.remove(&id);
        let closed = Closed::of(&change, change.status, index);
        state.closed_by_end.insert((index, id), ());
        state.closed_on.extend(closed.subject.engine.map(|engine| ((engine, index, id), ())));
        state.closed.insert(id, closed);
        ended.push(change);
    }
    ended
}

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
        let mut change = kept.record(id).ok_or(NoRecord::Lost)?;
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
