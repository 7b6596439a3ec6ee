//! Signatures that are looked at ahead of the fold, on several cores. Each is verified by itself, as
//! strictly as in the fold: whether one holds depends on nothing but its key and its bytes. Whether that
//! key is the signer's is asked in the fold, in the state that the leaf meets.

use crate::{Command, Leaf, State};
use model::Digest;
use std::collections::BTreeMap;
use std::thread;
use tlog::leaf_hash;

/// Which signatures hold, by the hash of their leaf: under the key of this id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signatures(BTreeMap<Digest, Digest>);

impl Signatures {
    /// Those of some leaves, under the keys that are listed in this state; of others nothing is said.
    pub(crate) fn of(state: &State, leaves: &[Vec<u8>], threads: usize) -> Self {
        let share = leaves.len().div_ceil(threads.max(1)).max(1);
        let held = |leaves: &[Vec<u8>]| -> Vec<_> { leaves.iter().filter_map(|leaf| holds(state, leaf)).collect() };
        let all = thread::scope(|scope| {
            let shares: Vec<_> = leaves.chunks(share).map(|leaves| scope.spawn(move || held(leaves))).collect();
            // What a share that could not be finished would have found is found in the fold.
            shares.into_iter().flat_map(|share| share.join().unwrap_or_default()).collect()
        });
        Self(all)
    }

    /// Whether the signature of this leaf was found to hold under this key.
    pub(crate) fn hold(&self, leaf: &Digest, key: &Digest) -> bool {
        self.0.get(leaf) == Some(key)
    }
}

fn holds(state: &State, bytes: &[u8]) -> Option<(Digest, Digest)> {
    let key = match Leaf::decode(bytes).ok()?.command {
        Command::Signed { statement, signature } => {
            let key = state.roster.key(&statement.person, &statement.key)?;
            statement.verify(&key.openssh, &signature).ok()?;
            key.id
        }
        Command::Receipt { receipt, signature } => {
            let key = *state.roster.service(receipt.service, receipt.node.as_ref())?;
            receipt.verify(&key, &signature).ok()?;
            key
        }
        Command::Genesis { .. } | Command::Session(_) | Command::Clock { .. } => return None,
    };
    Some((leaf_hash(bytes), key))
}
