//! 64 callers who remember what they were told, ask again where they were not, and sometimes where they were.

use crate::seed::Seed;
use client::{ClientError, Http};
use lease_journal::ReservationKey;
use model::{ChangeId, EngineId, Id};
use platform::leases::{EndingView, PostRequest, ReservationView, ReserveRequest};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is asked. The lease is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    Reserve { key: ReservationKey, cycles: u64, hold_ms: u64 },
    Post { key: ReservationKey, cycles: u64 },
    Void { key: ReservationKey },
}

/// What one caller knows.
#[derive(Debug, Default)]
pub struct Known {
    /// Every yes, by the entry of the journal that it names.
    pub yes: BTreeMap<u64, Question>,
    /// What waits for its answer.
    pub asked: Option<Question>,
    /// The number of the kill after which it found nobody.
    pub alone: u64,
}

/// What all callers share.
#[derive(Default)]
pub struct Told {
    pub answers: AtomicU64,
    /// Answers that were asked for a second time and were the same.
    pub same: AtomicU64,
    /// How often the service was killed.
    pub kills: AtomicU64,
    /// Nobody asks anything new.
    pub stop: AtomicBool,
}

pub struct Caller {
    pub http: Http,
    pub lease: ChangeId,
    pub engine: EngineId,
    pub number: u8,
    pub seed: Seed,
    pub told: Arc<Told>,
    pub known: Arc<Mutex<Known>>,
}

enum Answer {
    Yes(u64),
    No,
}

impl Caller {
    /// Asks until it is told to stop and its last question has its answer.
    pub async fn run(mut self) {
        let mut ids = 0_u64;
        while !self.told.stop.load(SeqCst) {
            ids += 1;
            let mut id = [self.number; 16];
            id[8..].copy_from_slice(&ids.to_be_bytes());
            let key = ReservationKey { engine: self.engine, id: Id(id) };
            let cycles = 1 + self.below(20);
            // Some are past their time before anybody posts them.
            let hold_ms = if self.below(8) == 0 { 1 + self.below(40) } else { 3_600_000 };
            let reserve = Question::Reserve { key, cycles, hold_ms };
            let Answer::Yes(entry) = self.ask(reserve).await else { continue };
            self.sometimes_again(reserve, entry).await;
            let end = match self.below(4) {
                0 => Question::Void { key },
                1 => continue,
                _ => Question::Post { key, cycles: self.below(cycles + 1) },
            };
            if let Answer::Yes(entry) = self.ask(end).await {
                self.sometimes_again(end, entry).await;
                self.sometimes_again(reserve, 0).await;
            }
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.seed.below(usize::try_from(bound).unwrap()) as u64
    }

    /// What was answered is answered the same, whatever has happened since; `entry` 0: whatever it was, it is a yes.
    async fn sometimes_again(&mut self, question: Question, entry: u64) {
        if self.below(4) > 0 {
            return;
        }
        match self.ask(question).await {
            Answer::Yes(again) => assert!(entry == 0 || again == entry, "{question:?}: entry {entry}, then {again}"),
            Answer::No => panic!("{question:?} was answered yes, and no when it was asked again"),
        }
        self.told.same.fetch_add(1, SeqCst);
    }

    /// Asks the same until it is answered.
    async fn ask(&mut self, question: Question) -> Answer {
        self.known.lock().unwrap().asked = Some(question);
        loop {
            let kills = self.told.kills.load(SeqCst);
            match self.once(&question).await {
                Ok(entry) => {
                    self.told.answers.fetch_add(1, SeqCst);
                    let mut known = self.known.lock().unwrap();
                    known.asked = None;
                    if let Some(before) = known.yes.insert(entry, question) {
                        assert_eq!(before, question, "two yeses name entry {entry}");
                    }
                    return Answer::Yes(entry);
                }
                Err(ClientError::Problem(detail, 409)) => {
                    let code = detail.code.as_str();
                    assert!(["lease.cap_reached", "reservation.expired"].contains(&code), "{question:?}: {detail:?}");
                    self.told.answers.fetch_add(1, SeqCst);
                    self.known.lock().unwrap().asked = None;
                    return Answer::No;
                }
                // It has just started, or is busy, or does not know: it says so, and is asked again.
                Err(ClientError::Problem(detail, status)) => {
                    assert!([429, 503].contains(&status), "{question:?}: {status} {detail:?}");
                }
                // Killed with the question in its hands, or not up yet.
                Err(_) => self.known.lock().unwrap().alone = kills,
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn once(&self, question: &Question) -> Result<u64, ClientError> {
        let all = format!("/v1/leases/{}/reservations", self.lease);
        match *question {
            Question::Reserve { key, cycles, hold_ms } => {
                let request = ReserveRequest { id: key.id, cycles, hold_ms };
                let granted: ReservationView = self.http.post(&all, &request).await?;
                assert_eq!((granted.id, granted.cycles, granted.engine), (key.id, cycles, self.engine));
                Ok(granted.journal_entry)
            }
            Question::Post { key, cycles } => {
                let path = format!("{all}/{}/post", key.id);
                let ending: EndingView = self.http.post(&path, &PostRequest { cycles }).await?;
                assert_eq!((ending.id, ending.posted), (key.id, cycles));
                Ok(ending.journal_entry)
            }
            Question::Void { key } => {
                let ending: EndingView = self.http.post(&format!("{all}/{}/void", key.id), &json!({})).await?;
                Ok(ending.journal_entry)
            }
        }
    }
}
