//! Repeats of one refusal within a minute: the first is a leaf, the others are counted, so that
//! nobody can fill the ledger by being refused. What is answered to a repeat names the leaf of the
//! same word about the same thing, and no other.

use control::{Command, Leaf, Principal, State, Verdict, verb_row};
use model::{ChangeId, Id, Instant, Status};
use signed::Report;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

const MINUTE_MS: i64 = 60_000;

/// What makes two refusals one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// Who was refused.
    principal: Id,
    /// About which change; none: about the ledger itself, as registrations are.
    change: Option<ChangeId>,
    /// Its revision, where the word names one.
    revision: u32,
    /// The step, and whether it is its compensation, where the word is about one.
    step: Option<(u32, bool)>,
    /// What was said.
    word: &'static str,
    /// Where the change stood.
    status: Option<Status>,
    code: &'static str,
}

impl Key {
    fn of(state: &State, now: Instant, command: &Command, code: &'static str) -> Self {
        let (word, revision, step) = said(command);
        let change = command.change();
        let status = change.and_then(|change| state.status_of(&change, now));
        Self { principal: principal(command), change, revision, step, word, status, code }
    }
}

/// What a command says, about which revision and step.
fn said(command: &Command) -> (&'static str, u32, Option<(u32, bool)>) {
    match command {
        Command::Signed { statement, .. } => {
            let revision = statement.act.about().map_or(0, |(_, revision)| revision);
            (verb_row(statement.act.verb()).name, revision, None)
        }
        Command::Receipt { receipt, .. } => match &receipt.report {
            Report::Observed { revision, .. } => ("observed", *revision, None),
            Report::Intent { step, .. } => ("intent", step.revision, Some((step.step, step.undo))),
            Report::Outcome { step, .. } => ("outcome", step.revision, Some((step.step, step.undo))),
            Report::Ended { .. } => ("ended", 0, None),
            Report::Restarted { .. } => ("restarted", 0, None),
            Report::Regressed { .. } => ("regressed", 0, None),
            Report::Certified { .. } | Report::NotCertified { .. } => ("certified", 0, None),
            Report::Used { .. } => ("used", 0, None),
            Report::JournalGrown { .. } => ("journal_grown", 0, None),
        },
        Command::Session(_) => ("login", 0, None),
        Command::Genesis { .. } => ("genesis", 0, None),
        Command::Clock { .. } => ("clock", 0, None),
    }
}

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
        Command::Receipt { receipt, .. } => match &receipt.node {
            Some(node) => of(&format!("{} {node}", receipt.service.word())),
            None => of(receipt.service.word()),
        },
        Command::Genesis { .. } | Command::Clock { .. } => of("clock"),
    }
}

/// The refusals of the current ledger minute, folded over the leaves.
#[derive(Debug, Default)]
pub(crate) struct RefusalDedup {
    minute: i64,
    first: HashMap<Key, u64>,
}

impl RefusalDedup {
    /// Folds a leaf, in the state before it or, since a refusal changes no change, after it.
    pub(crate) fn apply(&mut self, state: &State, index: u64, leaf: &Leaf) {
        let minute = leaf.now.as_millis() / MINUTE_MS;
        if minute != self.minute {
            self.minute = minute;
            self.first.clear();
        }
        if let Verdict::Refused(refusal) = &leaf.verdict {
            self.first.entry(Key::of(state, leaf.now, &leaf.command, refusal.code())).or_insert(index);
        }
    }

    /// The leaf that records this refusal already, in the minute of `now`.
    pub(crate) fn first(&self, state: &State, now: Instant, command: &Command, code: &'static str) -> Option<u64> {
        if now.as_millis() / MINUTE_MS != self.minute {
            return None;
        }
        self.first.get(&Key::of(state, now, command, code)).copied()
    }
}

/// How many repeats were answered from a leaf and are not summed in another one yet. In memory
/// only: a crash may lose one minute's count.
#[derive(Debug, Default)]
pub(crate) struct RepeatCounts(Mutex<BTreeMap<u64, (Instant, u32)>>);

impl RepeatCounts {
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
    use crate::scene::{AUDITOR, CHANGE, FINANCE, World};
    use signed::Act;

    #[test]
    fn counts_are_taken_when_their_minute_is_over_and_only_once() {
        let (counted, at) = (RepeatCounts::default(), Instant::from_millis(59_000));
        counted.add(4, at);
        counted.add(4, at);
        counted.add(7, Instant::from_millis(61_000));
        assert_eq!(counted.take(Instant::from_millis(59_999), false), []);
        assert_eq!(counted.take(Instant::from_millis(60_000), false), [(4, 2)]);
        assert_eq!(counted.take(Instant::from_millis(60_000), false), []);
        assert_eq!(counted.take(Instant::from_millis(60_000), true), [(7, 1)]);
    }

    #[tokio::test]
    async fn a_repeat_names_the_entry_of_the_same_word_about_the_same_thing() {
        let world = World::new().await;
        world.sealed().await;
        let binding = world.binding(CHANGE);
        let refused = async |act: Act| {
            let problem = world.sign_and_submit(AUDITOR, act).await.unwrap_err();
            (problem.code(), problem.body().error.entry.unwrap())
        };
        let approve = || Act::Approve { binding, slot: 0, on_behalf_of: None };
        let cancel = || Act::Cancel { change: CHANGE, revision: 1 };
        let (approving, cancelling) = (refused(approve()).await, refused(cancel()).await);
        assert_eq!(approving.0, cancelling.0, "the same code");
        assert_ne!(approving.1, cancelling.1, "of another word");
        for (refusal, verb) in [(approving, "approve"), (cancelling, "cancel")] {
            let leaf = world.service.leaf(refusal.1).unwrap();
            let Command::Signed { statement, .. } = leaf.command else { panic!("a statement") };
            assert_eq!(verb_row(statement.act.verb()).name, verb);
        }
        let size = world.size();
        assert_eq!((refused(approve()).await, refused(cancel()).await), (approving, cancelling));
        assert_eq!(world.size(), size, "both were repeats");
        // Where the change stands differently it is not the same refusal either.
        world.sign_and_submit(FINANCE, Act::Approve { binding, slot: 0, on_behalf_of: None }).await.unwrap();
        assert!(refused(cancel()).await.1 > cancelling.1);
    }
}
