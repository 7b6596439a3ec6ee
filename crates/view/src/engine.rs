//! Engines and artifacts as decided.

use crate::{BoundThing, Names};
use control::{Published, ReadScope, State};
use model::{Bundle, ChangeId, Digest, EngineId, Resource, Side, TenantId, Token};
use serde::{Deserialize, Serialize};

/// A release an engine serves or could go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ArtifactView {
    /// Digest of its manifest.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// Its name, as `POD Storefront Core 2026.03.1`.
    pub name: String,
    #[schema(value_type = String)]
    pub version: Token,
    /// Memory it usually takes, MiB; known once Platform Services has certified it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// The leaf that certified it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified: Option<u64>,
}

/// An engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EngineView {
    #[schema(value_type = String)]
    pub id: EngineId,
    pub name: String,
    #[schema(value_type = String)]
    pub tenant: TenantId,
    /// The tenant's name.
    pub tenant_name: String,
    /// The node's name.
    #[schema(value_type = String)]
    pub node: Token,
    /// Where the shop is.
    pub url: String,
    /// Generation of its route.
    pub generation: u64,
    /// The side that serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub side: Option<Side>,
    /// What serves, as decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serving: Option<ArtifactView>,
    /// The digest of the bundle that serves, as the route names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub bundle: Option<Digest>,
    /// What is bound in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bound: Vec<BoundThing>,
    /// What a rollback would lead to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<ArtifactView>,
    /// The same as a whole bundle, in a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_bundle: Option<String>,
    /// The change being carried out on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub locked_by: Option<ChangeId>,
    /// Whether a change on it ended without anybody reading what serves.
    #[serde(default)]
    pub unverified: bool,
}

impl ArtifactView {
    /// One artifact, if it is published.
    pub fn of(state: &State, names: &Names, artifact: &Digest) -> Option<Self> {
        let known = state.resource(Resource::Artifact, artifact)?;
        Some(Self {
            artifact: *artifact,
            name: names.artifact(artifact),
            version: known.version.clone(),
            memory_mib: known.profile().map(|profile| profile.memory_mib.usual),
            certified: known.certified,
        })
    }

    /// Every artifact that is published, as far as it may be read.
    pub fn all(state: &State, names: &Names, sight: &ReadScope) -> Vec<Self> {
        let seen = state.resources.iter().filter_map(|(digest, known)| Some((digest, sight.published(known)?)));
        let view = |(digest, seen): (&Digest, Published)| {
            Some(Self { certified: seen.certified, ..Self::of(state, names, digest)? })
        };
        seen.filter_map(view).collect()
    }
}

impl EngineView {
    /// One engine.
    pub fn of(state: &State, names: &Names, id: &EngineId) -> Option<Self> {
        let engine = state.engines.get(id)?;
        let view = |bundle: &Bundle| ArtifactView::of(state, names, &bundle.artifact);
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
            bundle: engine.bundle().map(|bundle| bundle.digest()),
            bound: BoundThing::on(state, names, engine),
            fallback: engine.fallback().and_then(|certified| view(&certified.bundle)),
            fallback_bundle: engine.fallback().map(|below| BoundThing::told(state, names, &below.bundle)),
            locked_by: state.locked_by(id),
            unverified: engine.unverified,
        })
    }

    /// Every engine.
    pub fn all(state: &State, names: &Names) -> Vec<Self> {
        state.engines.keys().filter_map(|id| Self::of(state, names, id)).collect()
    }
}
