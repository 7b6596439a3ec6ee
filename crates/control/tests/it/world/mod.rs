//! A ledger in memory: founders with keys, services, a clock that the test moves, and every decided
//! leaf pushed through authority, decision, bytes, fold and a replay.

mod carry;
mod found;
mod govern;
mod publish;
mod speak;

pub use carry::End;
#[allow(unused_imports, reason = "not every crate of tests needs all of it")]
pub use found::{console_key, persona};
pub use govern::{key_of, machine, row_of};
#[allow(unused_imports, reason = "not every crate of tests needs all of it")]
pub use publish::{configurable, greeting, retention, shop, shop_profile};
pub use speak::bindings;

use control::{
    Blobs, Broken, Change, Command, Effect, Inadmissible, Leaf, Replayer, Signatures, State, Unauthentic, Verdict,
    apply, check_authority, decide,
};
use model::{ChangeId, Digest, EngineId, Instant, NodeId, PersonId, Role, Service, TenantId, Token};
use signed::{ServiceKey, Trust};
use ssh_key::PrivateKey;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use tlog::Tree;

/// Governance Operator.
pub const OPAL: usize = 0;
/// Governance Operator.
pub const OMAR: usize = 1;
/// Finance Reviewer.
pub const FAYE: usize = 2;
/// Support Auditor.
pub const SAUL: usize = 3;
/// Governance Operator and Finance Reviewer; on the roster of `World::with_dora` only.
pub const DORA: usize = 4;

pub const GO: Role = Role::GovernanceOperator;
pub const FR: Role = Role::FinanceReviewer;
pub const SA: Role = Role::SupportAuditor;

pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Governing blobs, shared by the writer and its replay.
#[derive(Clone, Default)]
pub struct Shelf(pub Rc<RefCell<BTreeMap<Digest, Vec<u8>>>>);

impl Blobs for Shelf {
    fn get(&self, _object: &str, digest: &Digest) -> Option<Vec<u8>> {
        self.0.borrow().get(digest).cloned()
    }
}

/// Why a command left no leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum No {
    /// Not its author's.
    Authority(Unauthentic),
    /// Not one to decide.
    Inadmissible(Inadmissible),
}

pub struct Persona {
    pub id: PersonId,
    pub key: PrivateKey,
    pub key_id: Digest,
}

pub struct World {
    pub now: Instant,
    pub state: State,
    pub tree: Tree,
    pub leaves: Vec<Vec<u8>>,
    pub shelf: Shelf,
    /// The records of the changes that have ended.
    pub ended: BTreeMap<ChangeId, Change>,
    pub trust: Trust,
    pub people: Vec<Persona>,
    pub services: Vec<(Service, ServiceKey)>,
    pub tenant: TenantId,
    pub engine: EngineId,
    pub node: NodeId,
    /// What the node says it has left, MiB.
    pub free_mib: u32,
    /// Whether each leaf is decided and folded again at once; off where a test writes thousands.
    pub replays: bool,
    replayer: Replayer<Shelf>,
    /// What a process that starts again has kept of the leaves: a prefix, folded.
    kept: Replayer<Shelf>,
    counter: u64,
}

impl World {
    /// Moves the clock.
    pub fn advance(&mut self, ms: i64) {
        self.now = self.now.plus_millis(ms);
    }

    /// The next number nobody has used: "random", and the same in every run.
    pub fn fresh(&mut self) -> [u8; 16] {
        self.counter += 1;
        let digest = Digest::of_bytes(&self.counter.to_be_bytes());
        digest.as_bytes()[..16].try_into().unwrap()
    }

    /// Decides and records a command a second later.
    pub fn submit(&mut self, command: Command) -> Result<Leaf, No> {
        self.advance(1_000);
        self.record(command)
    }

