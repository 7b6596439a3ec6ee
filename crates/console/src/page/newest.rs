//! The newest change that some panel is about.

use super::kinds::is_deployment;
use super::panel::Notice;
use crate::scene::Scene;
use control::{Change, Closed, OnStack, kinds_on_stack};
use model::{ChangeId, EngineId};
use std::borrow::Cow;

/// The newest change that the package panels are about, of an engine or of all: sealed ones before
/// drafts.
pub fn deployment<'a>(scene: &'a Scene, engine: Option<&EngineId>) -> Option<Cow<'a, Change>> {
    scene.change(&deployment_id(scene, engine)?).ok()
}

/// Why a panel about it shows nothing: there is none, in these words, or its record is lost here.
pub fn none(scene: &Scene, engine: Option<&EngineId>, words: &str) -> Notice {
    match deployment_id(scene, engine) {
        None => Notice::new("empty", words),
        Some(_) => Notice::new(
            "lost",
            "The record of the newest package is missing or damaged here: start the console again, it makes it anew.",
        ),
    }
}

fn deployment_id(scene: &Scene, engine: Option<&EngineId>) -> Option<ChangeId> {
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
    open.chain(last(true)).max().or_else(|| last(false)).map(|(_, id)| id)
}

/// The newest open change of an engine that will certify what serves.
pub fn open_deployment<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Change> {
    kinds_on_stack(OnStack::Certifies).find_map(|kind| scene.state.open_on(engine, kind, scene.now))
}

/// The newest open change of an engine that goes back to what was certified.
pub fn open_rollback<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Change> {
    kinds_on_stack(OnStack::GoesBack).find_map(|kind| scene.state.open_on(engine, kind, scene.now))
}
