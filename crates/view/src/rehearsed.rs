//! The last rehearsal on an engine: which bundle was started beside what served, and was healthy.

use crate::Names;
use control::Engine;
use model::{ChangeId, Digest, Instant};
use serde::{Deserialize, Serialize};

/// That a bundle was started beside what served, was healthy, and was stopped again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RehearsedView {
    /// Digest of the bundle that was tried.
    #[schema(value_type = String)]
    pub bundle: Digest,
    /// What its release is called; absent where the bundle is neither certified here nor serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The change that tried it.
    #[schema(value_type = String)]
    pub change: ChangeId,
    #[schema(value_type = String)]
    pub at: Instant,
    /// The entry that says so.
    pub entry: u64,
}

impl RehearsedView {
    /// Of an engine; none: nothing was tried on it.
    pub fn of(names: &Names, engine: &Engine) -> Option<Self> {
        let tried = engine.rehearsed?;
        let known = engine.stack.iter().map(|certified| certified.bundle).chain(engine.bundle());
        let artifact = known.into_iter().find(|bundle| bundle.digest() == tried.bundle).map(|bundle| bundle.artifact);
        let name = artifact.map(|artifact| names.artifact(&artifact));
        Some(Self { bundle: tried.bundle, name, change: tried.change, at: tried.at, entry: tried.index })
    }
}