    /// Decides and records a command now.
    pub fn record(&mut self, command: Command) -> Result<Leaf, No> {
        check_authority(&self.state, &|size| self.tree.root_at(size), &command).map_err(No::Authority)?;
        let decided = decide(&self.state, &self.shelf, self.now, &command).map_err(No::Inadmissible)?;
        let leaf = decided.into_leaf(self.now, command);
        let bytes = leaf.encode().unwrap();
        assert_eq!(Leaf::decode(&bytes).unwrap(), leaf, "a leaf reads as it was written");
        self.fold(&leaf);
        self.tree.push(tlog::leaf_hash(&bytes));
        if self.replays {
            assert_eq!(self.replayer.push(&bytes).unwrap(), leaf, "a replay decides the same");
            assert_eq!(self.replayer.state(), &self.state, "a replay folds the same");
        }
        self.leaves.push(bytes);
        Ok(leaf)
    }

    fn fold(&mut self, leaf: &Leaf) {
        let ended = apply(&mut self.state, &self.shelf, self.leaves.len() as u64, leaf);
        self.ended.extend(ended.into_iter().map(|change| (change.package.change, change)));
        // An outcome that comes after the end.
        for id in leaf.effects.iter().filter_map(Effect::change) {
            if self.state.closed.contains_key(&id) {
                let record = self.state.record(&self.ended, &id).unwrap().into_owned();
                self.ended.insert(id, record);
            }
        }
    }

    /// The process that wrote is gone; the next one folds the leaves from the prefix that was kept. It
    /// has the same state, and goes on from there.
    pub fn recover(&mut self, keep: bool) {
        let mut next = self.kept.clone();
        let read = usize::try_from(next.tree().size()).unwrap();
        for bytes in &self.leaves[read..] {
            next.push(bytes).unwrap();
        }
        assert_eq!(next.tree().root(), self.tree.root(), "the same tree");
        assert_eq!(next.state(), &self.state, "the same state");
        self.state = next.state().clone();
        self.tree = next.tree().clone();
        if keep {
            self.kept = next;
        }
    }

    /// The state from the leaves alone.
    pub fn refold(&self) -> State {
        let mut replayer = Replayer::new(&self.trust, self.shelf.clone());
        for bytes in &self.leaves {
            replayer.push(bytes).unwrap();
        }
        assert_eq!(replayer.tree().root(), self.tree.root());
        replayer.state().clone()
    }

    /// What a replay of these leaves says, under these blobs.
    pub fn judge(trust: &Trust, shelf: &Shelf, leaves: &[Vec<u8>]) -> Result<Digest, Broken> {
        let mut plain = Replayer::new(trust, shelf.clone());
        let judged = leaves.iter().try_for_each(|bytes| plain.push(bytes).map(drop));
        // Looked at ahead, some at a time, nothing is judged otherwise.
        let mut ahead = Replayer::new(trust, shelf.clone());
        let again = leaves.chunks(5).try_for_each(|leaves| {
            ahead.looked_ahead(Signatures::of(ahead.state(), leaves));
            leaves.iter().try_for_each(|bytes| ahead.push(bytes).map(drop))
        });
        assert_eq!((&again, ahead.state()), (&judged, plain.state()));
        judged.map(|()| plain.tree().root())
    }

    pub fn id(&self, who: usize) -> PersonId {
        self.people[who].id
    }

    /// The node a service is on, where it is one of a node.
    pub fn place(&self, service: Service) -> Option<NodeId> {
        matches!(service, Service::Node | Service::Engine).then_some(self.node)
    }
}

/// A token of the tests.
pub fn token(text: &str) -> Token {
    text.parse().unwrap()
}

/// The code a leaf was refused with.
pub fn code(leaf: &Leaf) -> Option<&'static str> {
    match &leaf.verdict {
        Verdict::Accepted => None,
        Verdict::Refused(refusal) => Some(refusal.code()),
    }
}

/// Asserts that a command was recorded as refused with this code.
#[track_caller]
pub fn refused(result: Result<Leaf, No>, wanted: &str) {
    let leaf = result.expect("recorded");
    assert_eq!(code(&leaf), Some(wanted), "{:?}", leaf.effects);
    assert_eq!(leaf.effects, [], "a refusal has no effects");
}

/// Asserts that a command was recorded as accepted.
#[track_caller]
pub fn accepted(result: Result<Leaf, No>) -> Leaf {
    let leaf = result.expect("recorded");
    assert_eq!(leaf.verdict, Verdict::Accepted);
    leaf
}
