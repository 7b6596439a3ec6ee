//! One governed change as the fold knows it.

use crate::{Bundle, Package, Plan, Requirement};
use model::{Digest, Instant, KindName, Nonce, PersonId, Role, Service, Status};
use std::collections::{BTreeMap, BTreeSet};
use warrant::{Observation, StepRef};

/// An executor's observation for the current revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// What was seen.
    pub observation: Observation,
    /// When its leaf was decided.
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// A filled slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who filled it.
    pub person: PersonId,
    /// With which key.
    pub key: Digest,
    /// When.
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// The order to carry it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// By whom.
    pub person: PersonId,
    /// When.
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// An accepted intent without an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The executor's number.
    pub nonce: Nonce,
    /// Not begun by then: it will not be.
    pub act_by: Instant,
    /// In which leaf.
    pub index: u64,
    /// Whether it is the compensation.
    pub undo: bool,
}

/// How far one step has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepState {
    /// The open intent; at most one.
    pub intent: Option<Intent>,
    /// The effect is there (leaf index).
    pub done: Option<u64>,
    /// The effect was taken back (leaf index).
    pub undone: Option<u64>,
    /// Intents that were not begun in time.
    pub late: u32,
}

/// A governed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its kind.
    pub kind: KindName,
    /// Its current package.
    pub package: Package,
    /// The package's digest.
    pub package_digest: Digest,
    /// From 1; rises when the package's bytes change.
    pub revision: u32,
    /// As stored; ask [`Change::status_at`].
    pub status: Status,
    /// Everyone who asked for any revision: none of them may approve.
    pub authors: BTreeSet<PersonId>,
    /// Leaf that opened the current revision (or asked for fresh observations).
    pub opened: u64,
    /// What the executors saw.
    pub observed: BTreeMap<Service, Observed>,
    /// The sealed plan.
    pub plan: Option<Plan>,
    /// Its digest.
    pub plan_digest: Option<Digest>,
    /// What approval requires, frozen at seal.
    pub requirement: Option<Requirement>,
    /// Its digest.
    pub requirement_digest: Option<Digest>,
    /// Leaf that sealed it.
    pub sealed: Option<u64>,
    /// The clock that is running: approve by, then run by.
    pub deadline: Option<Instant>,
    /// Filled slots.
    pub approvals: BTreeMap<Role, Approval>,
    /// Who holds it.
    pub held_by: Option<PersonId>,
    /// Who released a hold of this revision: may not run it.
    pub released_by: BTreeSet<PersonId>,
    /// The order to carry it out.
    pub run: Option<Run>,
    /// Progress, one a step.
    pub steps: Vec<StepState>,
    /// Whether it is being taken back.
    pub unwinding: bool,
    /// Receipts spent on it.
    pub receipts: BTreeMap<Digest, u64>,
    /// Its last leaf.
    pub last: u64,
}

impl Change {
    /// Where it stands at `now`: a deadline that has passed counts whether or not it was written down.
    pub fn status_at(&self, now: Instant) -> Status {
        let waiting = matches!(self.status, Status::AwaitingApproval | Status::Approved);
        if waiting && self.deadline.is_some_and(|deadline| now > deadline) { Status::Expired } else { self.status }
    }

    /// Slots not filled yet.
    pub fn open_slots(&self) -> Vec<Role> {
        let slots = self.requirement.iter().flat_map(|requirement| requirement.slots.iter().copied());
        slots.filter(|slot| !self.approvals.contains_key(slot)).collect()
    }

    /// What it would make serve.
    pub fn bundle(&self) -> Bundle {
        self.package.bundle
    }

    /// The step whose turn it is, forwards or undoing; none when nothing is left to do.
    pub fn step_due(&self) -> Option<StepRef> {
        if self.status != Status::Executing {
            return None;
        }
        let plan = self.plan.as_ref()?;
        let position = if self.unwinding {
            (0..self.steps.len()).rev().find(|&i| {
                let (step, state) = (&plan.steps[i], &self.steps[i]);
                step.undo.is_some() && state.done.is_some() && state.undone.is_none()
            })?
        } else {
            self.steps.iter().position(|state| state.done.is_none())?
        };
        let step = u32::try_from(position).ok()?;
        Some(StepRef { change: self.package.change, revision: self.revision, step, undo: self.unwinding })
    }
}
