//! What the double has decided, and how it lies and fails.

use super::Store;
use control::{Change, Command, Decided, Leaf, State, apply, check_authority, decide};
use model::{ChangeId, Instant, canon};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;
use tlog::checkpoint::Checkpoint;
use tlog::note::NoteSigner;
use tlog::{Tree, leaf_hash};
use tokio::sync::watch;
use view::Names;
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

pub(crate) struct Shared {
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) signer: NoteSigner,
    pub(crate) origin: String,
    pub(crate) grown: watch::Sender<u64>,
}

pub(crate) struct Ledger {
    pub(super) state: State,
    pub(super) ended: BTreeMap<ChangeId, Change>,
    pub(super) tree: Tree,
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
    pub(crate) names: Names,
    /// Every credential is answered as one that has ended.
    pub(crate) forgotten: bool,
    /// Longest wait for a newer checkpoint.
    pub(crate) poll: Duration,
}

impl Ledger {
    /// Of nothing yet, with these governing blobs.
    pub(super) fn empty(blobs: Store) -> Self {
        Self {
            state: State::empty(),
            ended: BTreeMap::new(),
            tree: Tree::new(),
            blobs,
            told: 0,
            leaves: vec![],
            lie: Lie::None,
            failures: vec![],
            submitted: vec![],
            now: None,
            names: Names::default(),
            forgotten: false,
            poll: POLL,
        }
    }

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

    /// The leaf that has this statement already; one that is not there where none has.
    pub(super) fn spent(&self, command: &Command) -> u64 {
        let Command::Signed { statement, .. } = command else { return u64::MAX };
        let digest = statement.digest().unwrap();
        self.state.spent.get(&(statement.not_after, digest)).copied().unwrap_or(u64::MAX)
    }

    pub(super) fn push(&mut self, leaf: &Leaf) {
        let bytes = leaf.encode().unwrap();
        let ended = apply(&mut self.state, &self.blobs, self.leaves.len() as u64, leaf);
        self.ended.extend(ended.into_iter().map(|change| (change.package.change, change)));
        self.tree.push(leaf_hash(&bytes));
        self.leaves.push(bytes);
    }

    pub(super) fn rewind(&mut self, size: usize) {
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
            Some(DocumentUpload::Config(config)) => self.blobs.put(("config", canon::to_vec(config).unwrap())),
            Some(DocumentUpload::Retention(policy)) => self.blobs.put(("retention", canon::to_vec(policy).unwrap())),
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
        let mut tree = Tree::new();
        for leaf in leaves {
            tree.push(leaf_hash(leaf));
        }
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: tree.size(), root: tree.root() };
        (tree.size(), checkpoint.sign(&[&self.signer]))
    }
}
