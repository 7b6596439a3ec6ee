//! What is verified and how it grows: replayer, replica and head move together or not at all.

use crate::blobs::BlobDir;
use crate::dir_lock::DirLock;
use crate::head::{Head, Stop};
use crate::peaks::Peaks;
use crate::replica::{Entries, Replica};
use crate::snapshot::Snapshot;
use crate::{FollowerError, LeafObserver, clock, disk, pull};
use control::{Broken, Leaf, Replayer, references};
use model::Digest;
use signed::Trust;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tlog::checkpoint::Checkpoint;
use tlog::{Tree, leaf_hash};

/// How a checkpoint compares with what is known.
pub(crate) enum Compared {
    /// Covers nothing new, contradicts nothing.
    Known,
    /// There is more.
    Longer,
    /// Signed, and in contradiction to what was signed before.
    Contradicts(String),
}

/// What became of entries that were staged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Folded {
    /// They are folded and durable.
    Done,
    /// Another process of this directory was quicker: read what it wrote, then compare again.
    Overtaken,
}

/// A follower's own copy of the ledger.
pub(crate) struct Core {
    hold: Arc<DirLock>,
    dir: PathBuf,
    trust: Trust,
    observer: Option<Arc<dyn LeafObserver>>,
    pub(crate) blobs: BlobDir,
    pub(crate) replayer: Replayer<BlobDir>,
    pub(crate) peaks: Peaks,
    pub(crate) head: Head,
    pub(crate) replica: Replica,
    /// Whether the file held all that was verified when it was opened.
    whole: bool,
    pub(crate) stop: Option<Stop>,
    /// Set while memory may be ahead of the disk; the next use reads the disk again.
    torn: bool,
    /// Whether the state was taken over from a snapshot, and not replayed from leaf 0 here.
    resumed: bool,
    /// Size of the newest snapshot this process wrote, tried to write or took over.
    stored: u64,
}

impl Core {
    /// Reads the replica and replays it. A damaged one is set aside by name; how far the ledger was
    /// seen stays known.
    pub(crate) fn open(
        hold: Arc<DirLock>,
        trust: &Trust,
        observer: Option<Arc<dyn LeafObserver>>,
    ) -> Result<Self, FollowerError> {
        let dir = hold.dir().to_owned();
        loop {
            let mut core = Self::read(&hold, &dir, trust, observer.as_ref())?;
            // Without the right to write: what is verified does not change any more.
            let replayed = if core.whole { core.replay() } else { Err("it is shorter than it was".to_owned()) };
            match replayed {
                Ok(()) => {
                    core.store_state();
                    return Ok(core);
                }
                Err(why) if core.set_aside(&why)? => return Ok(core),
                Err(_) => {}
            }
        }
    }

    fn read(
        hold: &Arc<DirLock>,
        dir: &Path,
        trust: &Trust,
        observer: Option<&Arc<dyn LeafObserver>>,
    ) -> Result<Self, FollowerError> {
        let blobs = BlobDir(dir.join("blobs"));
        disk::make_dir(&blobs.0)?;
        let path = dir.join("entries.log");
        let _turn = hold.write_lock()?;
        let head = Head::open(dir, !path.exists())?;
        let (replica, whole) = Replica::open(&path, head.bytes)?;
        let stop = Stop::read(dir)?;
        let replayer = Replayer::new(trust, blobs.clone());
        let (hold, dir, trust) = (Arc::clone(hold), dir.to_owned(), trust.clone());
        let (peaks, observer) = (Peaks::default(), observer.cloned());
        let (torn, resumed, stored) = (false, false, 0);
        Ok(Self {
            hold,
            dir,
            trust,
            observer,
            blobs,
            replayer,
            peaks,
            head,
            replica,
            whole,
            stop,
            torn,
            resumed,
            stored,
        })
    }

    /// Verifies, decides again and folds the next leaf.
    fn push(&mut self, entry: &[u8]) -> Result<(), Broken> {
        let leaf = self.replayer.push(entry)?;
        if let Some(observer) = &self.observer {
            observer.leaf(self.peaks.size(), &leaf, self.replayer.state());
        }
        self.peaks.push(leaf_hash(entry));
        Ok(())
    }

    fn replay(&mut self) -> Result<(), String> {
        self.begin();
        let mut kept = self.replica.kept();
        if !self.resume(&mut kept) {
            kept.rewind();
        }
        self.push_all(kept)
    }

    fn begin(&self) {
        if let Some(observer) = &self.observer {
            observer.begin();
        }
    }

    /// Takes over the state this directory stored, where its own leaves up to there have the very root that
    /// was verified then; `kept` then continues behind them. An observer is owed every leaf, so nothing is
    /// taken over for one.
    fn resume(&mut self, kept: &mut Entries) -> bool {
        let stored = if self.observer.is_none() { Snapshot::read(&self.dir, &self.replica) } else { None };
        let Some(stored) = stored else { return false };
        let (mut tree, mut peaks) = (Tree::new(), Peaks::default());
        while tree.size() < stored.size {
            let Some(Ok(entry)) = kept.next() else { return false };
            let hash = leaf_hash(&entry);
            tree.push(hash);
            peaks.push(hash);
        }
        if tree.root() != stored.root {
            return false;
        }
        let Some(replayer) = Replayer::resume(&self.trust, self.blobs.clone(), stored.state, tree) else {
            return false;
        };
        (self.replayer, self.peaks) = (replayer, peaks);
        (self.resumed, self.stored) = (true, stored.size);
        true
    }

