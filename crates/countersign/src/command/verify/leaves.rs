//! The leaves, one by one.

use super::blobs::OfflineBlobs;
use super::events::Committed;
use super::{Checked, Depth};
use control::{Blobs as _, Broken, Command, Leaf, Replayer, Verdict as Decision, references};
use signed::Trust;
use tlog::{Tree, Verdict};

/// What the leaves gave.
#[derive(Default)]
pub struct Read {
    /// Over all of them.
    pub tree: Tree,
    /// Heads of the events log that were committed.
    pub committed: Vec<Committed>,
}

/// Reads leaves one by one: pinned genesis, canonical form, the blobs they name, and, unless only hashes
/// were asked for, authority and decision.
pub struct LeafReader<'a> {
    trust: &'a Trust,
    blobs: &'a OfflineBlobs,
    replayer: Replayer<&'a OfflineBlobs>,
    /// What they gave so far.
    pub read: Read,
}

impl<'a> LeafReader<'a> {
    /// Nothing read yet.
    pub fn new(trust: &'a Trust, blobs: &'a OfflineBlobs) -> Self {
        Self { trust, blobs, replayer: Replayer::new(trust, blobs), read: Read::default() }
    }

    /// Reads the next leaf.
    ///
    /// # Errors
    /// The verdict when it does not hold.
    pub fn push(&mut self, bytes: &[u8], checked: &mut Checked) -> Result<Leaf, Verdict> {
        let index = self.read.tree.size();
        let leaf = match checked.depth {
            Depth::Replayed => self.replayer.push(bytes).map_err(broken)?,
            Depth::HashesOnly => read(index, bytes, self.trust, self.blobs)?,
        };
        self.read.tree.push(tlog::leaf_hash(bytes));
        checked.leaves = index + 1;
        match &leaf.verdict {
            Decision::Accepted => checked.accepted += 1,
            Decision::Refused(_) => checked.refused += 1,
        }
        if checked.depth == Depth::Replayed {
            checked.vouched.count(&leaf.command);
        }
        if let Command::Clock { act: control::ClockAct::EventsHead { size, root } } = &leaf.command {
            self.read.committed.push(Committed { index, size: *size, root: *root });
        }
        Ok(leaf)
    }
}

fn broken(broken: Broken) -> Verdict {
    match broken {
        Broken::Failed { index, why } => Verdict::Failed { at: Some(index), why },
        Broken::Inconclusive { index, why } => Verdict::Inconclusive { at: Some(index), why },
    }
}

/// Without deciding again: the leaf is one, leaf 0 is the pinned genesis, and the blobs it names are there.
fn read(index: u64, bytes: &[u8], trust: &Trust, blobs: &OfflineBlobs) -> Result<Leaf, Verdict> {
    let failed = |why: String| Verdict::Failed { at: Some(index), why };
    let leaf = Leaf::decode(bytes).map_err(|error| match error {
        control::LeafError::Rules(_) => Verdict::Inconclusive { at: Some(index), why: error.to_string() },
        error => failed(error.to_string()),
    })?;
    match (&leaf.command, index) {
        (Command::Genesis { genesis, .. }, 0) => {
            let digest = genesis.digest().map_err(|error| failed(error.to_string()))?;
            if digest != trust.genesis {
                return Err(failed(format!("this is the ledger {}, not the trusted one", digest.short())));
            }
        }
        (Command::Genesis { .. }, _) | (_, 0) => return Err(failed("a genesis is leaf 0 and only leaf 0".to_owned())),
        _ => {}
    }
    if let Some((object, digest)) =
        references(&leaf.command).into_iter().find(|(object, digest)| blobs.get(object, digest).is_none())
    {
        let why = format!("the governing blob {object} {} is missing or not whole", digest.short());
        return Err(Verdict::Inconclusive { at: Some(index), why });
    }
    Ok(leaf)
}
