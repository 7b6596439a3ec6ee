//! The sealed texts beside the leaves: as many as each leaf commits to, and, where the keys of their
//! subjects are in reach, the very texts that were signed.

use control::{Blobs, Command, Package, opens};
use ledger::subject::{Opened, SubjectKeys};
use ledger::{LedgerError, Payload, SealedPart, sealing_context};
use model::{CommandId, Digest, canon};
use serde::Serialize;
use signed::{Opening, Part};
use std::path::Path;
use tlog::Verdict;

/// How many texts there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TextCounts {
    /// Opened, and what was signed.
    pub as_signed: u64,
    /// Not opened: their keys are not here (no backup has them), or were destroyed.
    pub unopened: u64,
}

/// What opens sealed texts of one ledger.
pub struct Texts {
    ledger: Digest,
    keys: Option<SubjectKeys>,
    pub counts: TextCounts,
}

/// Parts, and what they are bound to.
pub type Bound = (CommandId, Vec<Part>);

/// What contradicts, or is missing, in words.
enum Wrong {
    Differs(String),
    Missing(String),
}

impl Texts {
    /// With the subject keys of Governance's directory, where they are.
    pub fn of(ledger: Digest, governance: &Path) -> Self {
        let keys = SubjectKeys::existing(&governance.join("keys/subjects"));
        Self { ledger, keys, counts: TextCounts::default() }
    }

    /// Demands that the payload holds a part for each commitment of the command, and that what can be
    /// opened is what was committed to.
    pub fn command(&mut self, index: u64, command: &Command, payload: &[u8], blobs: &dyn Blobs) -> Result<(), Verdict> {
        let at = Some(index);
        self.all(&bound(command, blobs), payload).map_err(|wrong| match wrong {
            Wrong::Differs(why) => Verdict::Failed { at, why },
            Wrong::Missing(why) => Verdict::Inconclusive { at, why },
        })
    }

    /// The same of an entry of the events log.
    pub fn event(&mut self, index: u64, leaf: &[u8], payload: &[u8]) -> Result<(), Verdict> {
        let failed = |why: String| Verdict::Failed { at: None, why: format!("events log, entry {index}: {why}") };
        let event = governance::EventEntry::decode(leaf).map_err(|error| failed(error.to_string()))?;
        let bound = (event.command(), event.parts);
        self.all(&[bound], payload).map_err(|wrong| match wrong {
            Wrong::Differs(why) => failed(why),
            Wrong::Missing(why) => Verdict::Inconclusive { at: None, why: format!("events log, entry {index}: {why}") },
        })
    }

    fn all(&mut self, bound: &[Bound], payload: &[u8]) -> Result<(), Wrong> {
        let held = match Payload::decode(payload) {
            Ok(payload) => payload.parts,
            Err(_) if payload.is_empty() => vec![],
            Err(error) => return Err(Wrong::Differs(error.to_string())),
        };
        let places = || bound.iter().flat_map(|(to, parts)| parts.iter().enumerate().map(move |at| (*to, at)));
        let committed = places().count();
        if held.len() > committed {
            let why = format!("{} sealed texts stand beside the {committed} that are committed to here", held.len());
            return Err(Wrong::Differs(why));
        }
        if held.len() < committed {
            let why = format!(
                "{} of the {committed} sealed texts committed to here are there; copy the log with its payloads",
                held.len()
            );
            return Err(Wrong::Missing(why));
        }
        for ((to, (position, part)), sealed) in places().zip(&held) {
            self.one(&to, position, part, sealed)?;
        }
        Ok(())
    }

    fn one(&mut self, to: &CommandId, position: usize, part: &Part, sealed: &SealedPart) -> Result<(), Wrong> {
        let differs = |what: &str| Err(Wrong::Differs(format!("the text `{}` here {what}", part.about)));
        if sealed.subject != part.subject {
            return differs("is sealed for another subject than the leaf names");
        }
        let Some(keys) = &self.keys else {
            self.counts.unopened += 1;
            return Ok(());
        };
        match keys.unseal(part.subject, &sealing_context(&self.ledger, to, position), &sealed.bytes) {
            Ok(Opened::Text(text)) => {
                let opening = canon::from_slice::<Opening>(&text).ok();
                if !opening.is_some_and(|opening| opens(&self.ledger, to, position, &part.commitment, &opening)) {
                    return differs("does not match what was signed");
                }
                self.counts.as_signed += 1;
            }
            Err(LedgerError::Unsealed) => return differs("cannot be opened with its subject's key: it was changed"),
            // Destroyed, not here, or not for this user to read: nothing can be said of it.
            Ok(Opened::Erased) | Err(_) => self.counts.unopened += 1,
        }
        Ok(())
    }
}

/// The parts of a command: its own, then those of the package it opens. A package that is not there was
/// named before.
fn bound(command: &Command, blobs: &dyn Blobs) -> Vec<Bound> {
    let own = command.parts().map(|(to, parts)| (to, parts.to_vec()));
    let opened = control::references(command).into_iter().find(|(object, _)| *object == "package");
    let package = opened.and_then(|(object, digest)| blobs.get(object, &digest));
    let package = package.and_then(|bytes| canon::from_slice::<Package>(&bytes).ok());
    own.into_iter().chain(package.map(|package| (CommandId(package.nonce.0), package.parts))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SealedPart;
    use std::collections::BTreeMap;

    fn there(index: u64, command: &Command, payload: &[u8], blobs: &dyn Blobs) -> Result<(), Verdict> {
        Texts { ledger: Digest::ZERO, keys: None, counts: TextCounts::default() }
            .command(index, command, payload, blobs)
    }

    #[test]
    fn missing_texts_are_inconclusive_and_others_fail() {
        let blobs = BTreeMap::<model::Digest, Vec<u8>>::new();
        let clock = Command::Clock { act: control::ClockAct::Settle {} };
        let payload = |parts: usize| {
            Payload { parts: vec![SealedPart { subject: None, bytes: vec![1] }; parts] }.encode().unwrap()
        };
        assert_eq!(there(3, &clock, &payload(0), &blobs), Ok(()));
        assert_eq!(there(3, &clock, &[], &blobs), Ok(()));
        let more = there(3, &clock, &payload(1), &blobs);
        assert!(matches!(more, Err(Verdict::Failed { at: Some(3), .. })), "{more:?}");
        let no_payload = there(3, &clock, b"text", &blobs);
        assert!(matches!(no_payload, Err(Verdict::Failed { at: Some(3), .. })), "{no_payload:?}");

        let statement = signed::Statement {
            ledger: model::Digest::ZERO,
            command: model::CommandId([1; 16]),
            person: model::PersonId([1; 16]),
            key: model::Digest::ZERO,
            act: signed::Act::Hold { change: model::ChangeId([1; 16]), revision: 1 },
            parts: vec![signed::Part {
                about: "reason".parse().unwrap(),
                subject: None,
                commitment: model::Digest::ZERO,
            }],
            not_after: model::Instant::EPOCH,
            seen: signed::Seen { size: 1, root: model::Digest::ZERO },
        };
        let signed = Command::Signed { statement, signature: String::new() };
        assert_eq!(there(4, &signed, &payload(1), &blobs), Ok(()));
        for payload in [payload(0), vec![]] {
            let fewer = there(4, &signed, &payload, &blobs);
            assert!(matches!(fewer, Err(Verdict::Inconclusive { at: Some(4), .. })), "{fewer:?}");
        }
    }
}
