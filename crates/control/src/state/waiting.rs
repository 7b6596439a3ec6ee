//! What each open change waits for, by whom, by when and by where: kept by the fold, so that no executor and no
//! clock looks at all of them.

use super::{SharedMap, State};
use crate::{Change, governs};
use model::{ChangeId, EngineId, Instant, NodeId, Service, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An executor: a service, and its node where it is one of a node.
type Who = (Service, Option<NodeId>);

const FIRST: ChangeId = ChangeId([0; 16]);
const LAST: ChangeId = ChangeId([u8::MAX; 16]);

/// Where one change stands in the indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Who has something to do for it, or would if it were not held.
    executors: BTreeSet<Who>,
    /// The first instant at which time alone brings it something.
    clock: Option<Instant>,
    engine: Option<EngineId>,
    /// Whether an approval of it counts no more, which is not written down yet.
    lapsed: bool,
}

/// The open changes by what they wait for. Derived: made from nothing it is the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    places: SharedMap<ChangeId, Place>,
    executors: SharedMap<(Who, ChangeId), ()>,
    clocks: SharedMap<(Instant, ChangeId), ()>,
    engines: SharedMap<(EngineId, ChangeId), ()>,
    lapsed: SharedMap<ChangeId, ()>,
}

impl Waiting {
    /// Of all that is open in a state.
    pub fn of(state: &State) -> Self {
        let mut waiting = Self::default();
        state.changes.iter().for_each(|(id, change)| waiting.put(*id, Place::of(state, change)));
        waiting
    }

    /// Changes that this executor may have something to do for.
    pub(crate) fn on(&self, who: Who) -> impl Iterator<Item = &ChangeId> {
        self.executors.range((who, FIRST)..=(who, LAST)).map(|((_, id), ())| id)
    }

    /// Changes to which time, or a roster, has brought something by `now`.
    pub(crate) fn come_due(&self, now: Instant) -> BTreeSet<ChangeId> {
        let by_clock = self.clocks.range(..=(now, LAST)).map(|((_, id), ())| *id);
        by_clock.chain(self.lapsed.keys().copied()).collect()
    }

    /// Open changes about an engine.
    pub(crate) fn about(&self, engine: &EngineId) -> impl Iterator<Item = &ChangeId> {
        self.engines.range((*engine, FIRST)..=(*engine, LAST)).map(|((_, id), ())| id)
    }

    fn put(&mut self, id: ChangeId, place: Place) {
        self.executors.extend(place.executors.iter().map(|who| ((*who, id), ())));
        self.clocks.extend(place.clock.map(|at| ((at, id), ())));
        self.engines.extend(place.engine.map(|engine| ((engine, id), ())));
        self.lapsed.extend(place.lapsed.then_some((id, ())));
        self.places.insert(id, place);
    }

    fn take(&mut self, id: &ChangeId) {
        let Some(place) = self.places.get(id).cloned() else { return };
        for who in place.executors {
            self.executors.remove(&(who, *id));
        }
        if let Some(at) = place.clock {
            self.clocks.remove(&(at, *id));
        }
        if let Some(engine) = place.engine {
            self.engines.remove(&(engine, *id));
        }
        self.lapsed.remove(id);
        self.places.remove(id);
    }
}

impl State {
    /// Looks again at what these changes wait for; one that is not open waits for nothing.
    pub(crate) fn reindex(&mut self, changes: &[ChangeId]) {
        for id in changes {
            self.waiting.take(id);
            if let Some(change) = self.changes.get(id) {
                let place = Place::of(self, change);
                self.waiting.put(*id, place);
            }
        }
    }
}

impl Place {
    fn of(state: &State, change: &Change) -> Self {
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
        Self { executors: executors(change), clock, engine: change.subject.engine, lapsed }
    }
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
