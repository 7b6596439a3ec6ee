//! Steps of a plan as a reader sees them: what each leads from and to.

use super::{link, number};
use crate::scene::Scene;
use control::{Action, EngineAction, EngineFact, IntegrationAction, NodeAction, Plan, PlatformAction};
use model::Digest;
use signed::Served;
use view::StepView;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// `01`.
    pub number: String,
    /// Who carries it out.
    pub executor: &'static str,
    /// What is done, as a word.
    pub action: &'static str,
    /// In a sentence.
    pub sentence: String,
    /// What is there before.
    pub before: String,
    /// What is there afterwards.
    pub after: String,
    /// What takes it back.
    pub undo: Option<String>,
    /// `waiting`, `due`, `intended`, `done`, `undone`.
    pub state: String,
    /// The entry that says so.
    pub href: Option<String>,
    /// Why it did not go well, and the entry that says so.
    pub trouble: Option<(String, Option<String>)>,
}

/// Sentence, before, after.
type Said = (String, String, String);

struct Words<'a> {
    scene: &'a Scene,
    base: Option<EngineFact>,
}

fn checked(sentence: String) -> Said {
    (sentence, "as observed".to_owned(), "unchanged".to_owned())
}

impl Words<'_> {
    fn name(&self, artifact: &Digest) -> String {
        self.scene.names().artifact(artifact)
    }

    fn served(&self, served: Option<&Served>) -> String {
        let side = |served: &Served| format!("{}, side {}", self.name(&served.artifact), served.side);
        served.map_or_else(|| "nothing serves".to_owned(), side)
    }

    fn serving(&self) -> String {
        let serving = self.base.and_then(|base| base.serving);
        serving.map_or_else(|| "nothing serves".to_owned(), |serving| self.name(&serving.bundle.artifact))
    }

    fn of(&self, action: &Action) -> Said {
        match action {
            Action::Platform(PlatformAction::CheckArtifact { artifact }) => {
                checked(format!("{} is held and whole", self.name(artifact)))
            }
            Action::Node { action, .. } => self.of_node(action),
            Action::Engine { action, .. } => self.of_engine(action),
            Action::Integration { action: IntegrationAction::CheckBindings { bindings }, .. } => {
                let text = format!("sha256 {}", bindings.short());
                ("DNS and certificate bindings are as planned".to_owned(), text.clone(), text)
            }
        }
    }

    fn of_node(&self, action: &NodeAction) -> Said {
        match action {
            NodeAction::CheckCapacity { memory_mib } => checked(format!("{memory_mib} MiB are free on the node")),
            NodeAction::Place { artifact, memory_mib, side } => (
                format!("fetch, verify and keep {}, reserve {memory_mib} MiB", self.name(artifact)),
                format!("side {side}: free"),
                format!("side {side}: {memory_mib} MiB reserved"),
            ),
            NodeAction::Unplace { side } => {
                ("give the reservation back".to_owned(), format!("side {side}: reserved"), format!("side {side}: free"))
            }
        }
    }

    fn of_engine(&self, action: &EngineAction) -> Said {
        match action {
            EngineAction::Check { generation, serving } => {
                checked(format!("generation {generation}: {}", self.served(serving.as_ref())))
            }
            EngineAction::Start { artifact, side, port } => (
                format!("start {} and probe it", self.name(artifact)),
                format!("side {side}: stopped"),
                format!("side {side}: healthy on port {port}"),
            ),
            EngineAction::Stop { side } => {
                ("drain and stop".to_owned(), format!("side {side}: runs"), format!("side {side}: stopped"))
            }
            EngineAction::Switch { generation, next, serving } => (
                "the front's route moves, by compare-and-set".to_owned(),
                format!("generation {generation}: {}", self.serving()),
                format!("generation {next}: {}", self.served(serving.as_ref())),
            ),
            EngineAction::Soak { generation, serving, soak_ms } => {
                let seconds = soak_ms / 1_000;
                let text = format!("generation {generation}: {}", self.name(&serving.artifact));
                (format!("it stays healthy for {seconds} s"), text.clone(), format!("{text}, certified"))
            }
        }
    }
}

/// Every step of a plan. `progress` is empty before the seal.
pub fn rows(scene: &Scene, plan: &Plan, progress: &[StepView]) -> Vec<StepRow> {
    let words = Words { scene, base: plan.engine().map(|(base, _)| base) };
    let row = |(n, step): (usize, &control::Step)| {
        let (sentence, before, after) = words.of(&step.action);
        let view = progress.get(n);
        let trouble = view.and_then(|view| Some((view.trouble.clone()?, view.trouble_entry.map(link::control))));
        StepRow {
            number: number(n + 1),
            executor: step.executor().title(),
            action: step.action.word(),
            sentence,
            before,
            after,
            undo: step.undo.as_ref().map(|undo| words.of(undo).0),
            state: view.map_or_else(|| "waiting".to_owned(), |view| view.state.clone()),
            href: view.and_then(|view| view.entry).map(link::control),
            trouble,
        }
    };
    plan.steps.iter().enumerate().map(row).collect()
}
