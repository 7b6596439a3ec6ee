//! Replay: verify a leaf, decide it again, fold it. The same for the writer's start, every
//! follower, and a stranger's verifier.

use crate::ahead::Signatures;
use crate::authority::check_authority_but;
use crate::{Blobs, Change, Command, Inadmissible, Leaf, LeafError, State, apply, blobs, decide, package, references};
use model::Digest;
use signed::Trust;
use tlog::{Tree, leaf_hash};

/// What is wrong with a ledger, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It is not what it claims to be.
    #[error("FAILED at leaf {index}: {why}")]
    Failed { index: u64, why: String },
    /// It cannot be judged from here on.
    #[error("inconclusive at leaf {index}: {why}")]
    Inconclusive { index: u64, why: String },
}

/// A verified fold of a ledger's leaves.
#[derive(Debug, Clone)]
pub struct Replayer<B> {
    state: State,
    tree: Tree,
    blobs: B,
    genesis: Option<Digest>,
    ended: Vec<Change>,
    ahead: Signatures,
}

impl<B: Blobs> Replayer<B> {
    /// Nothing read yet; leaf 0 must be the genesis pinned in `trust`.
    pub fn new(trust: &Trust, blobs: B) -> Self {
        Self {
            state: State::empty(),
            tree: Tree::new(),
            blobs,
            genesis: Some(trust.genesis),
            ended: vec![],
            ahead: Signatures::default(),
        }
    }

    /// Nothing read yet; whatever ledger this turns out to be. Only for who founds it.
    pub fn unpinned(blobs: B) -> Self {
        Self {
            state: State::empty(),
            tree: Tree::new(),
            blobs,
            genesis: None,
            ended: vec![],
            ahead: Signatures::default(),
        }
    }

    /// Goes on from a state that this very code has folded before, over the leaves of this tree. None when
    /// it cannot be theirs. Only for who made that state from these leaves; nobody else's is believed.
    pub fn resume(trust: &Trust, blobs: B, state: State, tree: Tree) -> Option<Self> {
        let theirs = state.ledger == trust.genesis && state.size == tree.size() && state.is_founded();
        theirs.then(|| Self {
            state,
            tree,
            blobs,
            genesis: Some(trust.genesis),
            ended: vec![],
            ahead: Signatures::default(),
        })
    }

    /// The state after the leaves read so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The tree over the leaves read so far.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Where governing blobs come from.
    pub fn blobs(&self) -> &B {
        &self.blobs
    }

    /// Verifies, decides again and folds the next leaf.
    ///
    /// # Errors
    /// When it does not hold; nothing is folded then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Leaf, Broken> {
        let index = self.tree.size();
        let hash = leaf_hash(bytes);
        let leaf = self.verify(index, bytes, &hash)?;
        self.ended = apply(&mut self.state, &self.blobs, index, &leaf);
        self.tree.push(hash);
        Ok(leaf)
    }

    /// Takes over which signatures of the next leaves were found to hold: those are not verified once more when
    /// their leaf is pushed. It changes no verdict. Only for who found it with this very code.
    pub fn looked_ahead(&mut self, found: Signatures) {
        self.ahead = found;
    }

    /// The records of the changes that were over with the leaf that was read last.
    pub fn ended(&self) -> &[Change] {
        &self.ended
    }

    fn verify(&self, index: u64, bytes: &[u8], hash: &Digest) -> Result<Leaf, Broken> {
        let failed = |why: String| Broken::Failed { index, why };
        let leaf = Leaf::decode(bytes).map_err(|error| match error {
            LeafError::Rules(_) => Broken::Inconclusive { index, why: error.to_string() },
            error => failed(error.to_string()),
        })?;
        if let Command::Genesis { genesis, .. } = &leaf.command {
            let digest = genesis.digest().map_err(|error| failed(error.to_string()))?;
            if self.genesis.is_some_and(|pinned| pinned != digest) {
                return Err(failed(format!("this is the ledger {}, not the trusted one", digest.short())));
            }
        }
        if leaf.now < self.state.last {
            return Err(failed("its time is before the leaf before it".to_owned()));
        }
        if leaf.rules != self.state.rules {
            let why = format!("it was decided by the rules {}, while {} are in force", leaf.rules, self.state.rules);
            return Err(failed(why));
        }
        let mut named = references(&leaf.command);
        let nested = named.iter().filter(|(object, _)| *object == "package");
        let nested: Vec<_> = nested.flat_map(|(_, digest)| package::package_references(&self.blobs, digest)).collect();
        named.extend(nested);
        for (object, digest) in named {
            if blobs::whole(&self.blobs, object, &digest).is_none() {
                let why = format!("the governing blob {object} {} is missing or not whole", digest.short());
                return Err(Broken::Inconclusive { index, why });
            }
        }
        let root_at = |size| self.tree.root_at(size);
        let held = |key: &Digest| self.ahead.hold(hash, key);
        check_authority_but(&self.state, &root_at, &leaf.command, &held).map_err(|error| failed(error.to_string()))?;
        let decided = decide(&self.state, &self.blobs, leaf.now, &leaf.command);
        let decided = decided.map_err(|error| match error {
            Inadmissible::NewerRules(_) => Broken::Inconclusive { index, why: error.to_string() },
            error => failed(error.to_string()),
        })?;
        let again = decided.into_leaf(leaf.now, leaf.command.clone());
        if again != leaf {
            return Err(failed("deciding its command again gives another verdict or other effects".to_owned()));
        }
        Ok(leaf)
    }
}
