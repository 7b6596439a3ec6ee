//! What the service answers: observed, not promised.

pub use crate::health::{HealthView, ReadBack};
use confine::Enforced;
use model::{Bundle, ChangeId, Digest, EngineId, Instant, Side, Token};
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
    /// The bundle that serves: what the route names, and what is bound in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bundle: Option<BoundView>,
    /// The side that serves: `blue` or `green`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub serving_side: Option<Side>,
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
    /// Why a draft would not be told what serves here; absent: it would. A release that died or hangs is no reason: it must be
    /// replaceable.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unobserved: Option<String>,
    /// How often what serves was started again in the last minute, because it had died or hung.
    #[serde(default)]
    pub restarts_in_last_minute: u32,
    /// Starts after an end that nobody ordered, since this service runs.
    #[serde(default)]
    pub restarts: u64,
    /// Since when what serves has not answered its probes; absent while it does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub down_since: Option<Instant>,
    /// Secrets that a bundle needs to which it could be rolled back, and that are not in this node's vault; keyed digests,
    /// sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[schema(value_type = Vec<String>)]
    pub secrets_missing: Vec<Digest>,
    /// What was started on its sides.
    pub sides: Vec<SideView>,
    /// How what serves did under its visitors in the last minute that was judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release_health: Option<ReleaseView>,
}

/// What serves as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoundView {
    /// Its digest, as the route names it.
    #[schema(value_type = String)]
    pub digest: Digest,
    #[schema(value_type = String)]
    pub artifact: Digest,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub config: Option<Digest>,
    /// The change that granted its AI lease.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub lease: Option<ChangeId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub theme: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub retention: Option<Digest>,
}

impl BoundView {
    pub(crate) fn of(bundle: &Bundle) -> Self {
        let Bundle { artifact, config, lease, theme, retention } = *bundle;
        Self { digest: bundle.digest(), artifact, config, lease, theme, retention }
    }
}

/// One minute of a release under its visitors, as the front counted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseView {
    /// Generation of the route.
    pub generation: u64,
    /// Requests.
    pub requests: u64,
    /// Those answered with 5xx, or not at all.
    pub errors: u64,
    /// Requests that were not passed on because the tenant's limit was reached.
    pub limited: u64,
    /// 99 of 100 were answered within this time, milliseconds; absent without requests.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p99_ms: Option<u64>,
    /// The same under the generation before, where enough is known of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p99_before_ms: Option<u64>,
    /// It crossed a limit and has not recovered since.
    pub regressed: bool,
    /// When it was judged.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// One route in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteView {
    /// The engine.
    #[schema(value_type = String)]
    pub engine: EngineId,
    /// Where the front listens.
    pub listen: String,
    /// The names that it answers under beside its address.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[schema(value_type = Vec<String>)]
    pub hosts: Vec<Token>,
    /// Where requests go.
    pub upstream: String,
    /// The front's name of that process: `<engine>.<side>`.
    #[schema(value_type = String)]
    pub side: Token,
    /// Digest of the bundle that serves.
    #[schema(value_type = String)]
    pub bundle: Digest,
    /// How many requests of its tenant are let through, in order of time; empty: all.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub limits: Vec<LimitView>,
}

/// One entry of a schedule of limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitView {
    /// From then on; absent: always was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Instant>,
    /// Until then; absent: without end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
    /// Requests a second, of all the tenant's engines on this node.
    pub per_second: u32,
    /// Requests that may come at once beyond that.
    pub burst: u32,
}

/// One side on which something was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SideView {
    /// Which: `blue` or `green`.
    #[schema(value_type = String)]
    pub side: Side,
    /// Its own port on 127.0.0.1.
    pub port: u16,
    /// Digest of what was started.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// Digest of the config that it was started with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub config: Option<Digest>,
    /// Digest of the theme that it was started with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub theme: Option<Digest>,
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
    /// Requests in flight by side.
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

impl From<front::Limit> for LimitView {
    fn from(limit: front::Limit) -> Self {
        let front::Limit { from, until, per_second, burst } = limit;
        Self { from, until, per_second, burst }
    }
}

impl From<front::Route> for RouteView {
    fn from(route: front::Route) -> Self {
        Self {
            engine: route.engine,
            listen: route.listen.to_string(),
            hosts: route.hosts,
            upstream: route.upstream.to_string(),
            side: route.side,
            bundle: route.bundle,
            limits: route
                .limits
                .map(|limits| limits.schedule.into_iter().map(Into::into).collect())
                .unwrap_or_default(),
        }
    }
}
