//! What the service answers: observed, not promised.

pub use crate::health::HealthView;
use confine::Enforced;
use model::{Digest, EngineId, Instant, Token};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// `GET /v1/engines`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnginesView {
    /// Every engine that anything was ever started for here.
    pub engines: Vec<EngineView>,
    /// Processes that run from the store and that nobody recorded: named, never ended.
    pub orphans: Vec<Orphan>,
}

/// One engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EngineView {
    /// Which.
    #[schema(value_type = String)]
    pub engine: EngineId,
    /// Where visitors find it.
    pub url: String,
    /// Generation of the route, as recorded here.
    pub generation: u64,
    /// Digest of the artifact that serves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub serving: Option<Digest>,
    /// Slot that serves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serving_slot: Option<u8>,
    /// Version that the serving process itself names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release: Option<String>,
    /// Where the front leads, when it answers and has a route.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub route: Option<RouteView>,
    /// A switch is in progress, or was interrupted.
    pub switching: bool,
    /// What disagrees, or why what should serve does not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
    /// What runs in its slots.
    pub slots: Vec<SlotView>,
}

/// One route in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteView {
    /// The engine.
    #[schema(value_type = String)]
    pub engine: EngineId,
    /// Where the front listens.
    pub listen: String,
    /// Where requests go.
    pub upstream: String,
    /// The front's name of that process: `<engine>.<slot>`.
    #[schema(value_type = String)]
    pub slot: Token,
}

/// One slot in which something was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlotView {
    /// 0 or 1.
    pub slot: u8,
    /// Its own port on 127.0.0.1.
    pub port: u16,
    /// Digest of what was started.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// Its product.
    #[schema(value_type = String)]
    pub product: Token,
    /// Its version.
    #[schema(value_type = String)]
    pub version: Token,
    /// Whether its process runs.
    pub running: bool,
    /// Process id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pid: Option<u32>,
    /// When it was started.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
    /// The last probe.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub health: Option<HealthView>,
    /// Requests in flight; absent when the front does not answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub in_flight: Option<u64>,
    /// What the kernel enforces on it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<Object>)]
    pub enforced: Option<Enforced>,
    /// What is not enforced on this machine, in words.
    pub not_enforced: Vec<String>,
}

/// A process from the store without a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Orphan {
    /// Process id.
    pub pid: u32,
    /// Its executable.
    pub program: String,
    /// The artifact it runs from, where the path names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub artifact: Option<Digest>,
}

/// `GET /v1/front`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FrontView {
    /// It runs and answers.
    pub alive: bool,
    /// Process id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pid: Option<u32>,
    /// Generation of the whole table in force; each engine has its own beside it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub generation: Option<u64>,
    /// The routes in force.
    pub routes: Vec<RouteView>,
    /// Requests in flight by slot.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub in_flight: BTreeMap<Token, u64>,
    /// Why it does not answer, or why it refused the last table.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
    /// Starts after an end that nobody ordered, since this service runs.
    pub restarts: u64,
    /// What is not enforced on it on this machine, in words.
    pub not_enforced: Vec<String>,
}

impl From<front::Route> for RouteView {
    fn from(route: front::Route) -> Self {
        Self {
            engine: route.engine,
            listen: route.listen.to_string(),
            upstream: route.upstream.to_string(),
            slot: route.slot,
        }
    }
}
