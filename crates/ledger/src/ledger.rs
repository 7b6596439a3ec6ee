//! Opening a ledger, submitting to it, closing it.

use crate::{
    Ack, Answered, Entry, FileTail, Frame, Lane, LedgerError, Log, LogKeys, Machine, Options, Place, Recorded,
    SubmitError, Tail, Visit,
    clock::Stamper,
    index::{Index, Spot},
    lanes::Lanes,
    log::{Published, Shared},
    publisher, tiles,
    writer::{Done, Job, Work, Writer},
};
use model::{Digest, Id};
use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, RwLock},
    thread,
};
use tlog::{TlogError, checkpoint::Checkpoint};
use tokio::sync::oneshot;

/// An open log with its one writer. Share it in an `Arc`; dropping it decides what is queued,
/// covers it with a checkpoint and ends the writer (it blocks until then).
pub struct Ledger<M: Machine> {
    shared: Arc<Shared>,
    lanes: Arc<Lanes<Job<M>>>,
    durable: Arc<RwLock<M>>,
    stamper: Arc<Stamper>,
    writer: Option<thread::JoinHandle<()>>,
    publisher: Option<thread::JoinHandle<()>>,
    tiles: Option<thread::JoinHandle<()>>,
}

impl<M: Machine> Ledger<M> {
    /// Opens the log in `dir` (made if missing), replays and checks all of it, and starts the
    /// writer. `ahead` and `durable` are two equal machines that have seen no leaf.
    ///
    /// # Errors
    /// `Locked`, `Damage` (by file, offset and entry), `Checkpoint`, `Replay`, `Io`, `SegmentBytes`.
    pub fn open(dir: &Path, options: Options, ahead: M, durable: M) -> Result<Self, LedgerError> {
        options.check()?;
        let tail = Arc::new(FileTail::open(dir, options.segment_bytes)?);
        Self::open_on(tail, dir, options, ahead, durable)
    }

    /// As [`Ledger::open`], on any tail; `dir` is where tiles are written. The tail must take
    /// frames of 2 MiB, or of `options.segment_bytes` if that is less.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_on(
        tail: Arc<dyn Tail>,
        dir: &Path,
        options: Options,
        ahead: M,
        durable: M,
    ) -> Result<Self, LedgerError> {
        options.check()?;
        let mut replay = Replay::new(ahead, durable, &options);
        let recovered = tail.recover(&mut replay)?;
        let Replay { ahead, durable, index, published, .. } = replay;
        let shared = Arc::new(Shared::new(tail, index));
        let stamp = last_stamp::<M>(&shared, recovered.size);
        let covered = published.as_ref().map_or(0, |(size, _)| *size);
        shared.published.send_replace(published);
        shared.covered.ring(covered);
        shared.grown.ring(recovered.size);
        let lanes = Arc::new(Lanes::new(options.lanes));
        let durable = Arc::new(RwLock::new(durable));
        let stamper = Arc::new(Stamper::new(Arc::clone(&options.clock), stamp, options.accept_clock));
        let writer = Writer {
            shared: Arc::clone(&shared),
            lanes: Arc::clone(&lanes),
            ahead,
            durable: Arc::clone(&durable),
            stamper: Arc::clone(&stamper),
            fence: recovered.fence,
            size: recovered.size,
            batch_bytes: options.batch_bytes(),
            frame: Frame::new(),
            hashes: Vec::new(),
        };
        let mut ledger = Self { shared, lanes, durable, stamper, writer: None, publisher: None, tiles: None };
        ledger.start(dir, options, covered, writer)?;
        Ok(ledger)
    }

    fn start(&mut self, dir: &Path, options: Options, covered: u64, writer: Writer<M>) -> Result<(), LedgerError> {
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            thread::Builder::new().name(name.to_owned()).spawn(work).map_err(LedgerError::io("start a thread for", dir))
        };
        self.writer = Some(spawn("ledger-writer", Box::new(move || writer.run()))?);
        let (shared, lanes) = (Arc::clone(&self.shared), Arc::clone(&self.lanes));
        let tiles_dir = options.tile_files.then(|| dir.to_owned());
        let publish = move || {
            if let Err(why) = publisher::run(&shared, &options, covered) {
                tracing::error!(%why, "ledger: the ledger has ended");
                shared.end(&why);
                lanes.abandon(&why);
            }
        };
        self.publisher = Some(spawn("ledger-publisher", Box::new(publish))?);
        let shared = Arc::clone(&self.shared);
        self.tiles = Some(spawn("ledger-tiles", Box::new(move || tiles::run(shared, tiles_dir.as_deref())))?);
        Ok(())
    }

    /// Appends the first leaf as it is, after [`Machine::replay`] accepted it; returns once it is durable.
    ///
    /// # Errors
    /// `Begun` when there is an entry already, `Refused` with the machine's word, or as [`Ledger::submit`].
    pub async fn bootstrap(&self, leaf: Vec<u8>, payload: Vec<u8>) -> Result<Recorded, SubmitError> {
        let done = self.queue(Lane::Urgent, Id([0; 16]), Work::Bootstrap { leaf, payload }).await?;
        done.recorded.ok_or(SubmitError::Unknown)
    }

    /// Queues a command for the writer and waits for its answer. `principal` is whose share of the
    /// lane it takes. Dropping the future does not take the command back.
    ///
    /// # Errors
    /// `Busy`, `DiskFull`, `Clock`, `Stopped`: nothing was decided. `Unknown`: the writer failed
    /// with the command in hand; ask again after the restart.
    pub async fn submit(
        &self,
        lane: Lane,
        principal: Id,
        command: M::Command,
        ack: Ack,
    ) -> Result<Answered<M::Answer>, SubmitError> {
        let done = self.queue(lane, principal, Work::Command(command)).await?;
        let newest = done.recorded.map(|recorded| recorded.index).or(done.size.checked_sub(1));
        if let (Ack::Published, Some(index)) = (ack, newest) {
            self.log().wait_checkpoint(index).await.ok_or(SubmitError::Unknown)?;
        }
        let answer = done.answer.ok_or(SubmitError::Unknown)?;
        Ok(Answered { answer, recorded: done.recorded })
    }

    async fn queue(&self, lane: Lane, principal: Id, work: Work<M::Command>) -> Result<Done<M::Answer>, SubmitError> {
        let (reply, done) = oneshot::channel();
        self.lanes.push(lane, principal, Job { work, reply })?;
        done.await.unwrap_or(Err(SubmitError::Unknown))
    }

    /// The reader's side.
    pub fn log(&self) -> Log {
        Log(Arc::clone(&self.shared))
    }

    /// The state folded over what is durable. Hold the read lock briefly: the writer waits for it.
    /// While it is held, [`Log::size`] is the size this state belongs to.
    pub fn state(&self) -> &Arc<RwLock<M>> {
        &self.durable
    }

    /// What the writer's stamps rest on now.
    ///
    /// # Errors
    /// Why the clock is not believed: nothing is written until it is, and [`Ledger::submit`] answers `Clock`.
    pub fn clock(&self) -> Result<String, String> {
        self.stamper.standing()
    }

    /// Resolves, with the reason, when the ledger can no longer write; the process must then end.
    pub fn failed(&self) -> impl Future<Output = String> + Send + use<M> {
        let shared = Arc::clone(&self.shared);
        async move {
            let mut ended = shared.ended.subscribe();
            let why = ended.wait_for(Option::is_some).await;
            why.ok().and_then(|why| why.as_ref().map(ToString::to_string)).unwrap_or_default()
        }
    }
}

