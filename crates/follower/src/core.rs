//! What is verified and how it grows: replayer, replica and head move together or not at all.

use crate::blobs::BlobDir;
use crate::head::{Head, Stop};
use crate::peaks::Peaks;
use crate::replica::Replica;
use crate::{FollowerError, Onlooker, clock, disk};
use control::{Broken, Leaf, Replayer, references};
use model::Digest;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tlog::checkpoint::Checkpoint;
use tlog::leaf_hash;
use warrant::Trust;

/// How a checkpoint compares with what is known.
pub(crate) enum Compared {
    /// Covers nothing new, contradicts nothing.
    Known,
    /// There is more.
    Longer,
    /// Signed, and in contradiction to what was signed before.
    Contradicts(String),
}

/// A follower's own copy of the ledger.
pub(crate) struct Core {
    dir: PathBuf,
    trust: Trust,
    onlooker: Arc<dyn Onlooker>,
    pub(crate) blobs: BlobDir,
    pub(crate) replayer: Replayer<BlobDir>,
    pub(crate) peaks: Peaks,
    pub(crate) head: Head,
    pub(crate) replica: Replica,
    pub(crate) stop: Option<Stop>,
    /// Set while memory may be ahead of the disk; the next use reads the disk again.
    torn: bool,
}

impl Core {
    /// Reads the replica and replays it. A damaged one is set aside by name; how far the ledger was
    /// seen stays known.
    pub(crate) fn open(dir: &Path, trust: &Trust, onlooker: Arc<dyn Onlooker>) -> Result<Self, FollowerError> {
        let blobs = BlobDir(dir.join("blobs"));
        disk::make_dir(&blobs.0)?;
        let path = dir.join("entries.log");
        let head = Head::open(dir, !path.exists())?;
        let (replica, whole) = Replica::open(&path, head.bytes)?;
        let stop = Stop::read(dir)?;
        let replayer = Replayer::new(trust, blobs.clone());
        let (dir, trust) = (dir.to_owned(), trust.clone());
        let peaks = Peaks::default();
        let mut core = Self { dir, trust, onlooker, blobs, replayer, peaks, head, replica, stop, torn: false };
        let replayed = if whole { core.replay() } else { Err("it is shorter than it was".to_owned()) };
        if let Err(why) = replayed {
            core.set_aside(&path, &why)?;
        }
        Ok(core)
    }

    /// Verifies, decides again and folds the next leaf.
    fn push(&mut self, entry: &[u8]) -> Result<(), Broken> {
        let leaf = self.replayer.push(entry)?;
        self.onlooker.leaf(self.peaks.size(), &leaf, self.replayer.state());
        self.peaks.push(leaf_hash(entry));
        Ok(())
    }

    fn replay(&mut self) -> Result<(), String> {
        self.onlooker.begin();
        for entry in self.replica.kept().map_err(|error| error.to_string())? {
            let entry = entry.map_err(|error| error.to_string())?;
            self.push(&entry).map_err(|error| error.to_string())?;
        }
        let same = (self.peaks.size(), self.peaks.root()) == (self.head.size, self.head.root);
        if same { Ok(()) } else { Err("its root is not the one that was verified".to_owned()) }
    }

    fn set_aside(&mut self, path: &Path, why: &str) -> Result<(), FollowerError> {
        let aside = path.with_file_name(format!("entries.damaged-{}.log", clock::now().as_millis()));
        tracing::warn!(why, aside = %aside.display(), "the replica is damaged and is pulled anew");
        std::fs::rename(path, &aside).map_err(FollowerError::io("rename", path))?;
        // The head keeps size and root; only where they are stored begins anew.
        self.head.bytes = 0;
        self.head.write(&self.dir)?;
        (self.replica, _) = Replica::open(path, 0)?;
        self.replayer = Replayer::new(&self.trust, self.blobs.clone());
        self.peaks = Peaks::default();
        self.onlooker.begin();
        Ok(())
    }

    /// Reads the disk again when memory may have gone ahead of it.
    pub(crate) fn mend(&mut self) -> Result<(), FollowerError> {
        if self.torn {
            *self = Self::open(&self.dir, &self.trust, Arc::clone(&self.onlooker))?;
        }
        Ok(())
    }

    /// Whether all that was ever verified is folded here.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.peaks.size() >= self.head.size
    }

    /// Compares a checkpoint with what is known. `asked` is the size known before it was asked for:
    /// the log had published that much, so less is a step back.
    pub(crate) fn compare(&self, asked: u64, checkpoint: &Checkpoint) -> Compared {
        let size = checkpoint.size;
        if size < asked {
            return Compared::Contradicts(format!(
                "fork: the log now signs a tree of {size} leaves, {asked} were published"
            ));
        }
        match self.replayer.tree().root_at(size) {
            None => Compared::Longer,
            Some(root) if root == checkpoint.root => Compared::Known,
            Some(_) => Compared::Contradicts(format!("fork: the log signed two different trees of {size} leaves")),
        }
    }

    /// Verifies, decides again and folds what is staged, whose root was found to be the signed one,
    /// and makes it durable: entries before head.
    pub(crate) fn fold(&mut self, checkpoint: &Checkpoint, note: &str) -> Result<(), FollowerError> {
        self.torn = true;
        for entry in self.replica.staged()? {
            let entry = entry.map_err(FollowerError::io("read", &self.dir))?;
            match self.push(&entry) {
                Ok(()) => {}
                Err(Broken::Failed { index, why }) => return Err(self.stop(index, why, note)),
                Err(error @ Broken::Inconclusive { .. }) => return Err(FollowerError::Inconclusive(error.to_string())),
            }
        }
        if (self.peaks.size(), self.peaks.root()) != (checkpoint.size, checkpoint.root) {
            return Err(FollowerError::Served(checkpoint.size));
        }
        self.replica.flush()?;
        let (size, root, bytes) = (checkpoint.size, checkpoint.root, self.replica.end());
        self.head = Head { size, root, bytes, checkpoint: note.to_owned() };
        self.head.write(&self.dir)?;
        self.replica.keep();
        self.torn = false;
        Ok(())
    }

    /// Stops for good. Should even that not be writable, this process at least has stopped.
    pub(crate) fn stop(&mut self, index: u64, why: String, note: &str) -> FollowerError {
        tracing::error!(index, why, "the ledger is not what it claims to be: stopped for good");
        let stop = Stop { index, why, checkpoint: note.to_owned() };
        if let Err(error) = stop.write(&self.dir) {
            tracing::error!(%error, "could not write down that this follower has stopped");
        }
        let error = stop.error();
        self.stop = Some(stop);
        error
    }
}

/// The governing blobs a leaf names. A leaf that cannot be read names none here: it is judged when
/// it is folded; only one of newer rules is told apart, because a newer binary may read it.
pub(crate) fn named_blobs(entry: &[u8]) -> Result<Vec<(&'static str, Digest)>, FollowerError> {
    match Leaf::decode(entry) {
        Ok(leaf) => Ok(references(&leaf.command)),
        Err(error @ control::LeafError::Rules(_)) => Err(FollowerError::Inconclusive(error.to_string())),
        Err(_) => Ok(vec![]),
    }
}
