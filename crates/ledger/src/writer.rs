//! The one writer: decides in batches, flushes once a batch, then answers.

use crate::{
    Appended, Decision, Frame, LedgerError, Machine, Recorded, Reserve, SubmitError,
    clock::Stamper,
    frame::{CHECKSUM, ENTRY_MAX, Span},
    index::Spot,
    lanes::Lanes,
    log::Shared,
};
use model::{Digest, Instant};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, RwLock},
};
use tokio::sync::oneshot;

/// Most commands of one batch.
const BATCH_COMMANDS: usize = 1_024;

/// What stands in the queue.
pub(crate) enum Work<C> {
    Command(C),
    /// The first leaf, as it is.
    Bootstrap {
        leaf: Vec<u8>,
        payload: Vec<u8>,
    },
}

/// What its sender gets once the batch is flushed.
pub(crate) struct Done<A> {
    /// None for a first leaf.
    pub answer: Option<A>,
    pub recorded: Option<Recorded>,
    /// Entries that were durable when this was answered.
    pub size: u64,
}

type Outcome<A> = Result<Done<A>, SubmitError>;

pub(crate) struct Job<M: Machine> {
    pub work: Work<M::Command>,
    pub reply: oneshot::Sender<Outcome<M::Answer>>,
}

type Waiting<M> = (oneshot::Sender<Outcome<<M as Machine>::Answer>>, Outcome<<M as Machine>::Answer>);

pub(crate) struct Writer<M: Machine> {
    pub shared: Arc<Shared>,
    pub lanes: Arc<Lanes<Job<M>>>,
    /// Everything decided.
    pub ahead: M,
    /// Everything flushed: what readers see.
    pub durable: Arc<RwLock<M>>,
    pub stamper: Arc<Stamper>,
    pub fence: u64,
    pub size: u64,
    pub batch_bytes: usize,
    pub frame: Frame,
    pub hashes: Vec<Digest>,
}

impl<M: Machine> Writer<M> {
    /// Serves until the lanes are closed and empty, or something fails for good.
    pub(crate) fn run(mut self) {
        let (shared, lanes) = (Arc::clone(&self.shared), Arc::clone(&self.lanes));
        let served = catch_unwind(AssertUnwindSafe(|| self.serve()));
        if let Err(why) = served.unwrap_or_else(|_| Err("the writer panicked".to_owned())) {
            tracing::error!(%why, "ledger: the ledger has ended");
            shared.end(&why);
            lanes.abandon(&why);
        }
    }

    fn serve(&mut self) -> Result<(), String> {
        let mut queue = VecDeque::new();
        while let Some(job) = queue.pop_front().or_else(|| self.lanes.wait()) {
            queue.push_front(job);
            self.lanes.drain(&mut queue, BATCH_COMMANDS);
            if let Some(refusal) = self.refusal()? {
                for job in queue.drain(..) {
                    answer(job.reply, Err(refusal.clone()));
                }
                continue;
            }
            let mut waiting: Vec<Waiting<M>> = Vec::with_capacity(queue.len());
            // Whatever the next command decides fits what was reserved, or waits for the next batch.
            while self.frame.len() + ENTRY_MAX <= self.batch_bytes
                && let Some(job) = queue.pop_front()
            {
                let outcome = self.take(job.work);
                waiting.push((job.reply, outcome));
            }
            self.commit(waiting)?;
        }
        Ok(())
    }

    /// Why nothing may be decided now; `Err` when nothing ever may again.
    fn refusal(&mut self) -> Result<Option<SubmitError>, String> {
        if let Some(why) = self.shared.ended.borrow().as_ref() {
            return Err(why.to_string());
        }
        if let Some(why) = self.stamper.refusal() {
            return Ok(Some(SubmitError::Clock(why)));
        }
        match self.shared.tail.reserve(self.batch_bytes) {
            Ok(()) => Ok(None),
            Err(Reserve::Full) => Ok(Some(SubmitError::DiskFull)),
            Err(Reserve::Failed(error)) => Err(format!("disk space could not be reserved: {error}")),
        }
    }

    fn take(&mut self, work: Work<M::Command>) -> Outcome<M::Answer> {
        let now = self.stamper.now();
        let command = match work {
            Work::Bootstrap { leaf, payload } => return self.begin(&leaf, &payload, now),
            Work::Command(command) => command,
        };
        let (answer, recorded) = match catch_unwind(AssertUnwindSafe(|| self.ahead.decide(now, &command))) {
            Ok(Decision::Answer(answer)) => (answer, None),
            Ok(Decision::Append { leaf, payload, answer }) => match self.record(&leaf, &payload, now) {
                Ok(recorded) => {
                    self.ahead.apply(recorded.index, &leaf);
                    (answer, Some(recorded))
                }
                Err(error) => {
                    tracing::error!(%error, "ledger: a decision is too large to record");
                    (self.ahead.panicked(), None)
                }
            },
            Err(_) => {
                tracing::error!("ledger: a decision panicked; it left no entry");
                (self.ahead.panicked(), None)
            }
        };
        Ok(Done { answer: Some(answer), recorded, size: 0 })
    }

    fn begin(&mut self, leaf: &[u8], payload: &[u8], now: Instant) -> Outcome<M::Answer> {
        if self.size > 0 || self.frame.count() > 0 {
            return Err(SubmitError::Begun);
        }
        let recorded = self.record(leaf, payload, now).map_err(|error| SubmitError::Refused(error.to_string()))?;
        if let Err(why) = self.ahead.replay(0, leaf) {
            self.frame.clear();
            self.hashes.clear();
            return Err(SubmitError::Refused(why));
        }
        Ok(Done { answer: None, recorded: Some(recorded), size: 0 })
    }

    fn record(&mut self, leaf: &[u8], payload: &[u8], now: Instant) -> Result<Recorded, LedgerError> {
        let index = self.size + self.frame.count() as u64;
        self.frame.push(leaf, payload)?;
        let leaf_hash = tlog::leaf_hash(leaf);
        self.hashes.push(leaf_hash);
        Ok(Recorded { index, leaf_hash, now })
    }

    /// Flushes, shows readers, answers. On an error the senders are dropped: their callers learn
    /// that it is unknown.
    fn commit(&mut self, waiting: Vec<Waiting<M>>) -> Result<(), String> {
        debug_assert!(self.frame.len() <= self.batch_bytes + CHECKSUM, "a batch stays within what was reserved");
        if self.frame.count() > 0 {
            let place = match self.shared.tail.append(self.size, self.fence, &mut self.frame) {
                Appended::Committed(place) => place,
                Appended::Fenced => return Err("another writer has taken over this ledger".to_owned()),
                Appended::Unknown(error) => return Err(format!("the log could not be written: {error}")),
            };
            {
                // Both at once, so that who holds the state knows the size that belongs to it.
                let mut durable = self.durable.write().unwrap_or_else(PoisonError::into_inner);
                let mut index = self.shared.index_mut();
                let spans: &[Span] = self.frame.spans();
                for (n, (span, hash)) in spans.iter().zip(self.hashes.drain(..)).enumerate() {
                    durable.apply(self.size + n as u64, self.frame.leaf(n));
                    index.push(hash, Spot::new(place, *span));
                }
            }
            self.size += self.frame.count() as u64;
            self.frame.clear();
        }
        for (reply, outcome) in waiting {
            answer(reply, outcome.map(|done| Done { size: self.size, ..done }));
        }
        self.shared.grown.ring(self.size);
        Ok(())
    }
}

/// A caller that went away is no error: its command stands.
fn answer<T>(reply: oneshot::Sender<T>, outcome: T) {
    drop(reply.send(outcome));
}
