//! A governed change, and what a person can do about it.

use crate::Names;
use crate::bound::BoundThing;
use crate::done_by::DoneBy;
use crate::engine::ArtifactView;
use crate::warrant::WarrantView;
use crate::ways::{AskedView, Way};
use control::{
    Change, Closed, EndedChanges, NoRecord, ReadScope, Refusal, State, StepState, Subject, Trouble, Window, blocked,
    explain, plan,
};
use model::{ChangeId, Digest, EngineId, Instant, KindName, PersonId, Role, Service, Status, Token};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SlotState {
    /// Its position, from 0.
    pub slot: u32,
    /// Roles of which one fills it.
    #[schema(value_type = Vec<String>)]
    pub roles: Vec<Role>,
    /// The same as a person reads them.
    pub title: String,
    /// Who fills it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// Their name; of an approval in their place, who signed it too: `Ada (by Di)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub at: Option<Instant>,
    /// The leaf that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// A step of the plan and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StepView {
    /// Who carries it out.
    #[schema(value_type = String)]
    pub executor: Service,
    /// What is done, in a word.
    pub action: String,
    /// Whether it only looks: it starts and changes nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_check: bool,
    /// `waiting`, `due`, `intended`, `done`, `undone`; `refused` (it changed nothing), `unknown` (nobody knows),
    /// `silent` (its executor has not answered), `late` (it answered when nobody waited any more), `not-undone`; `not-begun` where the change has ended before it.
    pub state: String,
    /// The leaf that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// Why it did not go well: a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The leaf that holds what the executor found then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble_entry: Option<u64>,
}

/// Somebody's hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HoldView {
    #[schema(value_type = String)]
    pub person: PersonId,
    pub name: String,
    /// The leaf that records it.
    pub entry: u64,
}

/// Why something does not go on, and what would unblock it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BlockedView {
    /// Stable code.
    pub code: String,
    /// In words.
    pub message: String,
    /// What to do.
    pub next: String,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChangeView {
    #[schema(value_type = String)]
    pub id: ChangeId,
    #[schema(value_type = String)]
    pub kind: KindName,
    pub revision: u32,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: Status,
    /// What it is about, as a person reads it: an engine, a tenant, or its kind.
    pub about: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub engine: Option<EngineId>,
    pub tenant_names: Vec<String>,
    /// The node's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub node: Option<Token>,
    /// What shall serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<ArtifactView>,
    /// Everything that it binds, and how each stands against what served before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bound: Vec<BoundThing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[schema(value_type = String)]
    pub package: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub plan: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub requirement: Option<Digest>,
    pub slots: Vec<SlotState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub deadline: Option<Instant>,
    pub steps: Vec<StepView>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HoldView>,
    /// It will be run then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub scheduled: Option<Instant>,
    /// It may not be run before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub cools_until: Option<Instant>,
    /// What serves must stay healthy until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub soaking_until: Option<Instant>,
    /// What it grants holds until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub granted_until: Option<Instant>,
    /// That another system may carry it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warrant: Option<WarrantView>,
    /// When it may be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub window: Option<Window>,
    /// Services that it does without having observed them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub unchecked: Vec<Service>,
    /// Kinds of change that nobody could ask for, approve and run any more afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub loses_reach: Vec<KindName>,
    /// Who lifted that its draft is read-only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated: Option<DoneBy>,
    /// Who ended what it granted before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<DoneBy>,
    /// What keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<BlockedView>,
    /// What one person has asked for, and others must say too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<AskedView>,
    /// Where it can go from here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<Way>,
    /// Who ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_by: Option<String>,
    /// The leaf that opened it.
    pub opened: u64,
    /// The leaf after which it was over; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
    /// Its newest leaf.
    pub last: u64,
}

/// A verb and whether this person may say it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VerbView {
    pub verb: String,
    /// Why not; absent: it is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<BlockedView>,
}

