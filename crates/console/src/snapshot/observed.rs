//! What services answer of what they observe; only what a page shows, newer fields tolerated.

use model::{Digest, EngineId, Instant, NodeId, Side, Token};
use serde::{Deserialize, Serialize};

/// Platform Services: one artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactHeld {
    /// Digest of its manifest.
    pub artifact: Digest,
    /// Whether its archive is there.
    pub held: bool,
    /// The last time every byte of it was read again.
    #[serde(default)]
    pub rehashed: Option<Rehashed>,
}

/// Node Runtime: the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    pub node: NodeId,
    pub name: Token,
    /// Memory for engines, MiB.
    pub memory_total_mib: u32,
    /// Memory not placed, MiB.
    pub memory_free_mib: u32,
    /// Releases on its own disk.
    #[serde(default)]
    pub artifacts: Vec<StoredArtifact>,
}

/// A release in the node's store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredArtifact {
    /// Digest of its manifest.
    pub artifact: Digest,
    /// The last time every byte of it was hashed again.
    #[serde(default)]
    pub rehashed: Option<Rehashed>,
}

/// A re-hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehashed {
    /// Whether the bytes are still those.
    pub ok: bool,
    /// What is not.
    #[serde(default)]
    pub why: Option<String>,
    pub at: Instant,
}

/// Engine Runtime: every engine it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnginesSeen {
    #[serde(default)]
    pub engines: Vec<EngineSeen>,
}

/// One engine as observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineSeen {
    pub engine: EngineId,
    /// Generation of its route.
    pub generation: u64,
    /// What serves.
    #[serde(default)]
    pub serving: Option<Digest>,
    /// What it serves in all: the release and what is bound with it.
    #[serde(default)]
    pub bundle: Option<BundleSeen>,
    /// Which side serves.
    #[serde(default)]
    pub serving_side: Option<Side>,
    /// The version the process itself names.
    #[serde(default)]
    pub release: Option<String>,
    /// What disagrees.
    #[serde(default)]
    pub trouble: Option<String>,
    /// Why a draft would not be told what serves.
    #[serde(default)]
    pub unobserved: Option<String>,
    /// How often what serves was started again in the last minute.
    #[serde(default)]
    pub restarts_in_last_minute: u32,
    /// Since when what serves does not answer.
    #[serde(default)]
    pub down_since: Option<Instant>,
    /// Secrets that what it could be rolled back to needs, and that are not in the node's vault.
    #[serde(default)]
    pub secrets_missing: Vec<Digest>,
    #[serde(default)]
    pub sides: Vec<SideSeen>,
    /// How what serves did under its visitors.
    #[serde(default)]
    pub release_health: Option<ReleaseSeen>,
}

/// A bundle that serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleSeen {
    pub digest: Digest,
}

/// One minute of a release under its visitors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseSeen {
    pub requests: u64,
    /// Those answered with 5xx, or not at all.
    pub errors: u64,
    /// 99 of 100 were answered within this time, milliseconds.
    #[serde(default)]
    pub p99_ms: Option<u64>,
    /// It crossed a limit and has not recovered since.
    pub regressed: bool,
    /// When it was judged.
    pub at: Instant,
}

/// A side of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideSeen {
    pub side: Side,
    pub port: u16,
    /// What was started.
    pub artifact: Digest,
    pub version: Token,
    /// Whether its process runs.
    pub running: bool,
    /// Process id.
    #[serde(default)]
    pub pid: Option<u32>,
    /// When it was started.
    pub since: Instant,
    /// The last probe.
    #[serde(default)]
    pub health: Option<HealthSeen>,
    /// Limits this machine does not enforce, in words.
    #[serde(default)]
    pub not_enforced: Vec<String>,
}

/// A probe of a side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthSeen {
    /// Whether it is as it should be.
    pub ok: bool,
    /// In words.
    #[serde(default)]
    pub why: String,
    pub at: Instant,
}

/// Integration Control: providers and what is bound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindingsSeen {
    /// Providers it speaks to.
    #[serde(default)]
    pub providers: Vec<serde_json::Value>,
    /// What it says of itself.
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub engines: Vec<EngineBindings>,
}

/// The bindings of one engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineBindings {
    pub engine: EngineId,
    /// Digest of the set as read.
    pub digest: Digest,
    #[serde(default)]
    pub bindings: Vec<serde_json::Value>,
}
