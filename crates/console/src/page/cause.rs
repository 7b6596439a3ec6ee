//! Why a step failed: what its executor found, from the sealed part of its receipt.

use super::link;
use model::Digest;
use view::EntryView;

/// What an executor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// `Step 06, start (Engine Runtime): refused, nothing changed`.
    pub(crate) step: String,
    /// The stable code.
    pub(crate) code: String,
    /// In words; none: the text cannot be read now, or was erased.
    pub(crate) found: Option<String>,
    /// The last lines of what the process said.
    pub(crate) output: Vec<String>,
    pub(crate) href: String,
}

impl Cause {
    /// Of a code alone, where the entry's texts are not at hand.
    pub(crate) fn bare(step: &str, code: &str, entry: u64) -> Self {
        let (step, code) = (step.to_owned(), code.to_owned());
        Self { step, code, found: None, output: vec![], href: link::control(entry) }
    }

    /// With what the entry's part about the cause says.
    pub(crate) fn read(step: &str, code: &str, view: &EntryView, ledger: &Digest) -> Self {
        let bare = Self::bare(step, code, view.index);
        match view.cause(ledger) {
            Some(cause) => Self { found: cause.found, output: cause.output, ..bare },
            None => bare,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::{Command, Leaf, Verdict};
    use model::{ChangeId, CommandId, Instant, Nonce, Service};
    use signed::{Opening, Outcome, Part, Receipt, Report, Seen, StepRef, commit};

    const LEDGER: Digest = Digest([8; 32]);

    fn opening(body: &[(&str, &str)]) -> Opening {
        let body = body.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Opening { salt: Digest([1; 32]), body }
    }

    /// An entry whose receipt commits to these, with what is shown of them.
    fn view(signed: &[(&str, &Opening)], openings: Vec<Option<Opening>>) -> EntryView {
        let command = CommandId([3; 16]);
        let part = |(position, (about, opening)): (usize, &(&str, &Opening))| Part {
            about: about.parse().unwrap(),
            subject: None,
            commitment: commit(&LEDGER, &command, position, opening).unwrap(),
        };
        let step = StepRef { change: ChangeId([2; 16]), revision: 1, step: 0, undo: false };
        let report = Report::Outcome {
            step,
            nonce: Nonce([4; 16]),
            outcome: Outcome::Refused,
            code: Some("start.unhealthy".parse().unwrap()),
            observed: None,
            credential: None,
        };
        let receipt = Receipt {
            ledger: LEDGER,
            command,
            service: Service::Engine,
            node: None,
            at: Instant::EPOCH,
            seen: Seen { size: 1, root: Digest::ZERO },
            parts: signed.iter().enumerate().map(part).collect(),
            report,
        };
        let leaf = Leaf {
            rules: 0,
            now: Instant::EPOCH,
            command: Command::Receipt { receipt, signature: String::new() },
            verdict: Verdict::Accepted,
            effects: vec![],
            tags: vec![],
        };
        EntryView {
            log: "control".to_owned(),
            index: 7,
            leaf_hash: Digest::ZERO,
            leaf: serde_json::to_value(leaf).unwrap(),
            rows: vec![],
            openings,
            package: None,
            proof: None,
        }
    }

    #[test]
    fn a_cause_is_the_part_that_says_so_with_its_lines_in_order() {
        let said = opening(&[("line_01", "second"), ("line_00", "first"), ("text", "the release answers 500")]);
        let signed = [("reason", &opening(&[])), ("cause", &said)];
        let read = |openings| Cause::read("Step 06", "start.unhealthy", &view(&signed, openings), &LEDGER);
        let cause = read(vec![None, Some(said.clone())]);
        assert_eq!(cause.found.as_deref(), Some("the release answers 500"));
        assert_eq!(
            (cause.output, cause.href.as_str()),
            (vec!["first".to_owned(), "second".to_owned()], "/entries/control/7")
        );
        let bare = Cause::bare("Step 06", "start.unhealthy", 7);
        assert_eq!(read(vec![None, None]), bare);
        let forged = read(vec![None, Some(opening(&[("text", "all is well")]))]);
        assert_eq!(forged, Cause { found: Some(view::DIFFERS.to_owned()), ..bare }, "another text than was signed");
    }
}
