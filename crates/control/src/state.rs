//! The state: a fold over the ledger's leaves and nothing else.

use crate::{Bundle, Change, KindTable, Principal};
use model::{ChangeId, Digest, EngineId, Instant, KindName, NodeId, Scope, Status, TenantId, Token};
use std::collections::BTreeMap;
use warrant::Roster;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Leaf that registered it.
    pub index: u64,
}

/// A bundle that a deployment made effective.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// What.
    pub bundle: Bundle,
    /// By which change.
    pub change: ChangeId,
    /// In which leaf.
    pub index: u64,
}

/// An engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Whose.
    pub tenant: TenantId,
    /// Where.
    pub node: NodeId,
    /// The front's port.
    pub port: u16,
    /// Its slots' ports.
    pub slot_ports: [u16; 2],
    /// Generation of its route, from 0 (nothing serves).
    pub generation: u64,
    /// What serves.
    pub serving: Option<Bundle>,
    /// Certified bundles; the top one serves.
    pub stack: Vec<Certified>,
    /// The change being carried out on it.
    pub locked_by: Option<ChangeId>,
    /// Leaf that registered it.
    pub index: u64,
}

/// A published artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Product.
    pub product: Token,
    /// Version.
    pub version: Token,
    /// Memory it needs, MiB.
    pub memory_mib: u32,
    /// Leaf that published it.
    pub index: u64,
}

/// A bearer credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub principal: Principal,
    /// For what.
    pub scope: Scope,
    /// Until when.
    pub expires: Instant,
    /// Leaf that opened it.
    pub index: u64,
}

/// Everything decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Leaves folded.
    pub size: u64,
    /// The last leaf's instant.
    pub last: Instant,
    /// Genesis digest; zero before leaf 0.
    pub ledger: Digest,
    /// Origin of the logs.
    pub origin: Option<Token>,
    /// Whether this is a demonstration.
    pub demo: bool,
    /// Who may say what.
    pub roster: Roster,
    /// The kinds in force.
    pub kinds: KindTable,
    /// Tenants.
    pub tenants: BTreeMap<TenantId, Tenant>,
    /// Engines.
    pub engines: BTreeMap<EngineId, Engine>,
    /// Artifacts by manifest digest.
    pub artifacts: BTreeMap<Digest, Artifact>,
    /// Governed changes.
    pub changes: BTreeMap<ChangeId, Change>,
    /// Statements already recorded, until their end: (not-after, digest) to leaf.
    pub spent: BTreeMap<(Instant, Digest), u64>,
    /// Keyed idempotency tags of session commands, with when and where.
    pub idempotency: BTreeMap<Digest, (Instant, u64)>,
    /// Bearer credentials by their hash.
    pub sessions: BTreeMap<Digest, Session>,
    /// The events log's last committed head.
    pub events_head: Option<(u64, Digest)>,
}

/// How long an idempotency tag is kept, milliseconds (48 h).
pub(crate) const IDEMPOTENCY_MS: i64 = 48 * 3_600_000;

impl State {
    /// Before leaf 0.
    pub fn empty() -> Self {
        Self {
            size: 0,
            last: Instant::EPOCH,
            ledger: Digest::ZERO,
            origin: None,
            demo: false,
            roster: Roster { people: vec![], services: vec![], nodes: vec![], console: None },
            kinds: KindTable { kinds: vec![] },
            tenants: BTreeMap::new(),
            engines: BTreeMap::new(),
            artifacts: BTreeMap::new(),
            changes: BTreeMap::new(),
            spent: BTreeMap::new(),
            idempotency: BTreeMap::new(),
            sessions: BTreeMap::new(),
            events_head: None,
        }
    }

    /// Whether leaf 0 is folded.
    pub fn is_founded(&self) -> bool {
        self.size > 0
    }

    /// The newest open deployment to an engine.
    pub fn open_deployment(&self, engine: &EngineId, now: Instant) -> Option<&Change> {
        let open = |change: &&Change| {
            change.kind == KindName::Deployment && change.package.engine == *engine && change.status_at(now).is_open()
        };
        self.changes.values().filter(open).max_by_key(|change| change.opened)
    }

    /// The credential of this hash, if it is still good.
    pub fn session(&self, token: &Digest, now: Instant) -> Option<&Session> {
        self.sessions.get(token).filter(|session| now <= session.expires)
    }

    /// The change being carried out on an engine, other than this one.
    pub fn lock(&self, engine: &EngineId, but: &ChangeId) -> Option<ChangeId> {
        self.engines.get(engine)?.locked_by.filter(|by| by != but)
    }

    /// Changes that stand in a status now.
    pub fn standing(&self, status: Status, now: Instant) -> impl Iterator<Item = &Change> {
        self.changes.values().filter(move |change| change.status_at(now) == status)
    }
}
