//! A machine that is asked one command after the other, without a disk.

use lease_journal::{
    Ask, Cap, Command, Ending, LeaseMachine, Period, PeriodKind, Refusal, Reservation, ReservationKey, Reserve, Told,
    Usage, period_of,
};
use ledger::{Decision, Machine as _};
use model::{ChangeId, EngineId, Id, Instant};

/// 2026-03-08T12:00:00Z.
pub const NOON: i64 = 1_772_971_200_000;
pub const DAY: i64 = 86_400_000;

pub fn lease(n: u8) -> ChangeId {
    ChangeId([n; 16])
}

pub fn key(engine: u8, id: u8) -> ReservationKey {
    ReservationKey { engine: EngineId([engine; 16]), id: Id([id; 16]) }
}

pub fn at(ms: i64) -> Instant {
    Instant::from_millis(ms)
}

pub fn utc_day(ms: i64) -> Period {
    period_of("UTC", PeriodKind::Day, at(ms)).unwrap()
}

pub fn cap(cycles: u64, control_size: u64) -> Cap {
    Cap { cycles, control_size }
}

#[derive(Default, Clone)]
pub struct Desk {
    pub machine: LeaseMachine,
    pub leaves: Vec<Vec<u8>>,
}

impl Desk {
    pub fn ask(&mut self, ms: i64, command: &Command) -> Result<Told, Refusal> {
        match self.machine.decide(at(ms), command) {
            Decision::Append { leaf, payload, answer } => {
                assert!(payload.is_empty() && leaf.len() <= ledger::LEAF_MAX);
                self.machine.apply(self.leaves.len() as u64, &leaf);
                self.leaves.push(leaf);
                answer
            }
            Decision::Answer(answer) => answer,
        }
    }

    /// Reserves in the UTC day of the instant, for a minute.
    pub fn reserve(&mut self, ms: i64, of: u8, id: u8, cycles: u64, cap: Cap) -> Result<Reservation, Refusal> {
        let ask = Ask { lease: lease(of), key: key(1, id), cycles, hold_ms: 60_000 };
        self.reserve_in(ms, ask, utc_day(ms), cap)
    }

    pub fn reserve_in(&mut self, ms: i64, ask: Ask, period: Period, cap: Cap) -> Result<Reservation, Refusal> {
        match self.ask(ms, &Command::Reserve(Reserve { ask, period, cap }))? {
            Told::Granted(reservation) => Ok(reservation),
            other => panic!("{other:?} is no grant"),
        }
    }

    pub fn post(&mut self, ms: i64, of: u8, id: u8, cycles: u64) -> Result<Ending, Refusal> {
        ended(self.ask(ms, &Command::Post { lease: lease(of), key: key(1, id), cycles }))
    }

    pub fn void(&mut self, ms: i64, of: u8, id: u8) -> Result<Ending, Refusal> {
        ended(self.ask(ms, &Command::Void { lease: lease(of), key: key(1, id) }))
    }

    pub fn expire(&mut self, ms: i64) -> usize {
        match self.ask(ms, &Command::Expire) {
            Ok(Told::Expired { count, .. }) => count,
            other => panic!("{other:?} is no expiry"),
        }
    }

    pub fn commit(&mut self, ms: i64, of: u8, period: Period) -> Result<u64, Refusal> {
        match self.ask(ms, &Command::Commit { lease: lease(of), period })? {
            Told::Final { posted, .. } => Ok(posted),
            other => panic!("{other:?} is no total"),
        }
    }

    pub fn close(&mut self, ms: i64, of: u8, period: Period) -> Result<u64, Refusal> {
        match self.ask(ms, &Command::Close { lease: lease(of), period })? {
            Told::Final { posted, .. } => Ok(posted),
            other => panic!("{other:?} is no total"),
        }
    }

    pub fn usage(&self, of: u8, ms: i64) -> Option<Usage> {
        self.machine.usage(&lease(of), usize::MAX).into_iter().find(|usage| usage.period.contains(at(ms)))
    }

    /// Posted and open cycles of a lease's period.
    pub fn used(&self, of: u8, ms: i64) -> (u64, u64) {
        self.usage(of, ms).map_or((0, 0), |usage| (usage.posted, usage.open))
    }

    /// A fresh machine that has read every entry.
    pub fn replayed(&self) -> LeaseMachine {
        let mut machine = LeaseMachine::default();
        for (index, leaf) in (0..).zip(&self.leaves) {
            machine.replay(index, leaf).unwrap();
        }
        machine
    }
}

fn ended(told: Result<Told, Refusal>) -> Result<Ending, Refusal> {
    match told? {
        Told::Ended(ending) => Ok(ending),
        other => panic!("{other:?} is no end"),
    }
}
