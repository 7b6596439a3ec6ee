//! The leaves, one by one.

use super::blobs::OfflineBlobs;
use super::checked::{Checked, Depth};
use super::events::Committed;
use control::{Blobs as _, Broken, Command, Leaf, Replayer, Verdict as Decision, references};
use model::canon;
use signed::{Roster, Trust};
use tlog::note::VerifierKey;
use tlog::{Tree, Verdict};

/// What the leaves gave.
#[derive(Default)]
pub struct Read {
    /// Over all of them.
    pub tree: Tree,
    /// Heads of the events log that were committed.
    pub committed: Vec<Committed>,
    /// Every key that the log had on the way; where nothing was decided again, all that was ever proposed.
    pub log_keys: Vec<VerifierKey>,
    /// Those by whose signature a head is the log's after the last leaf.
    pub trusted: Vec<VerifierKey>,
}

impl Read {
    fn learn(&mut self, roster: &Roster) {
        for key in control::log_keys(roster) {
            if !self.log_keys.contains(&key) {
                self.log_keys.push(key);
            }
        }
    }
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

    /// What they gave, all read.
    pub fn finish(self, depth: Depth) -> Read {
        let trusted = match depth {
            Depth::Replayed => control::trusted_log_keys(self.trust, self.replayer.state()),
            Depth::HashesOnly => self.read.log_keys.clone(),
        };
        Read { trusted, ..self.read }
    }

    /// Looks at the signatures of the next leaves on all cores, where they are verified at all.
    pub fn look_ahead<'b>(&mut self, leaves: impl Iterator<Item = &'b [u8]>, depth: Depth) {
        if depth == Depth::Replayed {
            let found = follower::look_ahead(self.replayer.state(), &leaves.collect::<Vec<_>>());
            self.replayer.looked_ahead(found);
        }
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
        match checked.depth {
            Depth::Replayed => self.read.learn(&self.replayer.state().roster),
            Depth::HashesOnly => rosters(&leaf.command, self.blobs).iter().for_each(|roster| self.read.learn(roster)),
        }
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

/// The rosters that a command founds with or proposes.
fn rosters(command: &Command, blobs: &OfflineBlobs) -> Vec<Roster> {
    let packages = references(command).into_iter().filter(|(object, _)| *object == "package");
    let named = packages.flat_map(|(_, package)| control::package_references(blobs, &package));
    let rosters = named.filter(|(object, _)| *object == "roster").filter_map(|(object, digest)| {
        let bytes = blobs.get(object, &digest)?;
        canon::from_slice(&bytes).ok()
    });
    match command {
        Command::Genesis { genesis, .. } => vec![genesis.roster.clone()],
        _ => rosters.collect(),
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
