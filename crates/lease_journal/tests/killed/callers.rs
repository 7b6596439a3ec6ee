//! 64 callers who remember what they were told, and ask again where they were not.

use crate::question::Question;
use crate::server::SOCKET;
use lease_journal::ReservationKey;
use model::{EngineId, Id};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

/// A yes, and the entry it named.
pub type Yes = (Question, u64);

/// What all callers share.
#[derive(Default)]
pub struct Told {
    /// Answers in all.
    pub answers: AtomicU64,
    /// Nobody asks anything new.
    pub stop: AtomicBool,
}

/// A small generator of our own (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

pub struct Caller {
    dir: PathBuf,
    told: Arc<Told>,
    dice: Dice,
    engine: EngineId,
    ids: u64,
    connection: Option<BufReader<UnixStream>>,
    yes: Vec<Yes>,
}

impl Caller {
    pub fn new(dir: PathBuf, told: Arc<Told>, number: u8, seed: u64) -> Self {
        let dice = Dice(seed ^ (u64::from(number) << 56));
        Self { dir, told, dice, engine: EngineId([number + 1; 16]), ids: 0, connection: None, yes: vec![] }
    }

    /// Asks until it is told to stop and every question has its answer; gives back what it was granted.
    pub async fn run(mut self) -> Vec<Yes> {
        while !self.told.stop.load(SeqCst) {
            let mut id = [0; 16];
            self.ids += 1;
            id[8..].copy_from_slice(&self.ids.to_be_bytes());
            let key = ReservationKey { engine: self.engine, id: Id(id) };
            let cycles = 1 + self.dice.below(20);
            // Some are past their time before anybody posts them.
            let hold_ms = if self.dice.below(8) == 0 { 1 + self.dice.below(40) } else { 3_600_000 };
            if !self.ask(Question::Reserve { key, cycles, hold_ms }).await {
                continue;
            }
            match self.dice.below(4) {
                0 => drop(self.ask(Question::Void { key }).await),
                1 => {}
                _ => {
                    let used = self.dice.below(cycles + 1);
                    self.ask(Question::Post { key, cycles: used }).await;
                }
            }
        }
        self.yes
    }

    /// Asks the same until it is answered; whether the answer was yes.
    async fn ask(&mut self, question: Question) -> bool {
        loop {
            let Some(line) = self.once(&question).await else {
                // Killed with the question in its hands, or not up yet.
                self.connection = None;
                tokio::time::sleep(Duration::from_millis(2)).await;
                continue;
            };
            self.told.answers.fetch_add(1, SeqCst);
            let (word, rest) = line.trim_end().split_once(' ').unwrap();
            if word == "yes" {
                self.yes.push((question, rest.parse().unwrap()));
                return true;
            }
            match rest {
                "lease.cap_reached" | "reservation.expired" => return false,
                "busy" => {}
                other => panic!("{question:?} was answered {other}"),
            }
        }
    }

    async fn once(&mut self, question: &Question) -> Option<String> {
        if self.connection.is_none() {
            let stream = UnixStream::connect(self.dir.join(SOCKET)).await.ok()?;
            self.connection = Some(BufReader::new(stream));
        }
        let connection = self.connection.as_mut()?;
        connection.get_mut().write_all(question.line().as_bytes()).await.ok()?;
        let mut line = String::new();
        let read = connection.read_line(&mut line).await.ok()?;
        // A line without its end is no answer.
        (read > 0 && line.ends_with('\n')).then_some(line)
    }
}
