//! What is due for whom: the question every executor asks its own state.

use crate::{Action, Change, Executor, Intent, State, governs};
use model::{ChangeId, Digest, Instant, Nonce, Resource, Status};
use signed::StepRef;

/// A draft that wants this service's observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueObservation {
    pub change: ChangeId,
    pub revision: u32,
}

/// A step whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueStep {
    pub step: StepRef,
    /// What is to be done.
    pub action: Action,
    /// The accepted intent without outcome, if there is one.
    pub intent: Option<Intent>,
}

/// How an outcome that is still to come would be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// As the outcome of the step that is due.
    InTurn,
    /// As a late one, which changes nothing: its change has ended, or waits for people who say how it ended.
    Late,
}

impl Executor {
    fn is_asked(&self, change: &Change) -> bool {
        let here = self.node.is_none() || self.node == change.subject.node;
        here && governs(change.kind).observers().contains(&self.service)
    }
}

/// Changes this service has not observed and should: drafts, what nobody knows the end of, and what
/// was carried out without it.
pub fn due_observations(state: &State, who: &Executor) -> Vec<DueObservation> {
    let wants = |change: &&Change| {
        let wanted = match change.status {
            // Of an indeterminate end only when somebody has asked since.
            Status::Indeterminate => change.opened > change.stopped,
            Status::Draft => true,
            Status::ReviewDue => {
                let unchecked = change.plan.iter().any(|plan| plan.unchecked.contains(&who.service));
                return unchecked && who.is_asked(change) && !change.read_late.contains(&who.service);
            }
            _ => false,
        };
        wanted && who.is_asked(change) && !change.observed.contains_key(&who.service)
    };
    let due = |change: &Change| DueObservation { change: change.package.change, revision: change.revision };
    waiting(state, who).filter(wants).map(due).collect()
}

/// What was published, waits to be certified, and is of what Platform Services looks at.
pub fn due_certificates(state: &State) -> Vec<(Digest, Resource)> {
    let resource = |digest: &Digest| Some((*digest, state.resources.get(digest)?.content.resource()));
    state.uncertified.iter().filter_map(resource).collect()
}

/// Open changes that wait for this executor, as far as the index knows.
fn waiting<'a>(state: &'a State, who: &Executor) -> impl Iterator<Item = &'a Change> {
    state.waiting.on((who.service, who.node)).filter_map(|id| state.changes.get(id))
}

/// Steps this service may begin or must bring to an outcome. A held change begins no new step, and
/// a service whose key is not trusted any more begins none at all.
pub fn due_steps(state: &State, who: &Executor) -> Vec<DueStep> {
    let key = state.roster.service(who.service, who.node.as_ref());
    let distrusted = key.is_some_and(|key| state.distrusted.contains_key(key));
    let due = |change: &Change| {
        let step = change.step_due()?;
        let planned = change.plan.as_ref()?.steps.get(step.step as usize)?;
        if planned.action.executor() != (who.service, who.node) {
            return None;
        }
        let action = if step.undo { planned.undo.clone()? } else { planned.action.clone() };
        let intent = change.steps.get(step.step as usize)?.intent.clone();
        if intent.is_none() && (change.is_stopped() || distrusted) {
            return None;
        }
        Some(DueStep { step, action, intent })
    };
    waiting(state, who).filter(|change| change.status == Status::Executing).filter_map(due).collect()
}

/// Whether this executor's accepted intent has no outcome yet, and what one would be.
pub fn awaited(state: &State, who: &Executor, step: &StepRef, nonce: &Nonce, now: Instant) -> Option<Awaited> {
    let (position, own) = (step.step as usize, (who.service, who.node));
    if let Some(closed) = state.closed.get(&step.change) {
        let progress = closed.step(step.step)?;
        return (progress.executor == own && progress.intent == Some(*nonce)).then_some(Awaited::Late);
    }
    let change = state.changes.get(&step.change)?;
    let planned = change.plan.as_ref()?.steps.get(position)?;
    let intent = change.steps.get(position)?.intent.as_ref()?;
    if planned.action.executor() != own || intent.nonce != *nonce {
        return None;
    }
    let late = change.status != Status::Executing || change.is_silent(now);
    Some(if late { Awaited::Late } else { Awaited::InTurn })
}

/// Scheduled changes whose time has come.
pub fn due_starts(state: &State, now: Instant) -> Vec<ChangeId> {
    let due = |change: &&Change| change.scheduled.as_ref().is_some_and(|scheduled| scheduled.not_before <= now);
    let come = state.waiting.come_due(now);
    come.iter().filter_map(|id| state.changes.get(id)).filter(due).map(|change| change.package.change).collect()
}
