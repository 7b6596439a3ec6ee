//! The kinds of change that some panel is about, by what they do to an engine's stack. The console names none.

use crate::scene::Scene;
use control::{Change, Closed, OnStack, Replaces, State, governs, kinds_on_stack};
use model::{EngineId, KindName, Service};
use std::borrow::Cow;

/// Whether it is what the package panels are about.
pub fn is_deployment(kind: KindName) -> bool {
    governs(kind).on_stack() == Some(OnStack::Certifies)
}

/// The newest change that the package panels are about, of an engine or of all: sealed ones before
/// drafts.
pub fn deployment<'a>(scene: &'a Scene, engine: Option<&EngineId>) -> Option<Cow<'a, Change>> {
    let state = &scene.state;
    let wanted = |on: Option<EngineId>| on.is_some() && (engine.is_none() || on.as_ref() == engine);
    let fits = |change: &&Change| is_deployment(change.kind) && wanted(change.subject.engine);
    let open = state.changes.iter().map(|(_, change)| change).filter(fits);
    let open = open.map(|change| ((change.sealed.is_some(), change.opened), change.package.change));
    // Of each engine the sealed one that ended last; drafts that came to nothing only where there is no other.
    let last = |sealed: bool| {
        let engines = state.engines.keys().filter(|id| wanted(Some(**id)));
        let ended = engines.filter_map(|id| {
            let fits = |closed: &Closed| is_deployment(closed.kind) && closed.sealed.is_some() == sealed;
            state.ended_on(id).find(|(_, closed)| fits(closed))
        });
        ended.map(|(id, closed)| ((closed.sealed.is_some(), closed.opened), *id)).max()
    };
    let (_, id) = open.chain(last(true)).max().or_else(|| last(false))?;
    scene.change(&id).ok()
}

/// The newest open change of an engine that will certify what serves.
pub fn open_deployment<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Change> {
    kinds_on_stack(OnStack::Certifies).find_map(|kind| scene.state.open_on(engine, kind, scene.now))
}

/// The newest open change of an engine that goes back to what was certified.
pub fn open_rollback<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Change> {
    kinds_on_stack(OnStack::GoesBack).find_map(|kind| scene.state.open_on(engine, kind, scene.now))
}

/// The kind that goes back to what was certified.
pub fn rollback() -> Option<KindName> {
    kinds_on_stack(OnStack::GoesBack).next()
}

/// Executors that a change which goes back can do without when they stay silent.
pub fn rollback_does_without() -> &'static [Service] {
    kinds_on_stack(OnStack::GoesBack).next().map_or(&[], |kind| governs(kind).may_be_unchecked())
}

/// The kinds in force, in the order of their names: what can be asked for.
pub fn all(state: &State) -> impl Iterator<Item = KindName> + '_ {
    state.kinds.kinds.iter().map(|row| row.name)
}

/// The kind by which the roster changes: its form asks for a whole document, and for none by name.
pub fn of_roster(state: &State) -> Option<KindName> {
    all(state).find(|kind| governs(*kind).replaces() == Some(Replaces::Roster))
}

/// What asking for a change of a kind, or deciding one, rests on: Governance, and those whose
/// observation its plan cannot do without.
pub fn needs(kind: KindName) -> Vec<Service> {
    let governs = governs(kind);
    let spared = governs.may_be_unchecked();
    let observers = governs.observers().iter().filter(|service| !spared.contains(service));
    std::iter::once(Service::Governance).chain(observers.copied()).collect()
}
