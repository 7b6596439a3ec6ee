//! Steps of a plan as a reader sees them: what each leads from and to.

use super::{link, number};
use crate::scene::Scene;
use client::view::StepView;
use control::{Action, Base, Plan};
use model::Digest;

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
}

struct Words<'a> {
    scene: &'a Scene,
    base: &'a Base,
}

impl Words<'_> {
    fn name(&self, artifact: &Digest) -> String {
        self.scene.names().artifact(artifact)
    }

    fn serving(&self) -> String {
        self.base.serving.map_or_else(|| "nothing serves".to_owned(), |bundle| self.name(&bundle.artifact))
    }

    /// Sentence, before, after.
    fn of(&self, action: &Action) -> (String, String, String) {
        let unchanged = || ("as observed".to_owned(), "unchanged".to_owned());
        match action {
            Action::CheckArtifact { artifact } => {
                let (before, after) = unchanged();
                (format!("{} is held and whole", self.name(artifact)), before, after)
            }
            Action::CheckCapacity { memory_mib } => {
                let (before, after) = unchanged();
                (format!("{memory_mib} MiB are free on the node"), before, after)
            }
            Action::CheckEngine { generation, serving } => {
                let serves = serving.as_ref().map_or_else(|| "nothing".to_owned(), |artifact| self.name(artifact));
                let (before, after) = unchanged();
                (format!("generation {generation} serves {serves}"), before, after)
            }
            Action::CheckBindings { bindings } => {
                let text = format!("sha256 {}", bindings.short());
                ("DNS and certificate bindings are as planned".to_owned(), text.clone(), text)
            }
            Action::Place { artifact, memory_mib, slot } => (
                format!("fetch, verify and keep {}, reserve {memory_mib} MiB", self.name(artifact)),
                format!("slot {slot}: free"),
                format!("slot {slot}: {memory_mib} MiB reserved"),
            ),
            Action::Unplace { slot } => {
                ("give the reservation back".to_owned(), format!("slot {slot}: reserved"), format!("slot {slot}: free"))
            }
            Action::Start { artifact, slot, port } => (
                format!("start {} and probe it", self.name(artifact)),
                format!("slot {slot}: stopped"),
                format!("slot {slot}: healthy on port {port}"),
            ),
            Action::Stop { slot } => {
                ("drain and stop".to_owned(), format!("slot {slot}: runs"), format!("slot {slot}: stopped"))
            }
            Action::Switch { generation, next, slot, artifact } => {
                let serves = artifact.as_ref().map_or_else(|| "nothing serves".to_owned(), |to| self.name(to));
                let slot = slot.map(|slot| format!(", slot {slot}")).unwrap_or_default();
                (
                    "the front's route moves, by compare-and-set".to_owned(),
                    format!("generation {generation}: {}", self.serving()),
                    format!("generation {next}: {serves}{slot}"),
                )
            }
        }
    }
}

/// Every step of a plan. `progress` is empty before the seal.
pub fn rows(scene: &Scene, plan: &Plan, progress: &[StepView]) -> Vec<StepRow> {
    let words = Words { scene, base: &plan.base };
    let row = |(n, step): (usize, &control::Step)| {
        let (sentence, before, after) = words.of(&step.action);
        let view = progress.get(n);
        StepRow {
            number: number(n + 1),
            executor: step.executor.title(),
            action: step.action.word(),
            sentence,
            before,
            after,
            undo: step.undo.as_ref().map(|undo| words.of(undo).0),
            state: view.map_or_else(|| "waiting".to_owned(), |view| view.state.clone()),
            href: view.and_then(|view| view.entry).map(link::control),
        }
    };
    plan.steps.iter().enumerate().map(row).collect()
}
