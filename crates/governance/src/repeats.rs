//! Repeats of one refusal within a minute: the first is a leaf, the others are counted,
//! so that nobody can fill the ledger by being refused.

use control::{Command, Leaf, Principal, Verdict};
use model::{ChangeId, Id, Instant};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

const MINUTE_MS: i64 = 60_000;

/// Who was refused, about what, with which code. Registrations are about the ledger itself.
type Key = (Id, Option<ChangeId>, &'static str);

/// Who speaks in a command: whose share of the queue it takes, and whose refusals it repeats.
pub(crate) fn principal(command: &Command) -> Id {
    let of = |word: &str| {
        let digest = model::Digest::of_object("principal", word.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&digest.as_bytes()[..16]);
        Id(id)
    };
    match command {
        Command::Signed { statement, .. } => statement.person.into(),
        Command::Session(session) => match &session.principal {
            Principal::Person(person) => (*person).into(),
            Principal::Console { .. } => of("console"),
        },
        Command::Receipt { receipt, .. } => of(receipt.service.word()),
        Command::Genesis { .. } | Command::Clock { .. } => of("clock"),
    }
}

/// The refusals of the current ledger minute, folded over the leaves.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    minute: i64,
    first: HashMap<Key, u64>,
}

impl Refused {
    /// Folds a leaf.
    pub(crate) fn apply(&mut self, index: u64, leaf: &Leaf) {
        let minute = leaf.now.as_millis() / MINUTE_MS;
        if minute != self.minute {
            self.minute = minute;
            self.first.clear();
        }
        if let Verdict::Refused(refusal) = &leaf.verdict {
            self.first.entry((principal(&leaf.command), leaf.command.change(), refusal.code())).or_insert(index);
        }
    }

    /// The leaf that records this refusal already, in the minute of `now`.
    pub(crate) fn first(&self, now: Instant, command: &Command, code: &'static str) -> Option<u64> {
        let same = now.as_millis() / MINUTE_MS == self.minute;
        self.first.get(&(principal(command), command.change(), code)).copied().filter(|_| same)
    }
}

/// How many repeats were answered from a leaf and are not summed in another one yet. In memory
/// only: a crash may lose one minute's count.
#[derive(Debug, Default)]
pub(crate) struct Counted(Mutex<BTreeMap<u64, (Instant, u32)>>);

impl Counted {
    fn hold(&self) -> MutexGuard<'_, BTreeMap<u64, (Instant, u32)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more repeat of the refusal in leaf `first`, which was stamped `at`.
    pub(crate) fn add(&self, first: u64, at: Instant) {
        let mut counts = self.hold();
        let (_, count) = counts.entry(first).or_insert((at, 0));
        *count = count.saturating_add(1);
    }

    /// Takes what is due: of minutes that are over at `now`, or all of it.
    pub(crate) fn take(&self, now: Instant, all: bool) -> Vec<(u64, u32)> {
        let mut taken = vec![];
        self.hold().retain(|first, (at, count)| {
            let due = all || at.as_millis() / MINUTE_MS < now.as_millis() / MINUTE_MS;
            if due {
                taken.push((*first, *count));
            }
            !due
        });
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_taken_when_their_minute_is_over_and_only_once() {
        let (counted, at) = (Counted::default(), Instant::from_millis(59_000));
        counted.add(4, at);
        counted.add(4, at);
        counted.add(7, Instant::from_millis(61_000));
        assert_eq!(counted.take(Instant::from_millis(59_999), false), []);
        assert_eq!(counted.take(Instant::from_millis(60_000), false), [(4, 2)]);
        assert_eq!(counted.take(Instant::from_millis(60_000), false), []);
        assert_eq!(counted.take(Instant::from_millis(60_000), true), [(7, 1)]);
    }
}
