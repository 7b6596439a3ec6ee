//! Reviews, and how an indeterminate change is reconciled.

use super::{Signing, refuse_if};
use crate::plan::EngineFact;
use crate::{OBSERVATION_MAX_MS, Refusal};
use model::{Service, Status};
use signed::{Act, Observation, Reconciled};

/// Who asked for it or approved it does not review it.
pub(super) fn reviewer_distinct(s: &Signing) -> Result<(), Refusal> {
    let me = s.statement.person;
    let approved = s.change.approvals.values().any(|approval| approval.person == me || approval.filled_by() == me);
    refuse_if(approved || s.change.authors.contains(&me), Refusal::ReviewerNotDistinct {})
}

/// What was not observed before has been read since.
pub(super) fn read_late(s: &Signing) -> Result<(), Refusal> {
    let unchecked = s.change.plan.iter().flat_map(|plan| plan.unchecked.iter());
    let missing = unchecked.copied().find(|service| !s.change.read_late.contains(service));
    missing.map_or(Ok(()), |service| Err(Refusal::ReadingMissing { service }))
}

/// A person whose earlier change of the kind waits for an overdue review asks for no further one.
pub(super) fn review_not_overdue(s: &Signing) -> Result<(), Refusal> {
    let blocks = |other: &&crate::Change| {
        let row = other.requirement.as_ref().and_then(|row| row.review.as_ref());
        let overdue = other.review_by.is_some_and(|by| s.now > by) && other.status == Status::ReviewDue;
        let mine = other.kind == s.change.kind && other.authors.contains(&s.statement.person);
        overdue && mine && row.is_some_and(|review| review.blocks_author)
    };
    let overdue = s.state.open_changes().find(blocks);
    overdue.map_or(Ok(()), |other| Err(Refusal::ReviewOverdue { change: other.package.change }))
}

/// Fresh observations since it stopped agree with the end that is said. Of what cannot be reached
/// only the base may be said.
pub(super) fn observations_agree(s: &Signing) -> Result<(), Refusal> {
    let Act::Reconcile { outcome, .. } = &s.statement.act else { return Ok(()) };
    let Some((before, after)) = s.change.plan.as_ref().and_then(crate::Plan::engine) else { return Ok(()) };
    let wanted = match outcome {
        Reconciled::AsBase => before,
        Reconciled::AsPlanned => after,
    };
    let stopped = s.change.stopped_at(s.now);
    let fresh = s
        .change
        .observed
        .get(&Service::Engine)
        .filter(|observed| observed.index > stopped && s.now.millis_since(observed.at) <= OBSERVATION_MAX_MS);
    let silent = s.now.millis_since(s.change.opened_at) >= crate::kind::engine_silent_ms();
    match fresh {
        None if *outcome == Reconciled::AsBase && silent && s.change.opened > stopped => Ok(()),
        None => Err(Refusal::NotReconciled { service: Service::Engine }),
        Some(observed) => {
            let agrees = agrees(&observed.observation, *outcome, &wanted);
            refuse_if(!agrees, Refusal::NotReconciled { service: Service::Engine })
        }
    }
}

/// The same thing serves. An undone switch has raised the generation beyond the base's.
fn agrees(observation: &Observation, outcome: Reconciled, wanted: &EngineFact) -> bool {
    let Observation::Engine { generation, serving } = observation else { return false };
    let same = *serving == wanted.serving.map(|serving| serving.served());
    let known = match outcome {
        Reconciled::AsBase => *generation == wanted.generation || *generation == wanted.generation + 2,
        Reconciled::AsPlanned => *generation == wanted.generation,
    };
    same && known
}
