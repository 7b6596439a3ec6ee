//! The state: what was granted, used and given back, folded over the entries.

use crate::known::Known;
use crate::{Ask, Cap, Ending, Entry, Fact, How, Period, Reservation, ReservationKey, Usage};
use model::{ChangeId, Instant};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A lease's use in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub period: Period,
    pub posted: u64,
    pub open: u64,
    pub reservations: u32,
    /// The entry that made the total final.
    pub committed: Option<u64>,
}

/// A lease's use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// The cap that was read at the largest size of the control log, the least of those at one size.
    pub cap: Option<Cap>,
    /// Open in all its periods.
    pub reservations: u32,
    /// By first instant; they never overlap.
    periods: BTreeMap<Instant, Tally>,
}

impl Account {
    /// The last period that begins at or before the instant.
    pub(crate) fn last(&self, at: Instant) -> Option<&Tally> {
        self.periods.range(..=at).next_back().map(|(_, tally)| tally)
    }

    /// A period that shares an instant with this one.
    pub(crate) fn overlapping(&self, period: &Period) -> Option<&Tally> {
        let before_its_end = self.periods.range(..period.until).next_back().map(|(_, tally)| tally);
        before_its_end.filter(|tally| tally.period.until > period.from)
    }

    fn tally(&mut self, period: Period) -> &mut Tally {
        let fresh = Tally { period, posted: 0, open: 0, reservations: 0, committed: None };
        self.periods.entry(period.from).or_insert(fresh)
    }
}

/// A reservation and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub reservation: Reservation,
    pub ending: Option<(How, Instant, u64)>,
}

impl Held {
    pub(crate) fn ended(&self) -> Option<Ending> {
        self.ending.map(|(how, at, entry)| Ending { reservation: self.reservation, how, at, entry })
    }
}

/// Everything that later entries are judged by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Book {
    /// Entries that were folded.
    pub size: u64,
    /// Stamp of the last one.
    pub stamp: Option<Instant>,
    leases: HashMap<ChangeId, Account>,
    reservations: HashMap<ReservationKey, Held>,
    /// The open ones by the end of their time.
    due: BTreeSet<(Instant, ReservationKey)>,
    /// The ended ones that are still known.
    known: Known,
    /// Periods whose total is not final, by their end.
    running: BTreeSet<(Instant, ChangeId, Instant)>,
    /// Lease and first instant of the periods whose total is final, by the entry that says so.
    finals: BTreeMap<u64, (ChangeId, Instant)>,
}

impl Book {
    pub(crate) fn account(&self, lease: &ChangeId) -> Option<&Account> {
        self.leases.get(lease)
    }

    pub(crate) fn held(&self, key: &ReservationKey) -> Option<&Held> {
        self.reservations.get(key)
    }

