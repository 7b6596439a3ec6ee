//! Openings at rest: each sealed under its subject's key before it touches the disk.

use ledger::subject::{Opened, SubjectKeys};
use ledger::{LedgerError, Payload, SealedPart};
use model::{CommandId, Digest, canon};
use std::path::Path;
use warrant::{Opening, Part};

/// Seals and opens the texts of entries of one ledger.
pub(crate) struct Openings {
    ledger: Digest,
    keys: SubjectKeys,
}

impl Openings {
    /// With the subject keys in `dir`.
    pub(crate) fn open(dir: &Path, ledger: Digest) -> Result<Self, LedgerError> {
        Ok(Self { ledger, keys: SubjectKeys::open(dir)? })
    }

    /// What sealed bytes are bound to: moved to another entry or position they do not open.
    fn context(&self, command: &CommandId, position: usize) -> Vec<u8> {
        let mut bytes = b"countersign/sealed/v1\0".to_vec();
        bytes.extend_from_slice(self.ledger.as_bytes());
        bytes.extend_from_slice(command.as_bytes());
        bytes.extend_from_slice(&(position as u64).to_be_bytes());
        bytes
    }

    /// The payload for openings that were checked against `parts`.
    pub(crate) fn seal(
        &self,
        command: &CommandId,
        parts: &[Part],
        openings: &[Opening],
    ) -> Result<Vec<u8>, LedgerError> {
        let mut sealed = vec![];
        for (position, (part, opening)) in parts.iter().zip(openings).enumerate() {
            let text = canon::to_vec(opening)
                .map_err(|_| LedgerError::Payload("an opening has no canonical form, so it cannot be sealed"))?;
            let bytes = self.keys.seal(part.subject, &self.context(command, position), &text)?;
            sealed.push(SealedPart { subject: part.subject, bytes });
        }
        Payload { parts: sealed }.encode()
    }

    /// The openings of an entry in the order of its parts; none where erased or unreadable.
    pub(crate) fn unseal(&self, command: &CommandId, parts: &[Part], payload: &[u8]) -> Vec<Option<Opening>> {
        let sealed = Payload::decode(payload).map(|payload| payload.parts).unwrap_or_default();
        let open = |(position, part): (usize, &Part)| {
            let sealed = sealed.get(position).filter(|sealed| sealed.subject == part.subject)?;
            match self.keys.unseal(part.subject, &self.context(command, position), &sealed.bytes) {
                Ok(Opened::Text(text)) => canon::from_slice(&text).ok(),
                Ok(Opened::Erased) => None,
                Err(error) => {
                    tracing::warn!(%error, "a sealed text cannot be opened");
                    None
                }
            }
        };
        parts.iter().enumerate().map(open).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_opens_in_its_own_place_only() {
        let dir = tempfile::tempdir().unwrap();
        let openings = Openings::open(dir.path(), Digest::of_bytes(b"ledger")).unwrap();
        let (command, opening) = (CommandId([1; 16]), client::random_opening([("text", "Harbor Goods")]));
        let part = |subject| Part { about: "name".parse().unwrap(), subject, commitment: Digest::ZERO };
        let parts = [part(Some(model::Id([7; 16]))), part(None)];
        let payload = openings.seal(&command, &parts, &[opening.clone(), opening.clone()]).unwrap();
        assert!(!payload.windows(6).any(|bytes| bytes == b"Harbor"));
        assert_eq!(openings.unseal(&command, &parts, &payload), [Some(opening.clone()), Some(opening)]);
        assert_eq!(openings.unseal(&CommandId([2; 16]), &parts, &payload), [None, None]);
        assert_eq!(openings.unseal(&command, &[part(None), part(None)], &payload)[0], None);
        assert_eq!(openings.unseal(&command, &parts, b""), [None, None]);
    }
}
