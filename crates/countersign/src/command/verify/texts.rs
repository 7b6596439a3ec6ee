//! The sealed texts beside the leaves: as many as each leaf commits to.

use control::{Blobs, Command, Package};
use ledger::Payload;
use tlog::Verdict;

/// Demands that the payload holds a part for each commitment of the command. What a part says cannot
/// be checked here: it is sealed, and its key is no part of a backup.
pub fn there(index: u64, command: &Command, payload: &[u8], blobs: &dyn Blobs) -> Result<(), Verdict> {
    let committed = committed(command, blobs);
    let held = match Payload::decode(payload) {
        Ok(payload) => payload.parts.len(),
        Err(_) if payload.is_empty() => 0,
        Err(error) => return Err(Verdict::Failed { at: Some(index), why: error.to_string() }),
    };
    if held > committed {
        let why = format!("{held} sealed texts stand beside the {committed} that are committed to here");
        return Err(Verdict::Failed { at: Some(index), why });
    }
    if held < committed {
        let why = format!(
            "{held} of the {committed} sealed texts committed to here are there; copy the control log with its payloads"
        );
        return Err(Verdict::Inconclusive { at: Some(index), why });
    }
    Ok(())
}

/// How many texts a command commits to: its own, then those of the package it opens. A package that
/// is not there was named before.
fn committed(command: &Command, blobs: &dyn Blobs) -> usize {
    let own = command.parts().map_or(0, |(_, parts)| parts.len());
    let opened = control::references(command).into_iter().find(|(object, _)| *object == "package");
    let package = opened.and_then(|(object, digest)| blobs.get(object, &digest));
    let package = package.and_then(|bytes| model::canon::from_slice::<Package>(&bytes).ok());
    own + package.map_or(0, |package| package.parts.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SealedPart;
    use std::collections::BTreeMap;

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