impl<M: Machine> Drop for Ledger<M> {
    fn drop(&mut self) {
        // In the order of the flow, so that each finishes what the one before it left.
        self.lanes.close("the ledger is closing");
        join(self.writer.take());
        self.shared.grown.close();
        join(self.publisher.take());
        self.shared.covered.close();
        join(self.tiles.take());
        self.shared.end("the ledger was closed");
    }
}

fn join(thread: Option<thread::JoinHandle<()>>) {
    if thread.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!("ledger: a thread of the ledger panicked");
    }
}

/// The newest stamp there is: that of the last leaf, unless it carries none.
fn last_stamp<M: Machine>(shared: &Arc<Shared>, size: u64) -> Option<model::Instant> {
    let log = Log(Arc::clone(shared));
    let stamp = |entry: Entry| M::stamp(&entry.leaf);
    (0..size).rev().find_map(|index| log.entry(index).ok().and_then(stamp))
}

/// Folds what recovery reads into machines and tree, and checks every stored checkpoint.
struct Replay<M> {
    ahead: M,
    durable: M,
    index: Index,
    origin: String,
    keys: Arc<dyn LogKeys>,
    /// Stored checkpoints whose entries were not read yet.
    promised: VecDeque<(u64, Promised)>,
    published: Option<Published>,
}

impl<M: Machine> Replay<M> {
    fn new(ahead: M, durable: M, options: &Options) -> Self {
        Self {
            ahead,
            durable,
            index: Index::default(),
            origin: options.origin.clone(),
            keys: Arc::clone(&options.keys),
            promised: VecDeque::new(),
            published: None,
        }
    }
}

/// What a stored checkpoint says of its entries, before they were read.
enum Promised {
    /// Their root, under the signature of a key that is known already.
    Root(Digest),
    /// The text, signed by none of them: the entries before it say who else signed for this log.
    Note(Arc<str>),
}

impl<M> Replay<M> {
    fn opened(&self, size: u64, note: &str) -> Result<Digest, TlogError> {
        let opened = Checkpoint::open(note, &self.keys.known(), &self.origin)?;
        let same = opened.size == size;
        if same { Ok(opened.root) } else { Err(TlogError::MalformedCheckpoint("its frame is of another size")) }
    }
}

impl<M: Machine> Visit for Replay<M> {
    fn checkpoint(&mut self, size: u64, note: &str) -> Result<(), LedgerError> {
        let promised = match self.opened(size, note) {
            Ok(root) => Promised::Root(root),
            Err(TlogError::NoKnownSignature) => Promised::Note(note.into()),
            Err(error) => return Err(LedgerError::Checkpoint { size, why: error.to_string() }),
        };
        self.promised.push_back((size, promised));
        self.published = Some((size, note.into()));
        Ok(())
    }

    fn entry(&mut self, index: u64, at: Place, leaf: &[u8], payload: &[u8]) -> Result<(), LedgerError> {
        self.ahead.replay(index, leaf).map_err(|why| LedgerError::Replay { index, why })?;
        self.durable.apply(index, leaf);
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.index.push(tlog::leaf_hash(leaf), Spot { at, leaf_len: length(leaf), payload_len: length(payload) });
        let size = index + 1;
        if self.promised.front().is_some_and(|(promised, _)| *promised == size)
            && let Some((_, promised)) = self.promised.pop_front()
        {
            let wrong = |why: String| LedgerError::Checkpoint { size, why };
            let root = match promised {
                Promised::Root(root) => root,
                Promised::Note(note) => self.opened(size, &note).map_err(|error| wrong(error.to_string()))?,
            };
            if root != self.index.tree.root() {
                return Err(wrong("it was signed over other entries".to_owned()));
            }
        }
        Ok(())
    }
}
