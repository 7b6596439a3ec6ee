//! What each open change waits for: found from the state, for the indexes that the fold keeps.

use crate::state::{Place, Who};
use crate::{Change, State, Waiting, governs};
use model::{ChangeId, Instant, Service, Status};
use std::collections::BTreeSet;

/// What all that is open waits for, found from nothing: what the fold keeps is always the same.
pub fn waiting_of(state: &State) -> Waiting {
    let mut waiting = Waiting::default();
    state.changes.iter().for_each(|(id, change)| waiting.put(*id, place(state, change)));
    waiting
}

impl State {
    /// Looks again at what these changes wait for; one that is not open waits for nothing.
    pub(crate) fn reindex(&mut self, changes: &[ChangeId]) {
        for id in changes {
            self.waiting.take(id);
            if let Some(change) = self.changes.get(id) {
                let place = place(self, change);
                self.waiting.put(*id, place);
            }
        }
    }
}

/// Where a change stands in the indexes.
fn place(state: &State, change: &Change) -> Place {
    let sealed = matches!(change.status, Status::AwaitingApproval | Status::Approved);
    let lapsed = sealed && change.approvals.iter().any(|(slot, approval)| !change.counts(state, *slot, approval));
    let ends = match change.status {
        Status::Approved if !lapsed => vec![change.execute_by],
        Status::AwaitingApproval | Status::Approved => vec![change.approve_by, change.execute_by],
        Status::Executing => vec![change.silent_from()],
        Status::ReviewDue if change.overdue.is_none() => vec![change.review_by],
        Status::Effective => {
            let grant = state.grants.get(&change.package.change);
            vec![grant.and_then(|grant| grant.revoked.map(|_| Instant::EPOCH).or(grant.until))]
        }
        _ => vec![],
    };
    let starts = change.scheduled.as_ref().map(|scheduled| scheduled.not_before);
    let clock = ends.into_iter().flatten().chain(starts).min();
    Place { executors: executors(change), clock, engine: change.subject.engine, lapsed }
}

/// Who is to observe it, or to carry out its next step.
fn executors(change: &Change) -> BTreeSet<Who> {
    let kind = governs(change.kind);
    let unread = |service: &&Service| match change.status {
        Status::Draft | Status::Indeterminate => !change.observed.contains_key(service),
        Status::ReviewDue => {
            let unchecked = change.plan.iter().any(|plan| plan.unchecked.contains(service));
            unchecked && !change.read_late.contains(service)
        }
        _ => false,
    };
    // Of a service that is one of a node it is that of the change's node.
    let places = |service: &Service| [(*service, None), (*service, change.subject.node)];
    let observers = kind.observers().iter().filter(unread).flat_map(places);
    let planned = change.step_due().and_then(|step| change.plan.as_ref()?.steps.get(step.step as usize));
    observers.chain(planned.map(|step| step.action.executor())).collect()
}