/// What a person can do about a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explained {
    pub change: ChangeView,
    /// For each open slot, the names of who could fill it.
    #[schema(value_type = Vec<Vec<Value>>)]
    pub who_can: Vec<(String, Vec<String>)>,
    pub verbs: Vec<VerbView>,
}

impl BlockedView {
    /// A refusal in words.
    pub fn of(refusal: &Refusal, names: &Names) -> Self {
        let (message, next) = refusal.message(&|person| names.person(person));
        Self { code: refusal.code().to_owned(), message, next }
    }
}

impl ChangeView {
    /// What it is called where nobody gave it a title.
    pub fn untitled(&self) -> String {
        let kind = self.kind.title();
        if self.about == kind { kind.to_owned() } else { format!("{kind} for {}", self.about) }
    }

    /// The leaf that ended it otherwise than by what it was to bring about.
    pub fn ended_otherwise(&self) -> Option<u64> {
        let revoked = self.revoked.as_ref().map(|revoked| revoked.entry);
        revoked.or(self.ended.filter(|_| !matches!(self.status, Status::Effective | Status::Closed)))
    }

    /// One change at an instant.
    pub fn of(state: &State, names: &Names, change: &Change, now: Instant) -> Self {
        let package = &change.package;
        // What has ended unsealed will not be planned any more.
        let plans = change.sealed.is_some() || !change.has_ended(state, now);
        let binding = change.binding(state, now).filter(|_| plans);
        let row = change.required(state);
        let node = change.subject.node.and_then(|node| state.roster.node(&node));
        let approved = change.first_approved.zip(row.as_ref());
        // The sealed plan, else the one that would be sealed now.
        let planned = change.plan.clone().or_else(|| plan(state, change, now).ok().filter(|_| plans));
        let cools = approved.map(|(at, row)| at.plus_millis(row.cooling_ms)).filter(|until| *until > now);
        Self {
            id: package.change,
            kind: change.kind,
            revision: change.revision,
            status: change.status_at(state, now),
            about: about(names, change.kind, &change.subject),
            engine: change.subject.engine,
            tenant_names: change.subject.tenants.iter().map(|tenant| names.tenant(tenant)).collect(),
            node: node.map(|node| node.name.clone()),
            artifact: package.body.bundle().and_then(|bundle| ArtifactView::of(state, names, &bundle.artifact)),
            bound: BoundThing::of_change(state, names, change),
            title: names.titles.get(&package.change).cloned(),
            reason: names.reasons.get(&package.change).cloned(),
            package: change.package_digest,
            plan: binding.map(|binding| binding.plan),
            requirement: binding.map(|binding| binding.requirement),
            slots: slots(state, names, change, now),
            deadline: change.deadline(state, now),
            steps: steps(state, change, now),
            holds: holds(names, change),
            scheduled: change.scheduled.as_ref().map(|scheduled| scheduled.not_before),
            cools_until: cools,
            soaking_until: soaking_until(change),
            granted_until: state.grants.get(&package.change).and_then(|grant| grant.until),
            warrant: WarrantView::of(names, change, now),
            window: package.window,
            unchecked: planned.as_ref().map(|plan| plan.unchecked.clone()).unwrap_or_default(),
            loses_reach: planned.map(|plan| plan.loses_reach).unwrap_or_default(),
            escalated: change.escalated.as_ref().map(|it| DoneBy::of(names, &it.person, it.at, it.index)),
            revoked: change.revoked.map(|it| DoneBy::of(names, &it.person, it.at, it.index)),
            blocked: blocked(state, change, now).map(|refusal| BlockedView::of(&refusal, names)),
            asked: AskedView::all(state, names, change, now),
            ways: Way::all(state, change, now),
            run_by: change.run.as_ref().map(|run| names.person(&run.person)),
            opened: change.opened,
            ended: state.closed.get(&package.change).map(|closed| closed.ended),
            last: change.last,
        }
    }

