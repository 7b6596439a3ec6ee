//! A Governance in the test's own process: it decides with `control`, signs with the true log key,
//! serves checkpoints, bundles and blobs over HTTP, and lies when it is told to.

mod flow;
mod forge;
mod problem;
mod reading;
mod routes;
mod store;
mod world;

pub use store::Store;
pub use world::World;

use client::{GovernanceClient, Http};
use control::{Change, Command, Decided, Leaf, State, Verdict, apply, check_authority, decide};
use model::{ChangeId, Instant, canon};
use signed::Trust;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tlog::Tree;
use tlog::checkpoint::Checkpoint;
use tlog::note::NoteSigner;
use tokio::sync::watch;
use wire::{DocumentUpload, Submission};

/// How long a poll waits for news unless a test wants otherwise; short, so that an idle test ends quickly.
const POLL: Duration = Duration::from_secs(2);

/// What the double does to an honest ledger when it serves it. The lie lasts until it is told
/// another, or [`Lie::None`]; deciding goes on honestly underneath.
#[derive(Debug, Clone, Default)]
pub enum Lie {
    /// Serves what it decided.
    #[default]
    None,
    /// Serves exactly these leaves under a checkpoint signed with the true key: a withheld suffix,
    /// an altered or appended leaf, a shorter tree, a fork.
    Leaves(Vec<Vec<u8>>),
    /// Serves these leaves in the bundles, under the honest checkpoint.
    Bundles(Vec<Vec<u8>>),
    /// Answers this text in place of the checkpoint.
    Note(String),
    /// Governing blobs are missing.
    NoBlobs,
    /// Governing blobs have another byte at their end.
    OtherBlobs,
}

/// What becomes of the next submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// 503, and nothing is recorded.
    Unavailable,
    /// It is recorded, and the answer is 503.
    Unanswered,
    /// It is not recorded, and the answer says it is, in leaf 0.
    Pretended,
    /// It is refused with 409, and nothing is recorded.
    Refused,
}

/// A running double. Dropped, it stops answering.
pub struct Double {
    pub(crate) shared: Arc<Shared>,
    world: World,
    url: String,
    task: tokio::task::JoinHandle<()>,
}

pub(crate) struct Shared {
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) signer: NoteSigner,
    pub(crate) origin: String,
    pub(crate) grown: watch::Sender<u64>,
}

pub(crate) struct Ledger {
    state: State,
    ended: BTreeMap<ChangeId, Change>,
    tree: Tree,
    blobs: Store,
    /// Lies told so far: a poll that waits is answered when the next one is.
    pub(crate) told: u64,
    pub(crate) leaves: Vec<Vec<u8>>,
    pub(crate) lie: Lie,
    pub(crate) failures: Vec<Failure>,
    /// Every receipt that arrived, recorded or not.
    pub(crate) submitted: Vec<Command>,
    pub(crate) now: Option<Instant>,
    /// What ids are called, for who reads.
    pub(crate) names: view::Names,
    /// Every credential is answered as one that has ended.
    pub(crate) forgotten: bool,
    /// Longest wait for a newer checkpoint.
    pub(crate) poll: Duration,
}

impl Ledger {
    pub(crate) fn now(&self) -> Instant {
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        let now = self.now.unwrap_or_else(|| Instant::from_millis(i64::try_from(wall).unwrap()));
        now.max(self.state.last)
    }

    /// Decides and records; the text of what made it inadmissible otherwise.
    pub(crate) fn record(&mut self, command: Command) -> Result<(u64, Leaf), String> {
        let now = self.now();
        let root_at = |size| self.tree.root_at(size);
        check_authority(&self.state, &root_at, &command).map_err(|error| error.to_string())?;
        let decided: Decided = decide(&self.state, &self.blobs, now, &command).map_err(|error| error.to_string())?;
        let leaf = decided.into_leaf(now, command);
        self.push(&leaf);
        Ok((self.leaves.len() as u64 - 1, leaf))
    }

    fn push(&mut self, leaf: &Leaf) {
        let bytes = leaf.encode().unwrap();
        let ended = apply(&mut self.state, &self.blobs, self.leaves.len() as u64, leaf);
        self.ended.extend(ended.into_iter().map(|change| (change.package.change, change)));
        self.tree.push(tlog::leaf_hash(&bytes));
        self.leaves.push(bytes);
    }

    fn rewind(&mut self, size: usize) {
        let kept: Vec<_> = self.leaves.drain(..).take(size).collect();
        (self.state, self.tree, self.ended) = (State::empty(), Tree::new(), BTreeMap::new());
        for bytes in kept {
            self.push(&Leaf::decode(&bytes).unwrap());
        }
    }

    /// Keeps the governing blobs that came with a command.
    pub(crate) fn keep(&self, submission: &Submission) {
        if let Some(upload) = &submission.package {
            self.blobs.put(("package", canon::to_vec(&upload.package).unwrap()));
        }
        match &submission.document {
            Some(DocumentUpload::Roster(roster)) => self.blobs.put(("roster", canon::to_vec(roster).unwrap())),
            Some(DocumentUpload::Setting(setting)) => self.blobs.put(("settings", canon::to_vec(setting).unwrap())),
            None => {}
        }
    }

    pub(crate) fn blobs(&self) -> &Store {
        &self.blobs
    }
}

