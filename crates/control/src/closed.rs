//! A change that has ended: the little that is still asked about it. Its whole record is kept by who
//! shows it, so that what is decided next costs no more for every change that ever was.

use crate::event::About;
use crate::warrant::Warrant;
use crate::{Change, Committed, Named, Subject};
use model::{ChangeId, KindName, NodeId, Nonce, Service, Status};
use serde::{Deserialize, Serialize};

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
    pub(crate) fn complete(&self, change: &mut Change) {
        for (progress, closed) in change.steps.iter_mut().zip(&self.steps) {
            if closed.intent.is_none() {
                progress.intent = None;
            }
            progress.ended = closed.ended;
        }
        change.last = self.last;
    }
}