    /// What is known of a change that has ended without the record of it.
    pub fn lost(names: &Names, id: &ChangeId, closed: &Closed) -> Self {
        Self {
            id: *id,
            kind: closed.kind,
            revision: closed.revision,
            status: closed.status,
            about: about(names, closed.kind, &closed.subject),
            engine: closed.subject.engine,
            tenant_names: closed.subject.tenants.iter().map(|tenant| names.tenant(tenant)).collect(),
            node: None,
            artifact: None,
            bound: vec![],
            title: names.titles.get(id).cloned(),
            reason: names.reasons.get(id).cloned(),
            package: closed.package,
            plan: None,
            requirement: None,
            slots: vec![],
            deadline: None,
            steps: vec![],
            holds: vec![],
            scheduled: None,
            cools_until: None,
            soaking_until: None,
            granted_until: None,
            warrant: None,
            window: None,
            unchecked: vec![],
            loses_reach: vec![],
            escalated: None,
            revoked: None,
            blocked: Some(BlockedView {
                code: "change.record_lost".to_owned(),
                message: NoRecord::Lost.to_string(),
                next: "start the process that shows it again: it makes the record again from the ledger".to_owned(),
            }),
            asked: vec![],
            ways: vec![],
            run_by: None,
            opened: closed.opened,
            ended: Some(closed.ended),
            last: closed.last,
        }
    }

    /// Changes, newest first: the open ones, and of those that have ended the last to end.
    pub fn listed(state: &State, kept: &dyn EndedChanges, names: &Names, now: Instant, list: &ChangeList) -> Vec<Self> {
        let open = state.changes.values().filter(|change| list.ended_before.is_none() && list.wants(&change.subject));
        let mut views: Vec<_> = open.map(|change| Self::of(state, names, change, now)).collect();
        let mut last = None;
        let mut left = list.ended_most;
        for (id, closed) in state.ended_before(list.ended_before).filter(|(_, closed)| list.wants(&closed.subject)) {
            // Those that ended in one leaf stand on one page: the next begins before that leaf.
            if left == 0 && last != Some(closed.ended) {
                break;
            }
            (last, left) = (Some(closed.ended), left.saturating_sub(1));
            views.push(match state.record(kept, id) {
                Ok(change) => Self::of(state, names, &change, now),
                Err(_) => Self::lost(names, id, closed),
            });
        }
        // What is open comes first, then what ended last.
        views.sort_by_key(|view| (view.ended.is_some(), Reverse(view.ended), Reverse(view.opened)));
        views
    }
}

/// Which changes are listed.
#[derive(Debug, Clone, Copy)]
pub struct ChangeList<'a> {
    /// Of those that have ended, those that had before this leaf: no open ones are listed then.
    pub ended_before: Option<u64>,
    /// Most of those that have ended; more only where several ended in one leaf.
    pub ended_most: usize,
    /// Whose matters.
    pub sight: &'a ReadScope,
}

impl ChangeList<'_> {
    fn wants(&self, subject: &Subject) -> bool {
        self.sight.covers(&subject.tenants)
    }
}

/// What a change is about, as a person reads it.
fn about(names: &Names, kind: KindName, subject: &Subject) -> String {
    match (subject.engine, subject.tenants.first()) {
        (Some(engine), _) => names.engine(&engine),
        (None, Some(tenant)) => names.tenant(tenant),
        (None, None) => kind.title().to_owned(),
    }
}

fn slots(state: &State, names: &Names, change: &Change, now: Instant) -> Vec<SlotState> {
    let slots = change.required(state).map(|row| row.slots).unwrap_or_default();
    let view = |(position, slot): (u32, control::Slot)| {
        let approval = change.filling(state, position, now);
        SlotState {
            slot: position,
            title: slot.title(),
            roles: slot.roles,
            person: approval.map(control::Approval::filled_by),
            name: approval.map(|approval| filled_by(names, approval)),
            at: approval.map(|approval| approval.at),
            entry: approval.map(|approval| approval.index),
        }
    };
    (0..).zip(slots).map(view).collect()
}

/// Who fills a slot, and who signed in their place.
fn filled_by(names: &Names, approval: &control::Approval) -> String {
    match approval.on_behalf_of {
        None => names.person(&approval.person),
        Some(of) => format!("{} (by {})", names.person(&of), names.person(&approval.person)),
    }
}

