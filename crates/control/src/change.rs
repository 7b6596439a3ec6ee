//! One governed change as the fold knows it.

mod standing;

use crate::warrant::Warrant;
use crate::{About, Asked, ChangeEvent, Document, Effect, Kind, Package, Plan, Subject};
use model::{ChangeId, Digest, Instant, KindName, Nonce, PersonId, Service, Status, Token};
use serde::{Deserialize, Serialize};
use signed::{Observation, Reconciled, Statement, StepRef};
use std::collections::{BTreeMap, BTreeSet};

/// How long after the end of its intent an executor may stay silent, milliseconds (10 min).
const SILENT_MS: i64 = 600_000;
/// How long a step that is due may wait for its executor to begin it, milliseconds (1 h).
const WAITS_MAX_MS: i64 = 3_600_000;

/// An executor's observation for the current revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// What was seen.
    pub observation: Observation,
    /// When its leaf was decided.
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// A filled slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who signed.
    pub person: PersonId,
    /// In whose place, if not for themselves.
    pub on_behalf_of: Option<PersonId>,
    pub key: Digest,
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

impl Approval {
    /// Who fills the slot: the signer, or whom they stood in for.
    pub fn filled_by(&self) -> PersonId {
        self.on_behalf_of.unwrap_or(self.person)
    }
}

/// The order to carry it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub person: PersonId,
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// An order to carry it out later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// What was signed.
    pub statement: Statement,
    /// Not before then.
    pub not_before: Instant,
    /// In which leaf.
    pub index: u64,
}

/// An accepted intent without an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The executor's number.
    pub nonce: Nonce,
    /// Not begun by then: it will not be.
    pub act_by: Instant,
    /// When its leaf was decided.
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
    /// Whether it is the compensation.
    pub undo: bool,
}

/// How far one step has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// The open intent; at most one.
    pub intent: Option<Intent>,
    /// The intent that had its outcome last: number and leaf of the outcome.
    pub ended: Option<(Nonce, u64)>,
    /// The effect is there (leaf index).
    pub done: Option<u64>,
    /// The effect was taken back (leaf index).
    pub undone: Option<u64>,
    /// Intents that were not begun in time.
    pub late: u32,
    /// The leaf of an outcome that came when nobody waited for it any more: it changed nothing.
    pub late_outcome: Option<u64>,
    /// How it did not go well, when it did not.
    pub trouble: Option<Trouble>,
}

/// A step, or its undoing, that was refused or of which nobody knows what became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Its executor's code.
    pub code: Token,
    /// In which leaf.
    pub index: u64,
    /// Whether nobody knows what became of it; else it was refused and changed nothing.
    pub unknown: bool,
    /// Whether it was the undoing.
    pub undo: bool,
}

/// Evidence put to an item of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Commitment to it.
    pub evidence: Digest,
    pub person: PersonId,
    /// In which leaf.
    pub index: u64,
}

