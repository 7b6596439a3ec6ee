//! What all connections share: the table in force, and who is in flight.

use crate::{
    Counts, Route, Routes,
    clock::Clock,
    health::{Counter, Counters},
    limits::{Bucket, retry_after_s},
};
use durable_file::Mended;
use model::Token;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// The one piece of shared state. Finding a request's route and counting it in flight is one step under
/// one lock, so after a switch nobody can still enter the old side: `drained` would lie otherwise.
pub(crate) struct Shared {
    state: Mutex<State>,
    clock: Clock,
    /// Whoever names it asks for the owner of this front, not for a visitor.
    probe: String,
    /// What was damaged.
    files: Mended,
    /// Bumped when a table is applied or refused, and when a side becomes empty.
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    generation: u64,
    by_listen: BTreeMap<SocketAddr, Arc<Row>>,
    /// One a tenant; a limit that changes finds what was let through before.
    buckets: BTreeMap<Token, Arc<Bucket>>,
    counters: Counters,
    in_flight: BTreeMap<Token, u64>,
    refused: Option<Refusal>,
}

/// One route in force, with what is measured of it.
pub(crate) struct Row {
    pub(crate) route: Route,
    pub(crate) counter: Arc<Counter>,
    bucket: Option<Arc<Bucket>>,
}

/// The last table that was not applied, until one is.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// Its generation, when it could be read.
    pub(crate) generation: Option<u64>,
    pub(crate) what: String,
}

/// A request on its way; counted until it is dropped.
pub(crate) struct InFlight {
    shared: Arc<Shared>,
    side: Token,
}

impl Shared {
    pub(crate) fn new(probe: String, clock: Clock, files: Mended) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), clock, probe, files, changed: watch::channel(0).0 })
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn files(&self) -> &Mended {
        &self.files
    }

    pub(crate) fn probe(&self) -> &str {
        &self.probe
    }

    /// Every change under the lock is complete in itself, so a panic elsewhere leaves nothing half done.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bump(&self) {
        self.changed.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// The route of what was accepted on `listen`, counted as in flight from here on.
    pub(crate) fn begin(
        self: &Arc<Self>,
        listen: SocketAddr,
        admit: impl FnOnce(&Route) -> bool,
    ) -> Option<(Arc<Row>, InFlight)> {
        let mut state = self.state();
        let row = state.by_listen.get(&listen).filter(|row| admit(&row.route))?.clone();
        *state.in_flight.entry(row.route.side.clone()).or_insert(0) += 1;
        let request = InFlight { shared: self.clone(), side: row.route.side.clone() };
        Some((row, request))
    }

    /// Takes one request out of its tenant's bucket, or says after how many seconds one may come.
    pub(crate) fn admit(&self, row: &Row) -> Result<(), u64> {
        let (Some(bucket), Some(limits)) = (&row.bucket, &row.route.limits) else { return Ok(()) };
        let now = self.clock.now();
        let Some(limit) = limits.at(now) else { return Ok(()) };
        bucket.take(self.clock.nanos(), limit).map_err(|wait| retry_after_s(wait, limit, now))
    }

    /// Puts a table in force. INVARIANT: generations only rise.
    pub(crate) fn apply(&self, routes: &Routes) {
        let mut state = self.state();
        assert!(routes.generation >= state.generation, "the caller refuses lower generations");
        state.generation = routes.generation;
        state.put(routes);
        state.refused = None;
        drop(state);
        self.bump();
    }

    pub(crate) fn refuse(&self, refusal: Refusal) {
        self.state().refused = Some(refusal);
        self.bump();
    }

    pub(crate) fn generation(&self) -> u64 {
        self.state().generation
    }

    pub(crate) fn refused(&self) -> Option<Refusal> {
        self.state().refused.clone()
    }

    pub(crate) fn routes(&self) -> Routes {
        let state = self.state();
        let routes = state.by_listen.values().map(|row| row.route.clone()).collect();
        Routes { generation: state.generation, routes }
    }

    pub(crate) fn counts(&self) -> Vec<Counts> {
        self.state().counters.read()
    }

    pub(crate) fn in_flight(&self) -> BTreeMap<Token, u64> {
        self.state().in_flight.clone()
    }

    /// Requests in flight to one side.
    pub(crate) fn count(&self, side: &Token) -> u64 {
        self.state().in_flight.get(side).copied().unwrap_or(0)
    }

    /// To wait for a change: subscribe, test, then wait.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

impl State {
    fn put(&mut self, routes: &Routes) {
        let limits = routes.routes.iter().filter_map(|route| route.limits.as_ref());
        let buckets = limits.map(|limits| {
            let known = self.buckets.get(&limits.bucket).cloned();
            (limits.bucket.clone(), known.unwrap_or_default())
        });
        self.buckets = buckets.collect();
        let mut row = |route: &Route| {
            let bucket = route.limits.as_ref().and_then(|limits| self.buckets.get(&limits.bucket).cloned());
            Arc::new(Row { route: route.clone(), counter: self.counters.of(route), bucket })
        };
        self.by_listen = routes.routes.iter().map(|route| (route.listen, row(route))).collect();
        let in_force = routes.routes.iter().map(|route| (route.engine, route.generation)).collect();
        self.counters.trim(&in_force);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        let left = state.in_flight.get(&self.side).map_or(0, |n| n.saturating_sub(1));
        if left > 0 {
            state.in_flight.insert(self.side.clone(), left);
            return;
        }
        state.in_flight.remove(&self.side);
        drop(state);
        self.shared.bump();
    }
}