    /// Whether enough was folded since the state was stored last.
    pub(crate) fn is_store_due(&self) -> bool {
        let due = Snapshot::is_due(self.stored, self.peaks.size());
        due && self.observer.is_none() && !self.torn && self.is_caught_up()
    }

    /// Stores the state when that is due. That it cannot be is no error: the next start is slower.
    pub(crate) fn store_state(&mut self) {
        if !self.is_store_due() {
            return;
        }
        let size = self.peaks.size();
        self.stored = size;
        let written = self
            .hold
            .write_lock()
            .and_then(|_turn| Snapshot::write(&self.dir, &self.replica, self.peaks.root(), self.replayer.state()));
        if let Err(error) = written {
            tracing::warn!(%error, size, "the state could not be stored: the next start replays these leaves again");
        }
    }

    /// Folds leaves that were verified before, as far as the head says.
    fn push_all(&mut self, entries: Entries) -> Result<(), String> {
        for entry in entries {
            let entry = entry.map_err(|error| error.to_string())?;
            self.push(&entry).map_err(|error| error.to_string())?;
        }
        let same = (self.peaks.size(), self.peaks.root()) == (self.head.size, self.head.root);
        if same { Ok(()) } else { Err("its root is not the one that was verified".to_owned()) }
    }

    /// False when another process has written since this one read: it is read again then.
    fn set_aside(&mut self, why: &str) -> Result<bool, FollowerError> {
        let _turn = self.hold.write_lock()?;
        if !self.is_newest()? {
            return Ok(false);
        }
        let path = self.dir.join("entries.log");
        let aside = path.with_file_name(format!("entries.damaged-{}.log", clock::now().as_millis()));
        tracing::warn!(why, aside = %aside.display(), "the replica is damaged and is pulled again");
        std::fs::rename(&path, &aside).map_err(FollowerError::io("rename", &path))?;
        // The head keeps size and root; only where they are stored begins again.
        self.head.bytes = 0;
        self.head.write(&self.dir)?;
        (self.replica, _) = Replica::open(&path, 0)?;
        self.replayer = Replayer::new(&self.trust, self.blobs.clone());
        self.peaks = Peaks::default();
        (self.resumed, self.stored) = (false, 0);
        self.begin();
        Ok(true)
    }

    /// Whether nobody has written since this process read or wrote.
    fn is_newest(&self) -> Result<bool, FollowerError> {
        Ok(!self.hold.is_shared() || (Head::open(&self.dir, false)? == self.head && self.replica.is_in_place()?))
    }

    /// Reads the disk again when memory may have gone ahead of it, and takes over what other
    /// processes of this directory have verified since.
    pub(crate) fn refresh(&mut self) -> Result<(), FollowerError> {
        if self.torn {
            return self.reopen();
        }
        if self.hold.is_shared() {
            self.stop = Stop::read(&self.dir)?.or(self.stop.take());
        }
        if self.is_newest()? {
            return Ok(());
        }
        let head = Head::open(&self.dir, false)?;
        let appended = self.replica.is_in_place()? && self.is_caught_up() && head.bytes >= self.head.bytes;
        if !appended {
            return self.reopen();
        }
        let entries = self.replica.grown(head.bytes);
        self.head = head;
        self.push_all(entries).or_else(|_| self.reopen())
    }

    fn reopen(&mut self) -> Result<(), FollowerError> {
        *self = Self::open(Arc::clone(&self.hold), &self.trust, self.observer.clone())?;
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
    pub(crate) fn fold(&mut self, checkpoint: &Checkpoint, note: &str) -> Result<Folded, FollowerError> {
        if !self.is_newest()? {
            return Ok(Folded::Overtaken);
        }
        self.torn = true;
        for entry in self.replica.staged() {
            let entry = entry.map_err(FollowerError::io("read", &self.dir))?;
            match self.push(&entry) {
                Ok(()) => {}
                // Nobody is accused on the word of a cache: everything is replayed first, then judged again.
                Err(Broken::Failed { .. }) if self.resumed => return self.replay_without_snapshot(),
                Err(Broken::Failed { index, why }) => return Err(self.stop(index, why, note)),
                Err(error @ Broken::Inconclusive { .. }) => return Err(FollowerError::Inconclusive(error.to_string())),
            }
        }
        if (self.peaks.size(), self.peaks.root()) != (checkpoint.size, checkpoint.root) {
            return Err(FollowerError::Served(checkpoint.size));
        }
        // A key that these very entries take away signs for nothing that they lead to.
        pull::opened(note, &self.trust, self.replayer.state())?;
        let _turn = self.hold.write_lock()?;
        if !self.is_newest()? {
            return Ok(Folded::Overtaken);
        }
        self.replica.append()?;
        let (size, root, bytes) = (checkpoint.size, checkpoint.root, self.replica.end());
        self.head = Head { size, root, bytes, checkpoint: note.to_owned() };
        self.head.write(&self.dir)?;
        self.replica.keep()?;
        self.torn = false;
        Ok(Folded::Done)
    }

    fn replay_without_snapshot(&mut self) -> Result<Folded, FollowerError> {
        Snapshot::remove(&self.dir)?;
        self.reopen()?;
        Ok(Folded::Overtaken)
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
