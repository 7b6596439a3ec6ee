//! Signatures that are looked at ahead of the fold, so that whoever replays can do it on several cores. Each is
//! verified by itself, as strictly as in the fold: whether one holds depends on nothing but its key and its bytes.
//! Whether that key is the signer's is asked in the fold, in the state that the leaf meets.

use crate::{Command, Leaf, State};
use model::Digest;
use std::collections::BTreeMap;
use tlog::leaf_hash;

/// Which signatures hold, by the hash of their leaf: under the key of this id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signatures(BTreeMap<Digest, Digest>);

impl Signatures {
    /// Those of some leaves, under the keys that are listed in this state; of others nothing is said.
    pub fn of(state: &State, leaves: &[impl AsRef<[u8]>]) -> Self {
        Self(leaves.iter().filter_map(|leaf| holds(state, leaf.as_ref())).collect())
    }

    /// Takes in those of other leaves.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
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
