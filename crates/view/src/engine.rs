//! Engines and artifacts as decided.

use crate::Names;
use control::State;
use model::{ChangeId, Digest, EngineId, Side, TenantId, Token};
use serde::{Deserialize, Serialize};

/// A release an engine serves or could go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactView {
    /// Digest of its manifest.
    pub artifact: Digest,
    /// Its name, as `POD Storefront Core 2026.03.1`.
    pub name: String,
    pub version: Token,
    /// Memory it needs, MiB.
    pub memory_mib: u32,
}

/// An engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineView {
    pub id: EngineId,
    pub name: String,
    pub tenant: TenantId,
    /// The tenant's name.
    pub tenant_name: String,
    /// The node's name.
    pub node: Token,
    /// Where the shop is.
    pub url: String,
    /// Generation of its route.
    pub generation: u64,
    /// The side that serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// What serves, as decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serving: Option<ArtifactView>,
    /// What a rollback would lead to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<ArtifactView>,
    /// The change being carried out on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_by: Option<ChangeId>,
    /// Whether a change on it ended without anybody reading what serves.
    #[serde(default)]
    pub unverified: bool,
}

impl ArtifactView {
    /// One artifact, if it is published.
    pub fn of(state: &State, names: &Names, artifact: &Digest) -> Option<Self> {
        let known = state.artifacts.get(artifact)?;
        Some(Self {
            artifact: *artifact,
            name: names.artifact(artifact),
            version: known.version.clone(),
            memory_mib: known.memory_mib,
        })
    }
}

impl EngineView {
    /// One engine.
    pub fn of(state: &State, names: &Names, id: &EngineId) -> Option<Self> {
        let engine = state.engines.get(id)?;
        let view = |bundle: &control::Bundle| ArtifactView::of(state, names, &bundle.artifact);
        Some(Self {
            id: *id,
            name: names.engine(id),
            tenant: engine.tenant,
            tenant_name: names.tenant(&engine.tenant),
            node: state.roster.node(&engine.node)?.name.clone(),
            url: format!("http://127.0.0.1:{}", engine.port),
            generation: engine.generation,
            side: engine.serving.map(|serving| serving.side),
            serving: engine.bundle().as_ref().and_then(view),
            fallback: engine.fallback().and_then(|certified| view(&certified.bundle)),
            locked_by: state.locked_by(id),
            unverified: engine.unverified,
        })
    }

    /// Every engine.
    pub fn all(state: &State, names: &Names) -> Vec<Self> {
        state.engines.keys().filter_map(|id| Self::of(state, names, id)).collect()
    }
}
