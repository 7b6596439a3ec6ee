//! The newest change that some panel is about.

use super::kinds::is_deployment;
use crate::scene::Scene;
use control::{Change, OnStack, kinds_on_stack};
use model::EngineId;

/// The newest change that the package panels are about, of an engine or of all: sealed ones before
/// drafts.
pub fn deployment<'a>(scene: &'a Scene, engine: Option<&EngineId>) -> Option<&'a Change> {
    let fits =
        |change: &&Change| is_deployment(change.kind) && (engine.is_none() || change.subject.engine.as_ref() == engine);
    scene.state.changes.values().filter(fits).max_by_key(|change| (change.sealed.is_some(), change.opened))
}

/// The newest open change of an engine that will certify what serves.
pub fn open_deployment<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Change> {
    kinds_on_stack(OnStack::Certifies).find_map(|kind| scene.state.open_on(engine, kind, scene.now))
}

/// The newest open change of an engine that goes back to what was certified.
pub fn open_rollback<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Change> {
    kinds_on_stack(OnStack::GoesBack).find_map(|kind| scene.state.open_on(engine, kind, scene.now))
}
