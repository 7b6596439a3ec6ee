//! A machine that adds numbers: the leaf is `now n`, the state the sum, the answer the sum then.

use ledger::{Clock, Decision, Ledger, LedgerError, Machine, Options};
use model::{Id, Instant};
use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering::SeqCst},
        mpsc,
    },
};
use tlog::note::NoteSigner;

pub const ORIGIN: &str = "ledger.test/control";
pub const ADA: Id = Id([1; 16]);
pub const BEN: Id = Id([2; 16]);

pub enum Command {
    Add(u64),
    /// Answers without a leaf.
    Ask,
    Panic,
    TooLarge,
    /// Says that it is being decided, then blocks the writer until the other end is dropped.
    Block(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>),
}

#[derive(Default, Debug, Clone, PartialEq, Eq)]
pub struct Adder {
    pub sum: u64,
    pub leaves: u64,
}

fn number(leaf: &[u8]) -> Option<u64> {
    std::str::from_utf8(leaf).ok()?.split(' ').nth(1)?.parse().ok()
}

impl Machine for Adder {
    type Command = Command;
    type Answer = Result<u64, &'static str>;

    fn decide(&self, now: Instant, command: &Command) -> Decision<Self::Answer> {
        match command {
            Command::Add(n) => {
                let answer = Ok(self.sum + n);
                Decision::Append {
                    leaf: format!("{now} {n}").into_bytes(),
                    payload: format!("sealed {n}").into_bytes(),
                    answer,
                }
            }
            Command::Ask => Decision::Answer(Ok(self.sum)),
            Command::Panic => panic!("a bug in decide (this test wants it)"),
            Command::TooLarge => {
                Decision::Append { leaf: vec![b'x'; ledger::LEAF_MAX + 1], payload: Vec::new(), answer: Ok(0) }
            }
            Command::Block(begun, until) => {
                begun.send(()).unwrap();
                assert!(until.lock().unwrap().recv().is_err());
                Decision::Answer(Ok(self.sum))
            }
        }
    }

    fn apply(&mut self, _index: u64, leaf: &[u8]) {
        self.sum += number(leaf).unwrap_or(0);
        self.leaves += 1;
    }

    fn replay(&mut self, index: u64, leaf: &[u8]) -> Result<(), String> {
        number(leaf).ok_or("it is no number")?;
        self.apply(index, leaf);
        Ok(())
    }

    fn panicked(&self) -> Self::Answer {
        Err("internal")
    }

    fn stamp(leaf: &[u8]) -> Option<Instant> {
        std::str::from_utf8(leaf).ok()?.split(' ').next()?.parse().ok()
    }
}

/// A clock that stands until it is set.
pub struct HandClock {
    pub wall_ms: AtomicI64,
    pub monotonic_ms: AtomicU64,
}

impl HandClock {
    pub fn at(wall_ms: i64) -> Arc<Self> {
        Arc::new(Self { wall_ms: AtomicI64::new(wall_ms), monotonic_ms: AtomicU64::new(0) })
    }
}

impl Clock for HandClock {
    fn wall(&self) -> Instant {
        Instant::from_millis(self.wall_ms.load(SeqCst))
    }
    fn monotonic_ms(&self) -> u64 {
        self.monotonic_ms.load(SeqCst)
    }
}

pub fn signer() -> NoteSigner {
    NoteSigner::new(ORIGIN, ed25519_dalek::SigningKey::from_bytes(&[9; 32])).unwrap()
}

pub fn options() -> Options {
    Options { segment_bytes: 512 << 10, ..Options::new(ORIGIN, signer()) }
}

pub fn open(dir: &Path) -> Result<Ledger<Adder>, LedgerError> {
    open_with(dir, options())
}

pub fn open_with(dir: &Path, options: Options) -> Result<Ledger<Adder>, LedgerError> {
    Ledger::open(dir, options, Adder::default(), Adder::default())
}

/// Adds numbers one after the other, each in its own frame, waiting for its checkpoint.
pub async fn add_published(ledger: &Ledger<Adder>, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        ledger.submit(ledger::Lane::Normal, ADA, Command::Add(n), ledger::Ack::Published).await.unwrap();
    }
}
