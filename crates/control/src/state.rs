//! The state: a fold over the ledger's leaves and nothing else.

mod engine;
mod published;
mod resources;
mod shared_map;
mod since;
mod waiting;

pub use engine::{Certified, Engine, HOSTS_MAX, Regressed, Rehearsed, Restarted, side_ports};
pub use published::{Content, Published, Whose};
pub use shared_map::SharedMap;
pub use since::Since;
pub use waiting::Waiting;
pub(crate) use waiting::{Place, Who};

use crate::{Asked, Change, Closed, Committed, Grant, KindTable, Lock, Named, Principal, Refusal, TenantTerms};
use model::{
    ChangeId, Digest, EngineId, Instant, KindName, Resource, Role, Scope, SettingName, Side, Status, TenantId, Token,
};
use serde::{Deserialize, Serialize};
use signed::{JournalHead, Roster};
use std::collections::{BTreeMap, BTreeSet};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Leaf that registered it.
    pub index: u64,
}

/// A bearer credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub principal: Principal,
    pub scope: Scope,
    /// Until when.
    pub expires: Instant,
    /// Leaf that opened it.
    pub index: u64,
}

impl Asked {
    /// Whether the second word may follow: in time, and while who said the first has held a role, and
    /// the key it was signed with, without a break since.
    pub fn stands(&self, state: &State, now: Instant) -> bool {
        let held = state.since.role_held(&self.person, Role::ALL, self.index);
        now <= self.until && held && state.since.key_held(&self.key, self.index)
    }
}

/// Everything decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Number of the rules in force.
    pub rules: u32,
    /// Who may say what.
    pub roster: Roster,
    pub roster_digest: Digest,
    /// Since when roles and keys are held.
    pub since: Since,
    /// Suspensions that one person has asked for, by key.
    pub suspensions: BTreeMap<Digest, Asked>,
    /// The governed documents in force, by their digests.
    pub settings: BTreeMap<SettingName, Digest>,
    /// The kinds in force.
    pub kinds: KindTable,
    /// What tenants may use.
    pub terms: TenantTerms,
    /// What no plan may name, by the leaves that say so.
    pub recalled: BTreeMap<Digest, u64>,
    pub tenants: SharedMap<TenantId, Tenant>,
    pub engines: SharedMap<EngineId, Engine>,
    /// What was published, by its digest.
    pub resources: SharedMap<Digest, Published>,
    /// The same by what it was published as.
    pub editions: SharedMap<(Resource, Token, Token, Digest), ()>,
    /// What of it waits to be certified.
    pub uncertified: BTreeSet<Digest>,
    /// Processes that may use their engine's lease, by the hash of the credential they were started with.
    pub credentials: SharedMap<Digest, (EngineId, Side)>,
    /// How far the journal of leases had come at its last report, and in which leaf that stands.
    pub journal: Option<(JournalHead, u64)>,
    /// Governed changes that have not ended: what clocks, executors and locks ask about.
    pub changes: SharedMap<ChangeId, Change>,
    /// The same by what they wait for.
    pub waiting: Waiting,
    /// Those that have.
    pub closed: SharedMap<ChangeId, Closed>,
    /// The same by the leaves after which they were over.
    pub closed_by_end: SharedMap<(u64, ChangeId), ()>,
    /// The same of each engine.
    pub closed_on: SharedMap<(EngineId, u64, ChangeId), ()>,
    /// Changes with a warrant, by its end.
    pub warrant_ends: SharedMap<(Instant, ChangeId), ()>,
    /// Grants that stand or whose end is not read back yet.
    pub grants: BTreeMap<ChangeId, Grant>,
    /// What running changes keep for themselves.
    pub locks: SharedMap<Lock, ChangeId>,
    /// Services that signed an intent they do not know: they begin nothing until their key is replaced.
    pub distrusted: BTreeMap<Digest, u64>,
    /// Statements already recorded, until their end: (not-after, digest) to leaf.
    pub spent: SharedMap<(Instant, Digest), u64>,
    /// Receipts recorded lately: (signed at, digest) to leaf.
    pub receipts: SharedMap<(Instant, Digest), u64>,
    /// Bearer credentials by their hash.
    pub sessions: SharedMap<Digest, Session>,
    /// The same by their ends.
    pub session_ends: SharedMap<(Instant, Digest), ()>,
    /// What names were committed to: who shows one compares it first.
    pub named: SharedMap<Named, Committed>,
    /// The events log's last committed head.
    pub events_head: Option<(u64, Digest)>,
}

