//! What is verified and how it grows: replayer, replica and head move together or not at all.

use crate::ahead::{batches, look_ahead};
use crate::blobs::BlobDir;
use crate::dir_lock::DirLock;
use crate::head::{HEAD, Head, LogName, Stop};
use crate::peaks::Peaks;
use crate::replica::{Entries, Replica};
use crate::snapshot::Snapshot;
use crate::{FollowerError, LeafObserver, checkpoint, disk};
use archive::Archive;
use control::{Broken, Leaf, Replayer, references};
use durable_file::Mended;
use model::Digest;
use signed::Trust;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tlog::checkpoint::Checkpoint;
use tlog::{Tree, leaf_hash};

/// The verified entries.
const ENTRIES: &str = "entries.log";

/// Leaves in order, some at a time; an error where the file is cut short.
fn chunks(entries: Entries, behind: u64) -> impl Iterator<Item = std::io::Result<Vec<Vec<u8>>>> {
    batches(entries, behind).map(|batch| batch.into_iter().collect())
}

/// How a checkpoint compares with what is known.
pub(crate) enum Compared {
    /// Covers nothing new, contradicts nothing.
    Known,
    /// There is more.
    Longer,
    /// Signed, and in contradiction to what was signed before.
    Contradicts(String),
    /// Signed, and in contradiction to what only this disk says.
    Unproven,
}

/// What became of entries that were staged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Folded {
    /// They are folded and durable.
    Done,
    /// Another process of this directory was quicker: read what it wrote, then compare again.
    Overtaken,
}

/// Whose ledger is followed, and where damage of its replica is told.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) trust: Trust,
    pub(crate) log: LogName,
    pub(crate) files: Mended,
    /// Where the records of ended changes are kept; none: this process shows none.
    pub(crate) archive: Option<Arc<Archive>>,
}

