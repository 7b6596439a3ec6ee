//! What a caller asks over the socket, and what it is told: one line each.

use lease_journal::{Ask, Ending, How, JournalError, Reservation, ReservationKey};
use model::{ChangeId, EngineId, Id};

pub const LEASE: ChangeId = ChangeId([1; 16]);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    Reserve { key: ReservationKey, cycles: u64, hold_ms: u64 },
    Post { key: ReservationKey, cycles: u64 },
    Void { key: ReservationKey },
}

impl Question {
    pub fn key(&self) -> ReservationKey {
        match *self {
            Self::Reserve { key, .. } | Self::Post { key, .. } | Self::Void { key } => key,
        }
    }

    pub fn line(&self) -> String {
        let ReservationKey { engine, id } = self.key();
        match self {
            Self::Reserve { cycles, hold_ms, .. } => format!("reserve {engine} {id} {cycles} {hold_ms}\n"),
            Self::Post { cycles, .. } => format!("post {engine} {id} {cycles} 0\n"),
            Self::Void { .. } => format!("void {engine} {id} 0 0\n"),
        }
    }

    pub fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [verb, engine, id, first, second] = words[..] else { panic!("`{line}` is no question") };
        let key = ReservationKey { engine: engine.parse::<EngineId>().unwrap(), id: id.parse::<Id>().unwrap() };
        match verb {
            "reserve" => Self::Reserve { key, cycles: first.parse().unwrap(), hold_ms: second.parse().unwrap() },
            "post" => Self::Post { key, cycles: first.parse().unwrap() },
            _ => Self::Void { key },
        }
    }

    pub fn ask(&self) -> Option<Ask> {
        let Self::Reserve { key, cycles, hold_ms } = *self else { return None };
        Some(Ask { lease: LEASE, key, cycles, hold_ms })
    }
}

/// `yes ENTRY`, or `no CODE`.
pub fn granted(answer: &Result<Reservation, JournalError>) -> String {
    line(answer.as_ref().map(|granted| granted.entry))
}

/// As [`granted`], of what ended it as asked.
pub fn ended(answer: &Result<Ending, JournalError>) -> String {
    line(answer.as_ref().map(|ending| {
        assert_ne!(ending.how, How::Expired, "nobody asks for that");
        ending.entry
    }))
}

fn line(answer: Result<u64, &JournalError>) -> String {
    match answer {
        Ok(entry) => format!("yes {entry}\n"),
        Err(error) => format!("no {}\n", error.code()),
    }
}
