//! Every action of an executor three times, which is the same as once, and taken back after each step.
//! One harness for all of them: an action that it has no line for does not compile, and one that an
//! executor's test does not get to fails there.

use crate::Double;
use control::{
    Action, Change, Engine, EngineAction, IntegrationAction, NodeAction, Plan, PlatformAction, Refusal, State,
};
use follower::executor::{Acted, Executor, Task};
use model::{ChangeId, Digest, Resource, Service};
use signed::{StepRef, step_key};
use std::collections::BTreeSet;

/// Every action there is, and whose.
const ALL: &[(Service, &str)] = &[
    (Service::Platform, "check artifact"),
    (Service::Node, "check capacity"),
    (Service::Node, "place"),
    (Service::Node, "unplace"),
    (Service::Engine, "check"),
    (Service::Engine, "start"),
    (Service::Engine, "stop"),
    (Service::Engine, "switch"),
    (Service::Engine, "soak"),
    (Service::Integration, "check bindings"),
];

/// The line of an action. A new one is given its own, and is then looked for in its executor's test.
fn line(action: &Action) -> &'static (Service, &'static str) {
    &ALL[match action {
        Action::Platform(PlatformAction::CheckHeld { .. }) => 0,
        Action::Node { action: NodeAction::CheckCapacity { .. }, .. } => 1,
        Action::Node { action: NodeAction::Place { .. }, .. } => 2,
        Action::Node { action: NodeAction::Unplace { .. }, .. } => 3,
        Action::Engine { action: EngineAction::Check { .. }, .. } => 4,
        Action::Engine { action: EngineAction::Start { .. }, .. } => 5,
        Action::Engine { action: EngineAction::Stop { .. }, .. } => 6,
        Action::Engine { action: EngineAction::Switch { .. }, .. } => 7,
        Action::Engine { action: EngineAction::Soak { .. }, .. } => 8,
        Action::Integration { action: IntegrationAction::CheckBindings { .. }, .. } => 9,
    }]
}

/// A plan that no executor has begun, and the engine it is about: a second release over a first.
#[derive(Clone)]
pub struct Planned {
    pub change: ChangeId,
    pub plan: Plan,
    pub engine: Engine,
}

/// An executor with what it acts on, as it is before the plan.
pub trait Stage {
    type Executor: Executor;

    fn executor(&self) -> &Self::Executor;

    fn planned(&self) -> &Planned;

    /// All that its actions change, but for numbers that only rise.
    fn look(&self) -> impl Future<Output = String>;
}

impl Planned {
    /// Deploys `old` and draws `new` over it; both are published, and the engine is registered.
    pub fn over(double: &Double, old: Digest, new: Digest) -> Self {
        let first = double.running(old);
        double.advance_to(first, Service::Governance);
        let change = double.draft(new);
        double.observe(change);
        let state = double.state();
        Self::of(&state, &state.changes[&change])
    }

    fn of(state: &State, change: &Change) -> Self {
        let plan = control::plan(state, change, state.last).unwrap();
        let engine = state.engines[&change.subject.engine.unwrap()].clone();
        Self { change: change.package.change, plan, engine }
    }

    /// One of its steps as an executor is asked for it.
    fn task(&self, position: usize, undo: bool) -> Task {
        let planned = &self.plan.steps[position];
        let step = StepRef { change: self.change, revision: 1, step: u32::try_from(position).unwrap(), undo };
        Task {
            step,
            action: if undo { planned.undo.clone().unwrap() } else { planned.action.clone() },
            key: step_key(&step),
            plan: self.plan.clone(),
            engine: Some(self.engine.clone()),
            config: None,
            in_the_way: None,
            subject: None,
        }
    }
}

/// Carries out the service's steps of the plan up to each of them, on a fresh stage, every one three
/// times, and takes them back, three times too, where the plan allows that.
pub async fn thrice<S: Stage, F: Future<Output = S>>(service: Service, fresh: impl Fn() -> F) {
    let mut carried_out = BTreeSet::new();
    for last in 0.. {
        let stage = fresh().await;
        let (planned, before) = (stage.planned(), stage.look().await);
        let steps = &planned.plan.steps;
        let own: Vec<usize> = (0..steps.len()).filter(|position| steps[*position].executor() == service).collect();
        let Some(begun) = own.get(..=last) else { break };
        for position in begun {
            carried_out.insert(three_times(&stage, planned.task(*position, false)).await);
        }
        let acted = || begun.iter().filter(|position| !steps[**position].action.is_check());
        if acted().all(|position| steps[*position].undo.is_some()) {
            for position in acted().rev() {
                carried_out.insert(three_times(&stage, planned.task(*position, true)).await);
            }
            assert_eq!(stage.look().await, before, "taken back after {}", steps[own[last]].action.word());
        }
    }
    let all: BTreeSet<_> = ALL.iter().filter(|(whose, _)| *whose == service).collect();
    assert_eq!(carried_out, all, "every action of {service}");
}

/// Whether something runs or is served after it that was not before.
fn puts_in_place(action: &Action) -> bool {
    match action {
        Action::Node { action, .. } => matches!(action, NodeAction::Place { .. }),
        Action::Engine { action: EngineAction::Switch { serving, .. }, .. } => serving.is_some(),
        Action::Engine { action, .. } => matches!(action, EngineAction::Start { .. }),
        Action::Platform(_) | Action::Integration { .. } => false,
    }
}

/// What was recalled since the change was run is not put in place, and nothing is left of the try.
async fn not_once_recalled<S: Stage>(stage: &S, task: &Task) {
    let (before, recalled) = (stage.look().await, Refusal::ResourceRecalled { resource: Resource::Artifact });
    let told = Task { in_the_way: Some(recalled), ..task.clone() };
    match stage.executor().act(told).await {
        Acted::Refused { code, cause } => {
            assert_eq!(code.as_str(), "bundle.recalled", "{}", task.action.word());
            assert!(cause.found.contains("countersign settings show recalls"), "{}: what next?", cause.found);
        }
        other => panic!("{}: {other:?}", task.action.word()),
    }
    assert_eq!(stage.look().await, before, "{} of what was recalled", task.action.word());
}

async fn three_times<S: Stage>(stage: &S, task: Task) -> &'static (Service, &'static str) {
    if !task.step.undo && puts_in_place(&task.action) {
        not_once_recalled(stage, &task).await;
    }
    let first = stage.executor().act(task.clone()).await;
    assert!(matches!(first, Acted::Done { .. }), "{}: {first:?}", task.action.word());
    let once = stage.look().await;
    for _ in 0..2 {
        assert_eq!(stage.executor().act(task.clone()).await, first, "{} again", task.action.word());
        assert_eq!(stage.look().await, once, "after {} again", task.action.word());
    }
    line(&task.action)
}
