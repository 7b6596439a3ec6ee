//! How far an engine is, from its registration to its launch, and what the next stage waits for.

use control::{Change, Engine, OnStack, State, kinds_on_stack};
use model::{ChangeId, EngineId, Instant};
use serde::{Deserialize, Serialize};

/// One stage of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EngineStage {
    /// `registered`, `bound`, `placed`, `certified` or `launched`.
    pub what: String,
    pub reached: bool,
    /// What it means here, or what it waits for.
    pub sentence: String,
    /// The entry that says so; absent where it is not reached, or where several steps of a change say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// The change through which it came, or is to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub change: Option<ChangeId>,
}

/// In which order the stages come, where that is not the order in which they are listed.
pub const ORDER_NOTE: &str =
    "A bundle is certified once it has served and stayed healthy, so an engine serves before its first certificate.";

impl EngineStage {
    /// Every stage, in order; none: there is no such engine.
    pub fn all(state: &State, id: &EngineId, now: Instant) -> Option<Vec<Self>> {
        let engine = state.engines.get(id)?;
        let open = kinds_on_stack(OnStack::Certifies).find_map(|kind| state.open_on(id, kind, now));
        Some(vec![
            Self::reached("registered", Some(engine.index), "It is registered for its tenant, its node and its port."),
            bound(engine, open),
            placed(engine, open),
            certified(engine, open),
            launched(engine, open),
        ])
    }

    /// The furthest stage that is reached, with all before it.
    pub fn furthest(stages: &[Self]) -> &str {
        let reached = stages.iter().take_while(|stage| stage.reached).last();
        let launched = stages.last().filter(|stage| stage.reached);
        launched.or(reached).map_or("registered", |stage| &stage.what)
    }

    fn reached(what: &str, entry: Option<u64>, sentence: &str) -> Self {
        Self { what: what.to_owned(), reached: true, sentence: sentence.to_owned(), entry, change: None }
    }

    fn waits(what: &str, change: Option<&Change>, sentence: &str) -> Self {
        let change = change.map(|change| change.package.change);
        Self { what: what.to_owned(), reached: false, sentence: sentence.to_owned(), entry: None, change }
    }

    fn by(self, change: ChangeId) -> Self {
        Self { change: Some(change), ..self }
    }
}

fn bound(engine: &Engine, open: Option<&Change>) -> EngineStage {
    let sealed = open.filter(|change| change.sealed.is_some());
    match (engine.stack.last(), sealed, engine.serving) {
        (Some(top), _, _) => {
            EngineStage::reached("bound", Some(top.index), "A countersigned package named a bundle for it.")
                .by(top.change)
        }
        (None, Some(change), _) => {
            EngineStage::reached("bound", change.sealed, "A sealed package names a bundle for it.")
                .by(change.package.change)
        }
        (None, None, Some(_)) => EngineStage::reached("bound", None, "A bundle was bound to it and serves."),
        (None, None, None) if open.is_some() => {
            EngineStage::waits("bound", open, "Waits for the draft of its deployment to be sealed.")
        }
        (None, None, None) => EngineStage::waits("bound", None, "Waits for a deployment to be asked for."),
    }
}

/// Whether a step of the change has placed something and none has given it back.
fn has_placed(change: &Change) -> bool {
    let Some(plan) = &change.plan else { return false };
    let steps = plan.steps.iter().zip(&change.steps);
    steps
        .filter(|(_, at)| at.done.is_some() && at.undone.is_none())
        .any(|(step, _)| step.action.placing().is_some_and(|placing| placing.kept.is_some()))
}

fn placed(engine: &Engine, open: Option<&Change>) -> EngineStage {
    match (engine.serving, open) {
        (Some(_), _) => EngineStage::reached("placed", None, "Memory on its node is given to what serves."),
        (None, Some(change)) if has_placed(change) => {
            EngineStage::reached("placed", None, "Memory on its node is given to what is being started.")
                .by(change.package.change)
        }
        // Whatever is drafted meanwhile: what served before is brought back by an undrain.
        (None, _) if !engine.stack.is_empty() => {
            EngineStage::waits("placed", None, "Its memory was given back when it was drained; waits for an undrain.")
        }
        (None, Some(_)) => EngineStage::waits("placed", open, "Waits for its deployment to be approved and run."),
        (None, None) => EngineStage::waits("placed", None, "Waits for a deployment."),
    }
}

fn certified(engine: &Engine, open: Option<&Change>) -> EngineStage {
    match (engine.stack.last(), engine.serving) {
        (Some(top), _) => {
            let sentence = "A bundle served on it and stayed healthy: it can serve again, and be gone back to.";
            EngineStage::reached("certified", Some(top.index), sentence).by(top.change)
        }
        (None, Some(_)) => EngineStage::waits("certified", open, "Waits until what serves has stayed healthy."),
        (None, None) => EngineStage::waits("certified", open, "Waits until a bundle has served and stayed healthy."),
    }
}

fn launched(engine: &Engine, open: Option<&Change>) -> EngineStage {
    match (engine.serving, engine.stack.is_empty()) {
        (Some(_), _) => EngineStage::reached("launched", None, "It serves: its front leads visitors to it."),
        (None, true) => EngineStage::waits("launched", open, "Waits until its front leads visitors to a bundle."),
        (None, false) => EngineStage::waits("launched", open, "It served before, and nothing serves now."),
    }
}
