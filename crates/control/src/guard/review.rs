//! Reviews, and how an indeterminate change is reconciled.

use super::signing::Signing;
use crate::plan::EngineFact;
use crate::refusal::refuse_if;
use crate::{OBSERVATION_MAX_MS, Plan, Refusal};
use model::{Digest, PersonId, Service, Status};
use signed::{Act, Observation, Reconciled};

/// Who asked for it, escalated it or approved it does not review it.
pub(super) fn reviewer_distinct(s: &Signing) -> Result<(), Refusal> {
    let me = s.statement.person;
    let approved = s.change.approvals.values().any(|approval| approval.person == me || approval.filled_by() == me);
    refuse_if(approved || s.change.is_barred(&me), Refusal::ReviewerNotDistinct {})
}

/// What was not observed before has been read since.
pub(super) fn read_late(s: &Signing) -> Result<(), Refusal> {
    let unchecked = s.change.plan.iter().flat_map(|plan| plan.unchecked.iter());
    let missing = unchecked.copied().find(|service| !s.change.read_late.contains(service));
    missing.map_or(Ok(()), |service| Err(Refusal::ReadingMissing { service }))
}

/// A person whose earlier change of the kind waits for an overdue review asks for no further one, whoever seals it.
pub(super) fn review_not_overdue(s: &Signing) -> Result<(), Refusal> {
    let blocks = |other: &&crate::Change| {
        let row = other.requirement.as_ref().and_then(|row| row.review.as_ref());
        let overdue = other.review_by.is_some_and(|by| s.now > by) && other.status == Status::ReviewDue;
        let asks = |person: &PersonId| *person == s.statement.person || s.change.authors.contains(person);
        let mine = other.kind == s.change.kind && other.authors.iter().any(asks);
        overdue && mine && row.is_some_and(|review| review.blocks_author)
    };
    let overdue = s.state.open_changes().find(blocks);
    overdue.map_or(Ok(()), |other| Err(Refusal::ReviewOverdue { change: other.package.change }))
}

/// Fresh observations since it stopped, of Engine Runtime and of each other executor that has begun a
/// step of it, agree with the end that is said. Where one of them cannot be reached only the base may
/// be said.
pub(super) fn observations_agree(s: &Signing) -> Result<(), Refusal> {
    let Act::Reconcile { outcome, .. } = &s.statement.act else { return Ok(()) };
    let Some(plan) = &s.change.plan else { return Ok(()) };
    let Some(end) = End::of(plan, *outcome) else { return Ok(()) };
    let stopped = s.change.stopped_at(s.now);
    let silent = s.now.millis_since(s.change.opened_at) >= crate::kind::engine_silent_ms();
    let unreachable = silent && s.change.opened > stopped;
    let mut asked = s.change.begun_by();
    asked.insert(Service::Engine);
    asked.into_iter().try_for_each(|service| {
        let agrees = match s.change.observed.get(&service).filter(|observed| observed.index > stopped) {
            // Who has answered can be reached: an old answer is asked for again, and is not passed over.
            Some(observed) => {
                s.now.millis_since(observed.at) <= OBSERVATION_MAX_MS && end.agrees(&observed.observation)
            }
            None => *outcome == Reconciled::AsBase && unreachable,
        };
        refuse_if(!agrees, Refusal::NotReconciled { service })
    })
}

/// How people say that a change ended.
struct End {
    outcome: Reconciled,
    /// What serves then.
    engine: EngineFact,
    /// The outside bindings, which it leaves as they are.
    bindings: Option<Digest>,
}

impl End {
    fn of(plan: &Plan, outcome: Reconciled) -> Option<Self> {
        let (before, after) = plan.engine()?;
        let engine = match outcome {
            Reconciled::AsBase => before,
            Reconciled::AsPlanned => after,
        };
        Some(Self { outcome, engine, bindings: plan.bindings() })
    }

    fn agrees(&self, observation: &Observation) -> bool {
        let served = self.engine.serving;
        match observation {
            // What was there before needs nothing of it.
            Observation::Platform { missing, .. } => missing.is_empty() || self.outcome == Reconciled::AsBase,
            // What serves keeps its memory. What is reserved beside it the next change takes or gives back.
            Observation::Node { placed, .. } => served.is_none_or(|served| placed.contains(&served.placed())),
            // An undone switch has raised the generation beyond the base's.
            Observation::Engine { generation, serving, .. } => {
                let (known, undone) = (self.engine.generation, self.outcome == Reconciled::AsBase);
                *serving == served && (*generation == known || (undone && *generation == known + 2))
            }
            Observation::Integration { bindings } => self.bindings.is_none_or(|planned| planned == *bindings),
        }
    }
}
