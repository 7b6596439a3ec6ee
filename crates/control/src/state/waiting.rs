//! What each open change waits for, by whom, by when and by where: kept by the fold, so that no executor and no
//! clock looks at all of them.

use super::SharedMap;
use model::{ChangeId, EngineId, Instant, NodeId, Service};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An executor: a service, and its node where it is one of a node.
pub(crate) type Who = (Service, Option<NodeId>);

const FIRST: ChangeId = ChangeId([0; 16]);
const LAST: ChangeId = ChangeId([u8::MAX; 16]);

/// Where one change stands in the indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Who has something to do for it, or would if it were not held.
    pub(crate) executors: BTreeSet<Who>,
    /// The first instant at which time alone brings it something.
    pub(crate) clock: Option<Instant>,
    pub(crate) engine: Option<EngineId>,
    /// Whether an approval of it counts no more, which is not written down yet.
    pub(crate) lapsed: bool,
}

/// The open changes by what they wait for. Derived: [`crate::waiting_of`] finds the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    places: SharedMap<ChangeId, Place>,
    executors: SharedMap<(Who, ChangeId), ()>,
    clocks: SharedMap<(Instant, ChangeId), ()>,
    engines: SharedMap<(EngineId, ChangeId), ()>,
    lapsed: SharedMap<ChangeId, ()>,
}

impl Waiting {
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

    pub(crate) fn put(&mut self, id: ChangeId, place: Place) {
        self.executors.extend(place.executors.iter().map(|who| ((*who, id), ())));
        self.clocks.extend(place.clock.map(|at| ((at, id), ())));
        self.engines.extend(place.engine.map(|engine| ((engine, id), ())));
        self.lapsed.extend(place.lapsed.then_some((id, ())));
        self.places.insert(id, place);
    }

    pub(crate) fn take(&mut self, id: &ChangeId) {
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