fn holds(names: &Names, change: &Change) -> Vec<HoldView> {
    let view =
        |(person, entry): (&PersonId, &u64)| HoldView { person: *person, name: names.person(person), entry: *entry };
    change.holds.iter().map(view).collect()
}

/// When what serves will have stayed healthy for as long as the plan asks.
fn soaking_until(change: &Change) -> Option<Instant> {
    let (position, intent) = change.open_intent()?;
    let step = change.plan.as_ref()?.steps.get(position as usize)?;
    step.action.soak_ms().map(|soak_ms| intent.at.plus_millis(soak_ms))
}

fn trouble_word(trouble: &Trouble) -> &'static str {
    match (trouble.unknown, trouble.undo) {
        (true, _) => "unknown",
        (false, true) => "not-undone",
        (false, false) => "refused",
    }
}

fn steps(state: &State, change: &Change, now: Instant) -> Vec<StepView> {
    let Some(plan) = &change.plan else { return vec![] };
    let (due, status) = (change.step_due(), change.status_at(state, now));
    // A step that did not begin will not, once the change has ended or is being taken back.
    let over = change.unwinding || status.is_ended() || status == Status::Indeterminate;
    let view = |(position, (step, progress)): (usize, (&control::Step, &control::StepState))| {
        let is_due = due.is_some_and(|due| due.step as usize == position);
        let (state, entry) = match progress {
            StepState { undone: Some(index), .. } => ("undone", Some(*index)),
            StepState { intent: Some(intent), .. } if status != Status::Executing => ("silent", Some(intent.index)),
            StepState { intent: Some(intent), .. } => ("intended", Some(intent.index)),
            StepState { trouble: Some(trouble), .. } => (trouble_word(trouble), Some(trouble.index)),
            StepState { done: Some(index), .. } => ("done", Some(*index)),
            StepState { late_outcome: Some(index), .. } => ("late", Some(*index)),
            _ if is_due => ("due", None),
            _ if over => ("not-begun", None),
            _ => ("waiting", None),
        };
        StepView {
            executor: step.executor(),
            action: step.action.word().to_owned(),
            is_check: step.action.is_check(),
            state: state.to_owned(),
            entry,
            trouble: progress.trouble.as_ref().map(|trouble| trouble.code.to_string()),
            trouble_entry: progress.trouble.as_ref().map(|trouble| trouble.index),
        }
    };
    plan.steps.iter().zip(&change.steps).enumerate().map(view).collect()
}

fn ended(state: &State, change: &Change, now: Instant) -> BlockedView {
    let again = if Way::again(state, change, now).from_in_force {
        let kind = change.kind;
        format!("from what is in force, with `countersign change new --kind {kind} …`")
    } else {
        format!("as another change, with `countersign change new --from {} …`", change.package.change)
    };
    BlockedView {
        code: "change.ended".to_owned(),
        message: "the change has ended, and nothing more is said about it".to_owned(),
        next: format!("ask for it again {again}"),
    }
}

/// What `person` can do about a change, in words.
pub fn explained(state: &State, names: &Names, change: &Change, person: &PersonId, now: Instant) -> Explained {
    let explanation = explain(state, change, person, now);
    let verb = |(verb, answer): &(&'static str, Result<(), Refusal>)| VerbView {
        verb: (*verb).to_owned(),
        refused: answer.as_ref().err().map(|refusal| match refusal {
            // What Governance says of it: the status alone would send who reads this back to where they are.
            Refusal::StatusWrong { .. } if change.has_ended(state, now) => ended(state, change, now),
            refusal => BlockedView::of(refusal, names),
        }),
    };
    let open = explanation.slots.iter().filter(|slot| slot.filled_by.is_none());
    Explained {
        change: ChangeView::of(state, names, change, now),
        who_can: open
            .map(|slot| (slot.roles.title(), slot.who_can.iter().map(|person| names.person(person)).collect()))
            .collect(),
        verbs: explanation.verbs.iter().map(verb).collect(),
    }
}
