//! A governed change, and what a person can do about it.

use super::engine::ArtifactView;
use crate::Names;
use control::{Change, Refusal, State, blocked, explain};
use model::{ChangeId, Digest, EngineId, Instant, KindName, PersonId, Role, Service, Status, Token};
use serde::{Deserialize, Serialize};

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotState {
    /// Which.
    pub slot: Role,
    /// Who fills it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// The leaf that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// A step of the plan and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// Who carries it out.
    pub executor: Service,
    /// What is done, in a word.
    pub action: String,
    /// `waiting`, `due`, `intended`, `done`, `undone`.
    pub state: String,
    /// The leaf that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// Why something does not go on, and what would unblock it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedView {
    /// Stable code.
    pub code: String,
    /// In words.
    pub message: String,
    /// What to do.
    pub next: String,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// Its id.
    pub id: ChangeId,
    /// Its kind.
    pub kind: KindName,
    /// Its revision.
    pub revision: u32,
    /// Where it stands.
    pub status: Status,
    /// Which engine.
    pub engine: EngineId,
    /// The engine's name.
    pub engine_name: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// The node's name.
    pub node: Token,
    /// What shall serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<ArtifactView>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Digest of the package.
    pub package: Digest,
    /// Digest of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Digest>,
    /// Digest of the requirement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<Digest>,
    /// Its slots.
    pub slots: Vec<SlotState>,
    /// Its clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Instant>,
    /// Its steps.
    pub steps: Vec<StepView>,
    /// What keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<BlockedView>,
    /// Who ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_by: Option<String>,
    /// The leaf that opened it.
    pub opened: u64,
    /// Its newest leaf.
    pub last: u64,
}

/// A verb and whether this person may say it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerbView {
    /// The verb.
    pub verb: String,
    /// Why not; absent: it is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<BlockedView>,
}

/// What a person can do about a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The change.
    pub change: ChangeView,
    /// For each open slot, the names of who could fill it.
    pub who_can: Vec<(Role, Vec<String>)>,
    /// Each verb.
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
    /// One change at an instant.
    pub fn of(state: &State, names: &Names, change: &Change, now: Instant) -> Self {
        let package = &change.package;
        let binding = change.binding(state, now);
        let slots = state.kinds.kind(change.kind).map(|kind| kind.slots.clone()).unwrap_or_default();
        let slot = |slot: &Role| {
            let approval = change.approvals.get(slot);
            SlotState {
                slot: *slot,
                person: approval.map(|approval| approval.person),
                name: approval.map(|approval| names.person(&approval.person)),
                at: approval.map(|approval| approval.at),
                entry: approval.map(|approval| approval.index),
            }
        };
        let node = state.roster.node(&package.node).map(|node| node.name.clone());
        Self {
            id: package.change,
            kind: change.kind,
            revision: change.revision,
            status: change.status_at(now),
            engine: package.engine,
            engine_name: names.engine(&package.engine),
            tenant_name: names.tenant(&package.tenant),
            node: node.unwrap_or_else(|| "unknown".parse().expect("`unknown` is a token")),
            artifact: ArtifactView::of(state, names, &package.bundle.artifact),
            title: names.titles.get(&package.change).cloned(),
            reason: names.reasons.get(&package.change).cloned(),
            package: change.package_digest,
            plan: binding.map(|binding| binding.plan),
            requirement: binding.map(|binding| binding.requirement),
            slots: slots.iter().map(slot).collect(),
            deadline: change.deadline,
            steps: steps(change),
            blocked: blocked(state, change, now).map(|refusal| BlockedView::of(&refusal, names)),
            run_by: change.run.as_ref().map(|run| names.person(&run.person)),
            opened: change.opened,
            last: change.last,
        }
    }

    /// Every change, newest first.
    pub fn all(state: &State, names: &Names, now: Instant) -> Vec<Self> {
        let mut views: Vec<_> = state.changes.values().map(|change| Self::of(state, names, change, now)).collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.opened));
        views
    }
}

fn steps(change: &Change) -> Vec<StepView> {
    let Some(plan) = &change.plan else { return vec![] };
    let due = change.step_due();
    let view = |(position, (step, progress)): (usize, (&control::Step, &control::StepState))| {
        let is_due = due.is_some_and(|due| due.step as usize == position);
        let (state, entry) = match (progress.undone, &progress.intent, progress.done) {
            (Some(index), _, _) => ("undone", Some(index)),
            (None, Some(intent), _) => ("intended", Some(intent.index)),
            (None, None, Some(index)) => ("done", Some(index)),
            (None, None, None) if is_due => ("due", None),
            (None, None, None) => ("waiting", None),
        };
        StepView { executor: step.executor, action: step.action.word().to_owned(), state: state.to_owned(), entry }
    };
    plan.steps.iter().zip(&change.steps).enumerate().map(view).collect()
}

/// What `person` can do about a change, in words.
pub fn explained(state: &State, names: &Names, change: &Change, person: &PersonId, now: Instant) -> Explained {
    let explanation = explain(state, change, person, now);
    let verb = |(verb, answer): &(&'static str, Result<(), Refusal>)| VerbView {
        verb: (*verb).to_owned(),
        refused: answer.as_ref().err().map(|refusal| BlockedView::of(refusal, names)),
    };
    let open = explanation.slots.iter().filter(|slot| slot.filled_by.is_none());
    Explained {
        change: ChangeView::of(state, names, change, now),
        who_can: open
            .map(|slot| (slot.slot, slot.who_can.iter().map(|person| names.person(person)).collect()))
            .collect(),
        verbs: explanation.verbs.iter().map(verb).collect(),
    }
}
