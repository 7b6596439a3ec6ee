//! Where a rollback of an engine leads.

use crate::Names;
use control::{Certified, Change, OnStack, State, blocked, kinds_on_stack};
use model::{ChangeId, Digest, EngineId, Instant, Status};
use serde::{Deserialize, Serialize};

/// What serves, while a deployment that can still be run is open: a rollback to it can stand by for that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StandByView {
    /// The bundle's digest.
    #[schema(value_type = String)]
    pub bundle: Digest,
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// What its release is called.
    pub name: String,
    /// The deployment for which it would stand by.
    #[schema(value_type = String)]
    pub deployment: ChangeId,
}

/// Whether a change that is open is sealed, and nothing keeps it from being run.
fn can_run(state: &State, change: &Change, now: Instant) -> bool {
    let sealed =
        matches!(change.status_at(state, now), Status::AwaitingApproval | Status::Approved | Status::Executing);
    sealed && blocked(state, change, now).is_none()
}

/// What a rollback that is asked for now leads to: what its plan goes back to. Where nothing lies below what serves, it
/// can only stand by.
pub(super) fn target<'a>(state: &'a State, id: &EngineId, now: Instant) -> Option<&'a Certified> {
    let below = state.engines.get(id)?.fallback();
    below.or_else(|| stands_by(state, id, now).map(|(serving, _)| serving))
}

/// What serves, and the open deployment for which a rollback to it can stand by; none where that deployment cannot be
/// run: nothing else will serve through it.
pub(super) fn stands_by<'a>(state: &'a State, id: &EngineId, now: Instant) -> Option<(&'a Certified, &'a Change)> {
    let engine = state.engines.get(id)?;
    let top = engine.stack.last().filter(|top| engine.bundle() == Some(top.bundle))?;
    let open = kinds_on_stack(OnStack::Certifies).find_map(|kind| state.open_on(id, kind, now));
    Some((top, open.filter(|change| can_run(state, change, now))?))
}

impl StandByView {
    /// Of an engine.
    pub(super) fn of((state, names): (&State, &Names), id: &EngineId, now: Instant) -> Option<Self> {
        let (serving, deployment) = stands_by(state, id, now)?;
        let artifact = serving.bundle.artifact;
        let (bundle, name) = (serving.bundle.digest(), names.artifact(&artifact));
        Some(Self { bundle, artifact, name, deployment: deployment.package.change })
    }
}
