//! What is due for whom: the question every executor asks its own fold.

use crate::{Action, Change, Intent, State};
use model::{ChangeId, Service, Status};
use warrant::StepRef;

/// A draft that wants this service's observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueObservation {
    /// The draft.
    pub change: ChangeId,
    /// Its revision.
    pub revision: u32,
}

/// A step whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueStep {
    /// Which.
    pub step: StepRef,
    /// What is to be done.
    pub action: Action,
    /// The accepted intent without outcome, if there is one.
    pub intent: Option<Intent>,
}

/// Drafts this service has not observed in their current revision.
pub fn due_observations(state: &State, service: Service) -> Vec<DueObservation> {
    let wants = |change: &&Change| {
        let asked = state.kinds.kind(change.kind).is_some_and(|kind| kind.observers.contains(&service));
        change.status == Status::Draft && asked && !change.observed.contains_key(&service)
    };
    let due = |change: &Change| DueObservation { change: change.package.change, revision: change.revision };
    state.changes.values().filter(wants).map(due).collect()
}

/// Steps this service may begin or must bring to an outcome. A held change begins no new step.
pub fn due_steps(state: &State, service: Service) -> Vec<DueStep> {
    let due = |change: &Change| {
        let step = change.step_due()?;
        let planned = change.plan.as_ref()?.steps.get(step.step as usize).filter(|step| step.executor == service)?;
        let action = if step.undo { planned.undo.clone()? } else { planned.action.clone() };
        let intent = change.steps.get(step.step as usize)?.intent.clone();
        if intent.is_none() && change.held_by.is_some() {
            return None;
        }
        Some(DueStep { step, action, intent })
    };
    state.changes.values().filter(|change| change.status == Status::Executing).filter_map(due).collect()
}
