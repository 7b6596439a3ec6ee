//! The journal's machine.

use crate::book::Book;
use crate::judge::{Verdict, judge};
use crate::{Command, Entry, Period, Refusal, Reservation, ReservationKey, Told, Usage};
use ledger::{Decision, Machine};
use model::{ChangeId, Instant};

/// Decides reservations and folds the entries; pure. In each period of a lease, what was posted and what is open never
/// exceed the cap that was in force when the last of it was granted, in whatever order the commands come.
///
/// A reservation whose time is over is void: it can no longer be posted, from that very instant, and its cycles are free
/// again with the entry that says so. A command asked again with the same id and content is answered as the first time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseMachine {
    book: Book,
}

impl LeaseMachine {
    /// What was used of a lease in each of its last periods, the newest first; empty when nothing was ever reserved.
    pub fn usage(&self, lease: &ChangeId, most: usize) -> Vec<Usage> {
        self.book.usage(lease, most)
    }

    /// What was granted under this key, ended or not, for as long as it is known.
    pub fn granted(&self, key: &ReservationKey) -> Option<Reservation> {
        self.book.held(key).map(|held| held.reservation)
    }

    /// The periods that are over at the instant, hold nothing open, and have no final total yet.
    pub fn committable(&self, now: Instant) -> Vec<(ChangeId, Period)> {
        self.book.committable(now)
    }

    /// The first period of a lease that has no final total yet, where nothing of it is open.
    pub fn closable(&self, lease: &ChangeId) -> Option<Period> {
        self.book.closable(lease)
    }

    /// The final totals that entries from `first` on say, in their order: entry, lease, period, cycles posted.
    pub fn finals(&self, first: u64) -> impl Iterator<Item = (u64, ChangeId, Period, u64)> + '_ {
        self.book.finals(first)
    }

    /// Whether the time of an open reservation is over at the instant.
    pub fn is_due(&self, now: Instant) -> bool {
        self.book.due(now).next().is_some()
    }
}

impl Machine for LeaseMachine {
    type Command = Command;
    type Answer = Result<Told, Refusal>;

    fn decide(&self, now: Instant, command: &Command) -> Decision<Self::Answer> {
        match judge(&self.book, now, command) {
            Verdict::Record(fact, told) => {
                Decision::Append { leaf: Entry { stamp: now, fact }.encode(), payload: Vec::new(), answer: Ok(told) }
            }
            Verdict::Tell(answer) => Decision::Answer(answer),
        }
    }

    fn apply(&mut self, index: u64, leaf: &[u8]) {
        // Only what this machine decided or replayed comes here.
        if let Ok(entry) = Entry::decode(leaf) {
            self.book.fold(index, &entry);
        }
    }

    fn replay(&mut self, index: u64, leaf: &[u8]) -> Result<(), String> {
        let entry = Entry::decode(leaf).map_err(|error| error.to_string())?;
        if self.book.stamp.is_some_and(|last| entry.stamp < last) {
            return Err(format!("it is stamped {}, before the entry before it", entry.stamp));
        }
        match judge(&self.book, entry.stamp, &entry.fact.command()) {
            Verdict::Record(fact, _) if fact == entry.fact => {
                self.book.fold(index, &entry);
                Ok(())
            }
            Verdict::Record(fact, _) => {
                Err(format!("it says {:?}, where {fact:?} follows from what is before", entry.fact))
            }
            Verdict::Tell(Ok(_)) => Err("it records what was recorded before".to_owned()),
            Verdict::Tell(Err(refusal)) => Err(format!("it records what is refused: {refusal}")),
        }
    }

    fn panicked(&self) -> Self::Answer {
        Err(Refusal::Internal)
    }

    fn stamp(leaf: &[u8]) -> Option<Instant> {
        Entry::stamp(leaf)
    }
}