/// That somebody ended what a change granted before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    pub person: PersonId,
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// A governed change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub kind: KindName,
    /// Its current package.
    pub package: Package,
    /// The package's digest.
    pub package_digest: Digest,
    /// Whom and what it concerns.
    pub subject: Subject,
    /// The governing document it names, read from its blob.
    pub document: Option<Document>,
    /// From 1; rises when the package's bytes change.
    pub revision: u32,
    /// As stored; ask [`Change::status_at`].
    pub status: Status,
    /// Who sealed or opened this revision: none of them may approve.
    pub authors: BTreeSet<PersonId>,
    /// Leaf that opened the current revision (or asked for fresh observations).
    pub opened: u64,
    /// When that was.
    pub opened_at: Instant,
    /// Leaf that lifted its read-only state, where its kind has one.
    pub escalated: Option<Approval>,
    /// What the executors saw.
    pub observed: BTreeMap<Service, Observed>,
    /// Evidence by item of the checklist.
    pub attached: BTreeMap<Token, Attached>,
    /// The sealed plan.
    pub plan: Option<Plan>,
    pub plan_digest: Option<Digest>,
    /// What approval requires, frozen at seal: the row of its kind with its conditional slots.
    pub requirement: Option<Kind>,
    pub requirement_digest: Option<Digest>,
    /// Leaf that sealed it.
    pub sealed: Option<u64>,
    /// Approve by then; fixed at seal.
    pub approve_by: Option<Instant>,
    /// When all slots were first filled.
    pub first_approved: Option<Instant>,
    /// Run by then; fixed when all slots were first filled.
    pub execute_by: Option<Instant>,
    /// Filled slots, by their position in the requirement.
    pub approvals: BTreeMap<u32, Approval>,
    /// Each person's last word on this revision, and the leaf.
    pub said: BTreeMap<PersonId, u64>,
    /// Who holds it, and since which leaf.
    pub holds: BTreeMap<PersonId, u64>,
    /// Who released a hold of this revision, and the leaf.
    pub released_by: BTreeMap<PersonId, u64>,
    /// The order to carry it out later.
    pub scheduled: Option<Scheduled>,
    /// The order to carry it out.
    pub run: Option<Run>,
    /// Progress, one a step.
    pub steps: Vec<StepState>,
    /// Since when, and since which leaf, nothing but its executor keeps the step that is due from beginning.
    pub waits: Option<(Instant, u64)>,
    /// Whether it is being taken back.
    pub unwinding: bool,
    /// The first of two people's words that it be taken back.
    pub abort_asked: Option<Asked>,
    /// Words on how it ended, while it is indeterminate.
    pub reconcile_asked: BTreeMap<PersonId, (Reconciled, Asked)>,
    /// Services that were not observed before, read since.
    pub read_late: BTreeSet<Service>,
    /// Review by then.
    pub review_by: Option<Instant>,
    /// Leaf that says that it was not reviewed by then.
    pub overdue: Option<u64>,
    /// That another system may carry it out.
    pub warrant: Option<Warrant>,
    /// Who ended what it granted, or its warrant, before its time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked: Option<Revoked>,
    /// The last leaf that stopped it, as stored; ask [`Change::stopped_at`].
    pub stopped: u64,
    /// Its last leaf.
    pub last: u64,
    /// Its last leaf that somebody signed: what the clock writes down may be written later, and is nobody's word.
    pub signed: u64,
}

impl Change {
    /// Which change and which package: what its plan is of.
    pub(crate) fn ids(&self) -> (ChangeId, Digest) {
        (self.package.change, self.package_digest)
    }

    /// Whether an executor has said nothing for too long, after it said that it would act or where it never
    /// did: then people look and say how it ended, whether or not the silence was written down.
    pub fn is_silent(&self, now: Instant) -> bool {
        if self.status != Status::Executing {
            return false;
        }
        self.silent_from().is_some_and(|from| now > from)
    }

    /// The last instant at which nobody calls its executor silent yet; none: it waits for no executor.
    pub(crate) fn silent_from(&self) -> Option<Instant> {
        if let Some((position, intent)) = self.open_intent() {
            let own_ms = self.plan.as_ref().map_or(0, |plan| plan.soak_ms + plan.may_take_ms(position, intent.undo));
            return Some(intent.act_by.plus_millis(SILENT_MS + own_ms));
        }
        let waits = self.waits.filter(|_| !self.is_stopped() && self.step_due().is_some());
        waits.map(|(since, _)| since.plus_millis(WAITS_MAX_MS))
    }

    /// The last leaf before a silence: the intent, or where none was said, what made the step due.
    pub(crate) fn silent_after(&self) -> Option<u64> {
        self.open_intent().map(|(_, intent)| intent.index).or(self.waits.map(|(_, index)| index))
    }

    /// The last leaf that stopped it: a hold, an unknown outcome, what was followed by silence.
    pub fn stopped_at(&self, now: Instant) -> u64 {
        let silent = self.silent_after().filter(|_| self.is_silent(now));
        self.stopped.max(silent.unwrap_or_default())
    }

    /// Whether this person asked for it: an author of this revision, or who escalated it.
    pub fn is_barred(&self, person: &PersonId) -> bool {
        self.authors.contains(person) || self.escalated.as_ref().is_some_and(|escalated| escalated.person == *person)
    }

    /// The checklist as it stands, item by item in their order.
    pub fn evidence_list(&self) -> Vec<(&str, Digest)> {
        let items: BTreeMap<&str, Digest> =
            self.attached.iter().map(|(item, attached)| (item.as_str(), attached.evidence)).collect();
        items.into_iter().collect()
    }

    /// Digest of the checklist as it stands; none while nothing is attached.
    pub fn evidence(&self) -> Option<Digest> {
        let list = self.evidence_list();
        let digest = || model::canon::digest("evidence", &list).ok();
        (!list.is_empty()).then(digest).flatten()
    }

