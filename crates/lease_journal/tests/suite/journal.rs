//! A journal on a disk, with a clock that stands until it is set.

use crate::desk::{at, cap, key, lease};
use lease_journal::{Ask, Journal, JournalError, JournalOptions, OpenError, PeriodKind, Reservation, Right};
use ledger::Clock;
use model::Instant;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// With what others know to have come, and vouch for; 0: nothing.
pub struct HandClock(AtomicI64, AtomicI64, AtomicI64);

impl HandClock {
    pub fn at(ms: i64) -> Arc<Self> {
        Self::beside(ms, 0, 0)
    }

    pub fn beside(ms: i64, passed_ms: i64, vouched_ms: i64) -> Arc<Self> {
        Arc::new(Self(ms.into(), passed_ms.into(), vouched_ms.into()))
    }

    pub fn vouch(&self, ms: i64) {
        self.2.store(ms, SeqCst);
    }

    pub fn set(&self, ms: i64) {
        self.0.store(ms, SeqCst);
    }
}

impl Clock for HandClock {
    fn wall(&self) -> Instant {
        at(self.0.load(SeqCst))
    }

    fn monotonic_ms(&self) -> u64 {
        self.0.load(SeqCst).unsigned_abs()
    }

    fn passed(&self) -> Option<Instant> {
        Some(self.1.load(SeqCst)).filter(|ms| *ms > 0).map(at)
    }

    fn vouched(&self) -> Option<Instant> {
        Some(self.2.load(SeqCst)).filter(|ms| *ms > 0).map(at)
    }
}

pub fn open(dir: &Path, clock: &Arc<HandClock>) -> Result<Journal, OpenError> {
    let clock = Arc::clone(clock);
    Journal::open(dir, JournalOptions { clock, ..JournalOptions::new("journal.test/leases") })
}

pub fn right(cycles: u64) -> Right {
    Right { cap: cap(cycles, 5), zone: "Europe/Berlin".to_owned(), kind: PeriodKind::Day }
}

pub fn ask(id: u8, cycles: u64) -> Ask {
    Ask { lease: lease(1), key: key(1, id), cycles, hold_ms: 60_000 }
}

pub async fn reserve(journal: &Journal, id: u8, cycles: u64, cap: u64) -> Result<Reservation, JournalError> {
    journal.reserve(ask(id, cycles), &right(cap)).await
}

/// Posted and open cycles of the newest period.
pub fn used(journal: &Journal) -> (u64, u64) {
    journal.usage(&lease(1), 1).first().map_or((0, 0), |usage| (usage.posted, usage.open))
}