    /// The open reservations whose time is over at the instant, the longest overdue first.
    pub(crate) fn due(&self, now: Instant) -> impl Iterator<Item = ReservationKey> + '_ {
        self.due.iter().take_while(move |(expires, _)| *expires <= now).map(|(_, key)| *key)
    }

    /// The latest end of an open reservation that counts in this period of this lease.
    pub(crate) fn last_open(&self, lease: &ChangeId, period: &Period) -> Option<Instant> {
        let mut latest = self.due.iter().rev().filter_map(|(expires, key)| {
            let reservation = self.reservations.get(key)?.reservation;
            (reservation.ask.lease == *lease && reservation.period == *period).then_some(*expires)
        });
        latest.next()
    }

    /// The periods that are over at the instant, hold nothing open and have no final total yet. Those of one lease come in
    /// their order, and none before what is open in an earlier one has ended: their receipts are taken in that order.
    pub(crate) fn committable(&self, now: Instant) -> Vec<(ChangeId, Period)> {
        let mut wait = HashSet::new();
        let over = self.running.iter().take_while(|(until, ..)| *until <= now);
        let closed = over.filter_map(|(_, lease, from)| {
            let tally = self.leases.get(lease)?.periods.get(from)?;
            if tally.reservations > 0 {
                wait.insert(*lease);
            }
            (!wait.contains(lease)).then_some((*lease, tally.period))
        });
        closed.collect()
    }

    /// The first period of a lease that has no final total yet, where nothing of it is open.
    pub(crate) fn closable(&self, lease: &ChangeId) -> Option<Period> {
        let tally = self.leases.get(lease)?.periods.values().find(|tally| tally.committed.is_none())?;
        (tally.reservations == 0).then_some(tally.period)
    }

    /// The final totals that entries from `first` on say, in their order.
    pub(crate) fn finals(&self, first: u64) -> impl Iterator<Item = (u64, ChangeId, Period, u64)> + '_ {
        self.finals.range(first..).filter_map(|(entry, (lease, from))| {
            let tally = self.leases.get(lease)?.periods.get(from)?;
            Some((*entry, *lease, tally.period, tally.posted))
        })
    }

    /// What was used of a lease in each of its last periods, the newest first.
    pub(crate) fn usage(&self, lease: &ChangeId, most: usize) -> Vec<Usage> {
        let Some(account) = self.leases.get(lease) else { return Vec::new() };
        let usage = |tally: &Tally| Usage {
            period: tally.period,
            cap: account.cap,
            posted: tally.posted,
            open: tally.open,
            reservations: tally.reservations,
            committed: tally.committed,
        };
        account.periods.values().rev().take(most).map(usage).collect()
    }

    /// Folds an entry that was judged against this very state.
    pub(crate) fn fold(&mut self, index: u64, entry: &Entry) {
        let now = entry.stamp;
        match &entry.fact {
            Fact::Reserve(reserve) => self.reserved(index, now, &reserve.ask, reserve.period, reserve.cap),
            Fact::Post { key, cycles, .. } => self.end(index, now, key, How::Posted(*cycles)),
            Fact::Void { key, .. } => self.end(index, now, key, How::Voided),
            Fact::Expire(keys) => keys.iter().for_each(|key| self.end(index, now, key, How::Expired)),
            Fact::Commit { lease, period, .. } | Fact::Close { lease, period, .. } => {
                self.leases.entry(*lease).or_default().tally(*period).committed = Some(index);
                self.running.remove(&(period.until, *lease, period.from));
                self.finals.insert(index, (*lease, period.from));
            }
        }
        self.size = index + 1;
        self.stamp = Some(now);
        self.forget(now);
    }

    fn reserved(&mut self, index: u64, made: Instant, ask: &Ask, period: Period, cap: Cap) {
        let hold_ms = i64::try_from(ask.hold_ms).unwrap_or(i64::MAX);
        let expires = made.plus_millis(hold_ms);
        let reservation = Reservation { ask: *ask, made, expires, period, entry: index };
        self.reservations.insert(ask.key, Held { reservation, ending: None });
        self.due.insert((expires, ask.key));
        let account = self.leases.entry(ask.lease).or_default();
        account.cap = Some(cap);
        account.reservations = account.reservations.saturating_add(1);
        let tally = account.tally(period);
        tally.open = tally.open.saturating_add(ask.cycles);
        tally.reservations = tally.reservations.saturating_add(1);
        self.running.insert((period.until, ask.lease, period.from));
    }

    fn end(&mut self, index: u64, at: Instant, key: &ReservationKey, how: How) {
        let Some(held) = self.reservations.get_mut(key) else { return };
        held.ending = Some((how, at, index));
        let Reservation { ask, expires, period, .. } = held.reservation;
        self.due.remove(&(expires, *key));
        let account = self.leases.entry(ask.lease).or_default();
        account.reservations = account.reservations.saturating_sub(1);
        let tally = account.tally(period);
        tally.open = tally.open.saturating_sub(ask.cycles);
        tally.reservations = tally.reservations.saturating_sub(1);
        if let How::Posted(cycles) = how {
            tally.posted = tally.posted.saturating_add(cycles);
        }
        if let Some(forgotten) = self.known.add(at, *key) {
            self.reservations.remove(&forgotten);
        }
    }

    fn forget(&mut self, now: Instant) {
        while let Some(key) = self.known.forgotten(now) {
            self.reservations.remove(&key);
        }
    }
}