    /// The step whose turn it is, forwards or undoing; none when nothing is left to do.
    pub fn step_due(&self) -> Option<StepRef> {
        if self.status != Status::Executing {
            return None;
        }
        let plan = self.plan.as_ref()?;
        let reference = |step: u32, undo| StepRef { change: self.package.change, revision: self.revision, step, undo };
        // What has begun comes to its outcome before anything else is due.
        if let Some((step, intent)) = self.open_intent() {
            return Some(reference(step, intent.undo));
        }
        let position = if self.unwinding {
            (0..self.steps.len()).rev().find(|&i| {
                let (step, state) = (&plan.steps[i], &self.steps[i]);
                step.undo.is_some() && state.done.is_some() && state.undone.is_none()
            })?
        } else {
            self.steps.iter().position(|state| state.done.is_none())?
        };
        Some(reference(u32::try_from(position).ok()?, self.unwinding))
    }

    /// Whether it begins no further step because somebody holds it; what is taken back goes on.
    pub fn is_stopped(&self) -> bool {
        !self.holds.is_empty() && !self.unwinding
    }

    /// The open intent, if there is one: at most one step has one.
    pub fn open_intent<'a>(&'a self) -> Option<(u32, &'a Intent)> {
        let open = |(position, step): (usize, &'a StepState)| {
            step.intent.as_ref().and_then(|intent| Some((u32::try_from(position).ok()?, intent)))
        };
        self.steps.iter().enumerate().find_map(open)
    }

    /// The executors that have begun a step of it, whatever came of that.
    pub(crate) fn begun_by(&self) -> BTreeSet<Service> {
        let steps = self.plan.iter().flat_map(|plan| plan.steps.iter().zip(&self.steps));
        let begun = steps.filter(|(_, state)| state.intent.is_some() || state.ended.is_some());
        begun.map(|(step, _)| step.executor()).collect()
    }

    /// Whether every step that has acted, or is under way and may have, can be undone.
    pub fn undoable(&self) -> bool {
        let Some(plan) = &self.plan else { return false };
        let begun = |state: &StepState| state.done.is_some() || state.intent.is_some();
        let acted = plan.steps.iter().zip(&self.steps).filter(|(step, state)| begun(state) && !step.action.is_check());
        acted.into_iter().all(|(step, _)| step.undo.is_some())
    }
}

impl About {
    /// What a change's effects are about.
    pub fn of(change: &Change) -> Self {
        Self {
            change: change.package.change,
            kind: change.kind,
            engine: change.subject.engine,
            node: change.subject.node,
        }
    }
}

impl Change {
    /// An effect on this change.
    pub(crate) fn event(&self, event: ChangeEvent) -> Effect {
        Effect::Change { about: About::of(self), event }
    }

    /// That it is not started by itself any more, if it was to be, and why.
    pub(crate) fn unscheduled(&self, code: &'static str) -> Option<Effect> {
        // INVARIANT: codes are lower-case words and dots, which are tokens.
        let code: Token = self.scheduled.as_ref().and_then(|_| code.parse().ok())?;
        Some(self.event(ChangeEvent::Unscheduled { code }))
    }

    /// A draft of a package, before any leaf.
    pub(crate) fn draft(
        package: Package,
        package_digest: Digest,
        subject: Subject,
        document: Option<Document>,
        now: Instant,
    ) -> Self {
        Self {
            kind: package.kind(),
            package,
            package_digest,
            subject,
            document,
            revision: 1,
            status: Status::Draft,
            authors: BTreeSet::new(),
            opened: 0,
            opened_at: now,
            escalated: None,
            observed: BTreeMap::new(),
            attached: BTreeMap::new(),
            plan: None,
            plan_digest: None,
            requirement: None,
            requirement_digest: None,
            sealed: None,
            approve_by: None,
            first_approved: None,
            execute_by: None,
            approvals: BTreeMap::new(),
            said: BTreeMap::new(),
            holds: BTreeMap::new(),
            released_by: BTreeMap::new(),
            scheduled: None,
            run: None,
            steps: vec![],
            unwinding: false,
            abort_asked: None,
            reconcile_asked: BTreeMap::new(),
            read_late: BTreeSet::new(),
            review_by: None,
            overdue: None,
            warrant: None,
            revoked: None,
            waits: None,
            stopped: 0,
            last: 0,
            signed: 0,
        }
    }
}
