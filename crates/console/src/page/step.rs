//! Steps of a plan as a reader sees them: what each leads from and to.

use super::{link, number};
use crate::scene::Scene;
use control::Plan;
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
    pub sentence: String,
    /// What is there before.
    pub before: String,
    /// What is there afterwards.
    pub after: String,
    /// What takes it back.
    pub undo: Option<String>,
    /// How far it is, as a word: see [`StepView::state`].
    pub state: String,
    /// The same as a person reads it.
    pub says: &'static str,
    /// The entry that says so.
    pub href: Option<String>,
    /// Why it did not go well, and the entry that says so.
    pub trouble: Option<(String, Option<String>)>,
}

/// How far a step is, as a person reads it.
pub fn says(state: &str) -> &'static str {
    match state {
        "due" => "due now",
        "intended" => "under way",
        "done" => "done",
        "undone" => "undone",
        "refused" => "refused, nothing changed",
        "unknown" => "outcome not known",
        "silent" => "no answer",
        "late" => "reported too late",
        "not-undone" => "done, undoing refused",
        "not-begun" => "not begun",
        _ => "waiting",
    }
}

/// Every step of a plan. `progress` is empty before the seal.
pub fn rows(scene: &Scene, plan: &Plan, progress: &[StepView]) -> Vec<StepRow> {
    let (names, base) = (scene.names(), plan.engine().map(|(base, _)| base));
    let row = |(n, step): (usize, &control::Step)| {
        let words = step.action.words(base.as_ref());
        let view = progress.get(n);
        let trouble = view.and_then(|view| Some((view.trouble.clone()?, view.trouble_entry.map(link::control))));
        StepRow {
            number: number(n + 1),
            executor: step.executor().title(),
            action: step.action.word(),
            sentence: names.text(&words.sentence),
            before: names.text(&words.before),
            after: names.text(&words.after),
            undo: step.undo.as_ref().map(|undo| names.text(&undo.words(base.as_ref()).sentence)),
            state: view.map_or_else(|| "waiting".to_owned(), |view| view.state.clone()),
            says: view.map_or("waiting", |view| says(&view.state)),
            href: view.and_then(|view| view.entry).map(link::control),
            trouble,
        }
    };
    plan.steps.iter().enumerate().map(row).collect()
}
