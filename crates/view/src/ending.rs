//! How a change ended that did not take effect: what its entry says of it, and why.

use crate::{DIFFERS, EntryText, EntryView};
use control::Leaf;
use model::{ChangeId, Digest};
use signed::REASON;

/// How a change ended, for a reader of the entry that ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndingText {
    /// `Finance Reviewer 1 rejected it as Finance Reviewer.`
    pub sentence: String,
    /// Why, as they wrote it; none where nobody gave a reason, or it may not be read.
    pub reason: Option<String>,
}

impl EntryView {
    /// What this entry says of the end of `change`; none where it says nothing of that change.
    pub fn ending(&self, change: &ChangeId, ledger: &Digest) -> Option<EndingText> {
        // Of several effects the end is the last.
        let row = self.rows.iter().rev().find(|row| row.change == Some(*change))?;
        Some(EndingText { sentence: row.sentence.clone(), reason: self.reason(ledger) })
    }

    /// The reason that a person gave for what the entry records.
    fn reason(&self, ledger: &Digest) -> Option<String> {
        let leaf = serde_json::from_value::<Leaf>(self.leaf.clone()).ok()?;
        let (_, parts) = leaf.command.parts()?;
        let place = parts.iter().position(|part| part.about.as_str() == REASON)?;
        match self.texts(ledger).into_iter().nth(place)? {
            EntryText::Signed(opening) => opening.body.get("text").cloned(),
            EntryText::Differs => Some(DIFFERS.to_owned()),
            EntryText::Withheld => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::{About, ChangeEvent, Command, Effect, Leaf, Verdict};
    use model::{CommandId, Instant, KindName, PersonId};
    use signed::{Act, Opening, Part, Seen, Statement, commit};

    const LEDGER: Digest = Digest([8; 32]);
    const CHANGE: ChangeId = ChangeId([2; 16]);

    /// The entry of a cancellation whose reason is this one, with what is shown of it.
    fn cancellation(reason: &Opening, shown: Option<Opening>) -> EntryView {
        let (command, person) = (CommandId([3; 16]), PersonId([4; 16]));
        let act = Act::Cancel { change: CHANGE, revision: 1 };
        let commitment = commit(&LEDGER, &command, 0, reason).unwrap();
        let statement = Statement {
            ledger: LEDGER,
            command,
            person,
            key: Digest::ZERO,
            not_after: Instant::EPOCH,
            seen: Seen { size: 1, root: Digest::ZERO },
            parts: vec![Part { about: REASON.parse().unwrap(), subject: None, commitment }],
            act,
        };
        let about = About { change: CHANGE, kind: KindName::Deployment, engine: None, node: None };
        let leaf = Leaf {
            rules: 0,
            now: Instant::EPOCH,
            command: Command::Signed { statement, signature: String::new() },
            verdict: Verdict::Accepted,
            effects: vec![Effect::Change { about, event: ChangeEvent::Cancelled {} }],
            tags: vec![],
        };
        let mut names = crate::Names::default();
        names.people.insert(person, "Fay".to_owned());
        EntryView {
            log: "control".to_owned(),
            index: 7,
            leaf_hash: Digest::ZERO,
            leaf: serde_json::to_value(&leaf).unwrap(),
            rows: crate::rows(&names, 7, &leaf),
            openings: vec![shown],
            package: None,
            proof: None,
        }
    }

    fn reason(text: &str) -> Opening {
        Opening { salt: Digest([1; 32]), body: [("text".to_owned(), text.to_owned())].into() }
    }

    #[test]
    fn who_ended_a_change_is_said_with_the_reason_that_was_signed() {
        let signed = reason("the window is a holiday");
        let ending = |shown| cancellation(&signed, shown).ending(&CHANGE, &LEDGER).unwrap();
        let said = ending(Some(signed.clone()));
        assert_eq!(said.sentence, "Fay ended it before it was run.");
        assert_eq!(said.reason.as_deref(), Some("the window is a holiday"));
        assert_eq!(ending(None).reason, None, "erased, or not this reader's");
        assert_eq!(ending(Some(reason("all is well"))).reason.as_deref(), Some(DIFFERS));
        assert_eq!(cancellation(&signed, None).ending(&ChangeId([9; 16]), &LEDGER), None, "it is about another change");
    }
}
