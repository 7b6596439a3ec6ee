//! A change that has ended: the little that is still asked about it. Its whole record is kept by who
//! shows it, so that what is decided next costs no more for every change that ever was.

use crate::event::About;
use crate::warrant::Warrant;
use crate::{Change, Committed, Named, Step, StepState, Subject};
use model::{ChangeId, Digest, KindName, NodeId, Nonce, Service, Status};
use serde::{Deserialize, Serialize};

/// What may still be heard of a step of a change that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedStep {
    /// Which of its steps.
    pub position: u32,
    /// Whose it was.
    pub executor: (Service, Option<NodeId>),
    /// The intent whose outcome is still to come.
    pub intent: Option<Nonce>,
    /// The intent that had its outcome last: number and leaf of the outcome.
    pub ended: Option<(Nonce, u64)>,
    /// The leaf of an outcome that came after the end.
    pub late_outcome: Option<u64>,
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
    /// Digest of its last package.
    pub package: Digest,
    /// Leaf that opened its last revision.
    pub opened: u64,
    /// Leaf that sealed it, if one did.
    pub sealed: Option<u64>,
    /// Whether all its slots were filled once.
    pub approved: bool,
    /// Its last leaf when it ended: the one that closed it.
    pub ended: u64,
    /// What its title and its reason were committed to.
    pub named: Vec<(Named, Committed)>,
    /// That another system might have carried it out.
    pub warrant: Option<Warrant>,
    /// Steps whose outcome is still to come, and the one that had its outcome last: it may be reported again.
    pub steps: Vec<ClosedStep>,
    /// Its last leaf: an outcome may come after its end.
    pub last: u64,
}

impl Closed {
    /// What is still asked about a change that has ended, with how it ended.
    pub(crate) fn of(change: &Change, status: Status) -> Self {
        let newest = change.steps.iter().filter_map(|step| step.ended.map(|(_, leaf)| leaf)).max();
        let plan = change.plan.iter().flat_map(|plan| &plan.steps);
        let step = |(position, (step, progress)): (u32, (&Step, &StepState))| {
            let last = progress.ended.is_some_and(|(_, leaf)| Some(leaf) == newest);
            (last || progress.intent.is_some()).then(|| ClosedStep {
                position,
                executor: step.action.executor(),
                intent: progress.intent.as_ref().map(|intent| intent.nonce),
                ended: progress.ended,
                late_outcome: progress.late_outcome,
            })
        };
        Self {
            kind: change.kind,
            status,
            subject: change.subject.clone(),
            revision: change.revision,
            package: change.package_digest,
            opened: change.opened,
            sealed: change.sealed,
            approved: change.first_approved.is_some(),
            ended: change.last,
            named: change.package.named(),
            warrant: change.warrant.clone(),
            steps: (0..).zip(plan.zip(&change.steps)).filter_map(step).collect(),
            last: change.last,
        }
    }

    /// What is kept of one of its steps.
    pub fn step(&self, position: u32) -> Option<&ClosedStep> {
        self.steps.iter().find(|step| step.position == position)
    }

    /// What the effects of what still comes are about.
    pub(crate) fn about(&self, id: ChangeId) -> About {
        About { change: id, kind: self.kind, engine: self.subject.engine, node: self.subject.node }
    }

    /// Whether this is the record of it as it was when it ended: what came afterwards is not in a record.
    pub(crate) fn is_of(&self, change: &Change) -> bool {
        let then = Self::of(change, change.status);
        Self { steps: vec![], last: self.ended, ..self.clone() } == Self { steps: vec![], ..then }
    }

    /// What came after its end, into the record of it.
    pub(crate) fn complete(&self, change: &mut Change) {
        for closed in &self.steps {
            let Some(progress) = change.steps.get_mut(closed.position as usize) else { continue };
            if closed.intent.is_none() {
                progress.intent = None;
            }
            (progress.ended, progress.late_outcome) = (closed.ended, closed.late_outcome);
        }
        change.last = self.last;
    }
}