impl State {
    /// Before leaf 0.
    pub fn empty() -> Self {
        Self {
            size: 0,
            last: Instant::EPOCH,
            ledger: Digest::ZERO,
            origin: None,
            demo: false,
            rules: 0,
            roster: Roster {
                people: vec![],
                services: vec![],
                nodes: vec![],
                console: None,
                machines: vec![],
                log_keys: vec![],
            },
            roster_digest: Digest::ZERO,
            since: Since::default(),
            suspensions: BTreeMap::new(),
            settings: BTreeMap::new(),
            kinds: KindTable { kinds: vec![] },
            terms: TenantTerms::default(),
            recalled: BTreeMap::new(),
            tenants: SharedMap::new(),
            engines: SharedMap::new(),
            resources: SharedMap::new(),
            editions: SharedMap::new(),
            uncertified: BTreeSet::new(),
            credentials: SharedMap::new(),
            journal: None,
            changes: SharedMap::new(),
            waiting: Waiting::default(),
            closed: SharedMap::new(),
            closed_by_end: SharedMap::new(),
            closed_on: SharedMap::new(),
            warrant_ends: SharedMap::new(),
            grants: BTreeMap::new(),
            locks: SharedMap::new(),
            distrusted: BTreeMap::new(),
            spent: SharedMap::new(),
            receipts: SharedMap::new(),
            sessions: SharedMap::new(),
            session_ends: SharedMap::new(),
            named: SharedMap::new(),
            events_head: None,
        }
    }

    /// Whether leaf 0 is folded.
    pub fn is_founded(&self) -> bool {
        self.size > 0
    }

    /// Changes that have not ended.
    pub fn open_changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.values()
    }

    /// The newest open change of a kind about an engine.
    pub fn open_on(&self, engine: &EngineId, kind: KindName, now: Instant) -> Option<&Change> {
        let open = |change: &&Change| change.kind == kind && change.status_at(self, now).is_open();
        let here = self.waiting.about(engine).filter_map(|id| self.changes.get(id));
        here.filter(open).max_by_key(|change| change.opened)
    }

    /// The credential of this hash, if it is still good and its owner still on the roster.
    pub fn session(&self, token: &Digest, now: Instant) -> Option<&Session> {
        let known = |session: &&Session| now <= session.expires && self.lists(&session.principal);
        self.sessions.get(token).filter(known)
    }

    /// Whether the roster lists whose a credential is: it is good only as long as this holds.
    pub fn lists(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Person(id) => self.roster.person(id).is_some() || self.roster.machine(id).is_some(),
            Principal::Console { key } => self.roster.console.as_ref() == Some(key),
        }
    }

    /// What the name, the title or the reason of something was committed to; none: nobody signed one.
    pub fn committed(&self, named: &Named) -> Option<Committed> {
        match named {
            Named::Title(change) | Named::Reason(change) => {
                let open = self.changes.get(change).map(|change| change.package.named());
                let texts = open.or_else(|| self.closed.get(change).map(|closed| closed.named.clone()))?;
                texts.into_iter().find(|(known, _)| known == named).map(|(_, committed)| committed)
            }
            Named::Person(_) | Named::Tenant(_) | Named::Engine(_) | Named::Resource(_) => {
                self.named.get(named).copied()
            }
        }
    }

    /// The change that keeps this for itself, other than `but`.
    pub fn lock(&self, lock: &Lock, but: &ChangeId) -> Option<ChangeId> {
        self.locks.get(lock).copied().filter(|by| by != but)
    }

    /// The refusal that says that another change keeps what is needed, with where that one stands.
    pub fn refusal_of_lock(&self, by: ChangeId, now: Instant) -> Refusal {
        let other = self.changes.get(&by);
        let status = other.map_or(Status::Executing, |change| change.status_at(self, now));
        let held_by = other.and_then(|change| change.holds.keys().next().copied());
        Refusal::Locked { by, status, held_by }
    }

    /// The change being carried out on an engine.
    pub fn locked_by(&self, engine: &EngineId) -> Option<ChangeId> {
        self.locks.get(&Lock::Engine(*engine)).copied()
    }

    /// Open changes that stand in a status now.
    pub fn standing(&self, status: Status, now: Instant) -> impl Iterator<Item = &Change> {
        self.open_changes().filter(move |change| change.status_at(self, now) == status)
    }
}
