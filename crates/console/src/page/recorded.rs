//! What a person said about a change here a moment ago: shown once, and only as the ledger has it.
//!
//! Nothing of it comes from an address: an address can be written by anybody.

use super::link;
use control::{Change, Command, Leaf, Verdict, verb_row};
use model::{ChangeId, PersonId, Service};
use view::{WordOutcome, executors_left, waits_for_silent};

/// What the page of a change says of each verb, before and after the entry that records it.
const SENTENCES: [(&str, &str, &str); 16] = [
    ("open", "Draft opened in", ". It waits to be sealed."),
    ("observe", "Asked to observe again in", "."),
    ("escalate", "Escalated in", "."),
    ("attach", "Evidence attached in", "."),
    ("seal", "Sealed in", ". It waits for approval by others."),
    ("approve", "Approval recorded in", "."),
    ("reject", "Rejected in", "."),
    ("run", "Run recorded in", ". Its steps are carried out one after the other, at once or from its time on."),
    ("hold", "Held in", ". No further step may begin."),
    ("release", "Hold released in", "."),
    ("withdraw", "Approval withdrawn in", "."),
    ("cancel", "Cancelled in", "."),
    ("revoke", "Revoked in", "."),
    ("review", "Reviewed in", "."),
    ("abort", "Asked to take back in", ". It takes effect with a second person's word."),
    ("reconcile", "Reconciliation recorded in", ". It takes effect when one holder of each slot has said the same."),
];

/// What was said, and the entry that is to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) person: PersonId,
    /// About what.
    pub(crate) change: ChangeId,
    pub(crate) verb: String,
    /// Index in the control log.
    pub(crate) entry: u64,
}

/// The notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordedNotice {
    /// Before the entry.
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    pub(crate) entry: u64,
    pub(crate) href: String,
    /// For whom it waits, because they do not answer.
    pub(crate) waits: Option<String>,
}

/// Who said which verb by a command.
fn speaker(command: &Command) -> Option<(&PersonId, &'static str)> {
    match command {
        Command::Signed { statement, .. } => Some((&statement.person, verb_row(statement.act.verb()).name)),
        Command::Genesis { .. } | Command::Session(_) | Command::Receipt { .. } | Command::Clock { .. } => None,
    }
}

impl RecordedNotice {
    /// The notice of a word, if this is the leaf that records it: accepted, by this person, of this
    /// verb, about this change.
    pub(crate) fn of(word: &Word, leaf: &Leaf) -> Option<Self> {
        let said = (speaker(&leaf.command)?, leaf.command.change()?);
        let is_it = leaf.verdict == Verdict::Accepted && said == ((&word.person, word.verb.as_str()), word.change);
        let (_, before, after) = SENTENCES.iter().find(|(verb, ..)| is_it && *verb == word.verb)?;
        // The second of two people does what the first has only asked for.
        let done = WordOutcome::of(&leaf.effects).filter(|outcome| outcome.in_effect);
        let (before, after) = match (word.verb.as_str(), done) {
            ("abort", Some(_)) => (&"Taken back in", &". Two people have said so."),
            ("reconcile", Some(_)) => (&"Reconciled in", &". One holder of each slot has said the same."),
            _ => (before, after),
        };
        Some(Self { before, after, entry: word.entry, href: link::control(word.entry), waits: None })
    }

    /// What is said of a run by what there is to carry out, and by who does not answer.
    pub(crate) fn of_run(self, change: &Change, is_silent: impl Fn(Service) -> bool) -> Self {
        if change.plan.as_ref().is_some_and(|plan| plan.steps.is_empty()) {
            return Self { after: ". It has no steps: it takes effect at once, or at its time.", ..self };
        }
        let silent: Vec<_> = executors_left(change).into_iter().filter(|service| is_silent(*service)).collect();
        Self { waits: waits_for_silent(&silent), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Digest;
    use signed::Act;
    use testkit::{Double, World};

    #[tokio::test]
    async fn a_notice_is_of_the_entry_that_records_it_and_of_no_other() {
        let double = Double::start().await;
        double.register(Digest([1; 32]), 64);
        let change = double.draft(Digest([1; 32]));
        let opened = double.state().changes[&change].opened;
        double.observe(change);
        let binding = double.binding(change);
        double.sign_and_submit(World::AUTHOR, Act::Seal { binding });
        let act = Act::Approve { binding, slot: 0, on_behalf_of: None };
        let entry = double.sign_and_submit(World::OPERATOR, act.clone());
        let refused = double.record(double.statement(World::AUTHOR, act)).unwrap().0;
        let leaf = |index: u64| Leaf::decode(&double.leaves()[usize::try_from(index).unwrap()]).unwrap();

        let word = Word { person: World::OPERATOR, change, verb: "approve".to_owned(), entry };
        let said = RecordedNotice::of(&word, &leaf(entry)).unwrap();
        assert_eq!((said.before, said.href), ("Approval recorded in", format!("/entries/control/{entry}")));
        let draft = Word { person: World::AUTHOR, verb: "open".to_owned(), entry: opened, ..word.clone() };
        assert!(RecordedNotice::of(&draft, &leaf(opened)).is_some());

        for wrong in [
            Word { person: World::FINANCE, ..word.clone() },
            Word { change: ChangeId([9; 16]), ..word.clone() },
            Word { verb: "run".to_owned(), ..word.clone() },
        ] {
            assert_eq!(RecordedNotice::of(&wrong, &leaf(entry)), None, "{wrong:?}");
        }
        let author = Word { person: World::AUTHOR, entry: refused, ..word.clone() };
        assert_eq!(RecordedNotice::of(&author, &leaf(refused)), None, "what was refused is not recorded as said");
        assert_eq!(RecordedNotice::of(&word, &leaf(0)), None);
    }

    #[tokio::test]
    async fn a_run_that_waits_for_a_silent_service_names_it_and_one_without_steps_promises_none() {
        let double = Double::start().await;
        double.register(Digest([1; 32]), 64);
        let change = double.running(Digest([1; 32]));
        let mut ran = double.state().changes[&change].clone();
        let entry = ran.run.as_ref().unwrap().index;
        let leaf = Leaf::decode(&double.leaves()[usize::try_from(entry).unwrap()]).unwrap();
        let word = Word { person: World::AUTHOR, change, verb: "run".to_owned(), entry };
        let said = RecordedNotice::of(&word, &leaf).unwrap();
        assert_eq!(said.clone().of_run(&ran, |_| false).waits, None);
        let waits = said.clone().of_run(&ran, |service| service == Service::Engine).waits.unwrap();
        assert!(waits.starts_with("Engine Runtime does not answer: the change waits"), "{waits}");
        // A grant has no steps.
        ran.plan.as_mut().unwrap().steps.clear();
        assert!(said.of_run(&ran, |_| true).after.contains("It has no steps"));
    }
}