/// A follower's own copy of the ledger.
pub(crate) struct Core {
    hold: Arc<DirLock>,
    dir: PathBuf,
    source: Source,
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
        source: &Source,
        observer: Option<Arc<dyn LeafObserver>>,
    ) -> Result<Self, FollowerError> {
        let dir = hold.dir().to_owned();
        loop {
            let mut core = Self::read(&hold, &dir, source, observer.as_ref())?;
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
        source: &Source,
        observer: Option<&Arc<dyn LeafObserver>>,
    ) -> Result<Self, FollowerError> {
        let blobs = BlobDir(dir.join("blobs"));
        disk::make_dir(&blobs.0)?;
        let path = dir.join(ENTRIES);
        let _turn = hold.write_lock()?;
        let head = match Head::open(dir, !path.exists(), &source.log)? {
            Ok(head) => head,
            Err(why) => rebuild_head(dir, &path, source, &blobs, &why)?,
        };
        let (replica, whole) = Replica::open(&path, head.bytes)?;
        let stop = Stop::read(dir)?;
        let replayer = Replayer::new(&source.trust, blobs.clone());
        let (hold, dir, source) = (Arc::clone(hold), dir.to_owned(), source.clone());
        let (peaks, observer) = (Peaks::default(), observer.cloned());
        let (torn, resumed, stored) = (false, false, 0);
        Ok(Self {
            hold,
            dir,
            source,
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

    fn look_ahead(&mut self, leaves: &[Vec<u8>]) {
        let found = look_ahead(self.replayer.state(), leaves);
        self.replayer.looked_ahead(found);
    }

    /// Verifies, decides again and folds the next leaf.
    fn push(&mut self, entry: &[u8]) -> Result<(), Broken> {
        let leaf = self.replayer.push(entry)?;
        if let Some(archive) = &self.source.archive {
            archive.keep_all(self.replayer.ended());
        }
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

    fn needs_past(&self) -> bool {
        self.observer.as_ref().is_some_and(|observer| observer.needs_past())
    }

    /// Takes over the state this directory stored, where its own leaves up to there have the very root that
    /// was verified then; `kept` then continues behind them. Nothing is taken over for an observer that needs the
    /// leaves before.
    fn resume(&mut self, kept: &mut Entries) -> bool {
        let stored = if self.needs_past() { None } else { Snapshot::read(&self.dir, &self.replica) };
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
        let Some(replayer) = Replayer::resume(&self.source.trust, self.blobs.clone(), stored.state, tree) else {
            return false;
        };
        (self.replayer, self.peaks) = (replayer, peaks);
        (self.resumed, self.stored) = (true, stored.size);
        true
    }

    /// Whether enough was folded since the state was stored last.
    pub(crate) fn is_store_due(&self) -> bool {
        let due = Snapshot::is_due(self.stored, self.peaks.size());
        due && !self.needs_past() && !self.torn && self.is_caught_up()
    }

    /// Stores the state when that is due. That it cannot be is no error: the next start is slower.
    pub(crate) fn store_state(&mut self) {
        if !self.is_store_due() {
            return;
        }
        let size = self.peaks.size();
        self.stored = size;
        // Whoever starts from the snapshot makes no record of what had ended before it.
        let flushed = self.source.archive.as_ref().map_or(Ok(()), |archive| archive.flush());
        let flushed = flushed.map_err(FollowerError::io("flush", &self.dir));
        let written = flushed
            .and_then(|()| self.hold.write_lock())
            .and_then(|_turn| Snapshot::write(&self.dir, &self.replica, self.peaks.root(), self.replayer.state()));
        if let Err(error) = written {
            tracing::warn!(%error, size, "follower: the state could not be stored: the next start replays these leaves again");
        }
    }

    /// Folds leaves that were verified before, as far as the head says.
    fn push_all(&mut self, entries: Entries) -> Result<(), String> {
        for leaves in chunks(entries, self.peaks.size()) {
            let leaves = leaves.map_err(|error| error.to_string())?;
            self.look_ahead(&leaves);
            for leaf in &leaves {
                self.push(leaf).map_err(|error| error.to_string())?;
            }
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
        // The head keeps size and root; only where they are stored begins again.
        self.pull_again(Head { bytes: 0, ..self.head.clone() }, why)?;
        Ok(true)
    }

    /// Begins again from nothing, as far as this head says that the ledger was seen. What there was is set aside.
    /// Whoever calls has the right to write.
    fn pull_again(&mut self, head: Head, why: &str) -> Result<(), FollowerError> {
        let path = self.dir.join(ENTRIES);
        let aside = durable_file::set_aside(&path).map_err(FollowerError::io("rename", &path))?;
        tracing::warn!(why, aside = %aside.display(), "follower: the replica is damaged and is pulled again");
        self.source.files.mended(&path, format!("{why}; set aside as `{}`, pulled again", aside.display()));
        head.write(&self.dir)?;
        self.head = head;
        (self.replica, _) = Replica::open(&path, 0)?;
        self.replayer = Replayer::new(&self.source.trust, self.blobs.clone());
        self.peaks = Peaks::default();
        (self.resumed, self.stored) = (false, 0);
        self.begin();
        Ok(())
    }

    /// Gives up what only this disk says: the log's own checkpoint of it was lost, and the log contradicts the rest.
    pub(crate) fn give_up(&mut self) -> Result<(), FollowerError> {
        debug_assert!(!self.head.is_signed(), "what the log signed is never given up");
        let _turn = self.hold.write_lock()?;
        self.pull_again(Head::empty(), "its checkpoint was lost and the log's entries are others")
    }

    /// Keeps the log's word for a head that was rebuilt from the entries alone.
    pub(crate) fn confirm(&mut self, checkpoint: &Checkpoint, note: &str) -> Result<(), FollowerError> {
        if self.head.is_signed() || (checkpoint.size, checkpoint.root) != (self.head.size, self.head.root) {
            return Ok(());
        }
        let _turn = self.hold.write_lock()?;
        if self.is_newest()? {
            note.clone_into(&mut self.head.checkpoint);
            self.head.write(&self.dir)?;
        }
        Ok(())
    }

    /// Whether nobody has written since this process read or wrote.
    fn is_newest(&self) -> Result<bool, FollowerError> {
        if !self.hold.is_shared() {
            return Ok(true);
        }
        let head = Head::open(&self.dir, false, &self.source.log)?;
        Ok(head.as_ref() == Ok(&self.head) && self.replica.is_in_place()?)
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
        let Ok(head) = Head::open(&self.dir, false, &self.source.log)? else { return self.reopen() };
        let appended = self.replica.is_in_place()? && self.is_caught_up() && head.bytes >= self.head.bytes;
        if !appended {
            return self.reopen();
        }
        let entries = self.replica.grown(head.bytes);
        self.head = head;
        self.push_all(entries).or_else(|_| self.reopen())
    }

    fn reopen(&mut self) -> Result<(), FollowerError> {
        *self = Self::open(Arc::clone(&self.hold), &self.source, self.observer.clone())?;
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
            Some(_) if !self.head.is_signed() => Compared::Unproven,
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
        for leaves in chunks(self.replica.staged(), self.peaks.size()) {
            let leaves = leaves.map_err(FollowerError::io("read", &self.dir))?;
            self.look_ahead(&leaves);
            for leaf in &leaves {
                match self.push(leaf) {
                    Ok(()) => {}
                    // Nobody is accused on the word of a cache: everything is replayed first, then judged again.
                    Err(Broken::Failed { .. }) if self.resumed => return self.replay_without_snapshot(),
                    Err(Broken::Failed { index, why }) => return Err(self.stop(index, why, note)),
                    Err(error @ Broken::Inconclusive { .. }) => {
                        return Err(FollowerError::Inconclusive(error.to_string()));
                    }
                }
            }
        }
        if (self.peaks.size(), self.peaks.root()) != (checkpoint.size, checkpoint.root) {
            return Err(FollowerError::Served(checkpoint.size));
        }
        // A key that these very entries take away signs for nothing that they lead to.
        checkpoint::opened(note, &self.source.trust, self.replayer.state())?;
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
        tracing::error!(index, why, "follower: the ledger is not what it claims to be: stopped for good");
        let stop = Stop { index, why, checkpoint: note.to_owned() };
        if let Err(error) = stop.write(&self.dir) {
            tracing::error!(%error, "follower: could not write down that this follower has stopped");
        }
        let error = stop.error();
        self.stop = Some(stop);
        error
    }
}

/// A head for the entries that are there, as far as they are whole and verify. Nothing shows any more that they are all
/// that was ever verified, nor that the log signed them: that shows when the log is heard again.
fn rebuild_head(
    dir: &Path,
    entries: &Path,
    source: &Source,
    blobs: &BlobDir,
    why: &str,
) -> Result<Head, FollowerError> {
    let length = match std::fs::metadata(entries) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(FollowerError::io("read", entries)(error)),
    };
    let (replica, _) = Replica::open(entries, length)?;
    let (mut replayer, mut peaks) = (Replayer::new(&source.trust, blobs.clone()), Peaks::default());
    let mut head = Head::empty();
    for entry in replica.kept() {
        // Where they end, or are damaged themselves, the rest is pulled again.
        let Ok(entry) = entry else { break };
        if replayer.push(&entry).is_err() {
            break;
        }
        peaks.push(leaf_hash(&entry));
        head.bytes += 2 + entry.len() as u64;
    }
    (head.size, head.root) = (peaks.size(), peaks.root());
    let path = dir.join(HEAD);
    let aside = if path.exists() {
        let aside = durable_file::set_aside(&path).map_err(FollowerError::io("rename", &path))?;
        format!("set aside as `{}`, ", aside.display())
    } else {
        String::new()
    };
    head.write(dir)?;
    let what = format!("{why}; {aside}rebuilt from the {} entries beside it", head.size);
    tracing::warn!(path = %path.display(), what, "a file of the replica is damaged and rebuilt");
    source.files.mended(&path, what);
    Ok(head)
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