impl Shared {
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    /// A checkpoint over exactly these leaves.
    pub(crate) fn sign(&self, leaves: &[Vec<u8>]) -> (u64, String) {
        let mut tree = tlog::Tree::new();
        for leaf in leaves {
            tree.push(tlog::leaf_hash(leaf));
        }
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: tree.size(), root: tree.root() };
        (tree.size(), checkpoint.sign(&[&self.signer]))
    }
}

impl Double {
    /// Founds a ledger and serves it on a free port of loopback.
    pub async fn start() -> Self {
        Self::serve(World::new(), (Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// Founds this world's ledger and serves it here.
    pub async fn serve(world: World, listen: SocketAddr) -> Self {
        let signer = World::signer();
        let blobs = Store::default();
        world.blobs().for_each(|blob| blobs.put(blob));
        let (state, tree) = (State::empty(), Tree::new());
        let (leaves, failures, submitted) = (vec![], vec![], vec![]);
        let (names, forgotten) = (view::Names::default(), false);
        let lie = Lie::None;
        let ledger = Ledger {
            ended: BTreeMap::new(),
            state,
            tree,
            blobs,
            told: 0,
            leaves,
            lie,
            failures,
            submitted,
            now: None,
            names,
            forgotten,
            poll: POLL,
        };
        let (grown, _) = watch::channel(0);
        let origin = format!("{}/control", world.trust().origin);
        let shared = Arc::new(Shared { ledger: Mutex::new(ledger), signer, origin, grown });
        let listener = tokio::net::TcpListener::bind(listen).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = routes::router(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let double = Self { shared, world, url, task };
        double.record(double.world.genesis()).unwrap();
        double
    }

    /// Who is who.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client of it.
    pub fn client(&self) -> GovernanceClient {
        GovernanceClient::new(Http::new(&self.url))
    }

    /// What a follower of it pins.
    pub fn trust(&self) -> Trust {
        self.world.trust()
    }

    /// Decides and records a command, whatever lie is being served.
    ///
    /// # Errors
    /// Why it cannot be decided at all.
    pub fn record(&self, command: Command) -> Result<(u64, Leaf), String> {
        let recorded = self.shared.ledger().record(command);
        self.news();
        recorded
    }

    /// As [`Double::record`], and it must be accepted.
    pub fn accept(&self, command: Command) -> u64 {
        let (index, leaf) = self.record(command).unwrap();
        assert_eq!(leaf.verdict, Verdict::Accepted, "{:?}", leaf.command);
        index
    }

    /// The leaves it decided.
    pub fn leaves(&self) -> Vec<Vec<u8>> {
        self.shared.ledger().leaves.clone()
    }

    /// The state it decided.
    pub fn state(&self) -> State {
        let ledger = self.shared.ledger();
        let mut state = ledger.state.clone();
        let ended = ledger.ended.keys().filter_map(|id| ledger.state.record(&ledger.ended, id).ok());
        state.changes.extend(ended.map(|change| (change.package.change, change.into_owned())));
        state
    }

    /// What it decided, as it is folded.
    pub fn decided(&self) -> State {
        self.shared.ledger().state.clone()
    }

    /// The records of the changes that have ended.
    pub fn ended(&self) -> BTreeMap<ChangeId, Change> {
        self.shared.ledger().ended.clone()
    }

    /// The receipts that were submitted to it, in order, recorded or not.
    pub fn submitted(&self) -> Vec<Command> {
        self.shared.ledger().submitted.clone()
    }

    /// Waits until what was submitted is so.
    pub async fn submitted_until(&self, holds: impl Fn(&[Command]) -> bool) {
        let mut grown = self.shared.grown.subscribe();
        let wait = async {
            loop {
                grown.mark_unchanged();
                if holds(&self.submitted()) {
                    return;
                }
                grown.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), wait).await;
        waited.unwrap_or_else(|_| panic!("it was not submitted: {:#?}", self.submitted()));
    }

    /// Serves a lie from now on.
    pub fn lie(&self, lie: Lie) {
        let mut ledger = self.shared.ledger();
        (ledger.lie, ledger.told) = (lie, ledger.told + 1);
        drop(ledger);
        self.news();
    }

    fn news(&self) {
        self.shared.grown.send_modify(|grown| *grown += 1);
    }

    /// Fails the next submissions in this order.
    pub fn fail(&self, failures: impl IntoIterator<Item = Failure>) {
        let mut failures: Vec<_> = failures.into_iter().collect();
        failures.reverse();
        self.shared.ledger().failures = failures;
    }

    /// Stamps leaves with this from now on; with the system's clock for none.
    pub fn set_now(&self, now: Option<Instant>) {
        self.shared.ledger().now = now;
    }

    /// Lets who asks for a newer checkpoint wait this long from now on.
    pub fn set_poll(&self, poll: Duration) {
        self.shared.ledger().poll = poll;
    }

    /// Waits until the state it decided is so.
    pub async fn until(&self, holds: impl Fn(&State) -> bool) -> State {
        let mut grown = self.shared.grown.subscribe();
        let wait = async {
            loop {
                grown.mark_unchanged();
                let state = self.state();
                if holds(&state) {
                    return state;
                }
                grown.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), wait).await;
        waited.unwrap_or_else(|_| panic!("it did not become so: {:#?}", self.state().changes))
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.task.abort();
    }
}
