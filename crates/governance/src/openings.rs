//! Openings at rest: each sealed under its subject's key before it touches the disk.

use control::opens;
use durable_file::Mended;
use ledger::subject::{Opened, SubjectKeys};
use ledger::{LedgerError, Payload, SealedPart, sealing_context};
use model::{CommandId, Digest, canon};
use signed::{Opening, Part};
use std::path::Path;

/// Parts and what they are bound to: a command's id, or a package's nonce in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) to: CommandId,
    pub(crate) parts: Vec<Part>,
}

/// The same with the openings, one a part.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    pub(crate) bound: Bound,
    pub(crate) openings: Vec<Opening>,
}

/// A text as it was found beside its leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsealed {
    pub(crate) opening: Opening,
    /// Whether it is what the leaf commits to; else somebody put another text in its place.
    pub(crate) matches: bool,
}

impl Unsealed {
    /// What is given to readers, who compare it again: that it differs is theirs to see as well.
    pub(crate) fn openings(unsealed: Vec<Option<Self>>) -> Vec<Option<Opening>> {
        unsealed.into_iter().map(|found| found.map(|found| found.opening)).collect()
    }
}

/// Seals and opens the texts of entries of one ledger.
pub(crate) struct Openings {
    ledger: Digest,
    keys: SubjectKeys,
    files: Mended,
}

impl Openings {
    /// With the subject keys in `dir`.
    pub(crate) fn open(dir: &Path, ledger: Digest) -> Result<Self, LedgerError> {
        Ok(Self { ledger, keys: SubjectKeys::open(dir)?, files: Mended::default() })
    }

    /// Tells what is found wrong in the same list as others of the process.
    pub(crate) fn telling(self, files: &Mended) -> Self {
        Self { files: files.clone(), ..self }
    }

    /// Keys that were found not to open what was sealed under them.
    pub(crate) fn files(&self) -> &Mended {
        &self.files
    }

    fn context(&self, command: &CommandId, position: usize) -> Vec<u8> {
        sealing_context(&self.ledger, command, position)
    }

    /// The payload for openings that were checked against their parts.
    pub(crate) fn seal(&self, texts: &[Texts]) -> Result<Vec<u8>, LedgerError> {
        let mut sealed = vec![];
        for Texts { bound, openings } in texts {
            for (position, (part, opening)) in bound.parts.iter().zip(openings).enumerate() {
                let text = canon::to_vec(opening)
                    .map_err(|_| LedgerError::Payload("an opening has no canonical form, so it cannot be sealed"))?;
                let bytes = self.keys.seal(part.subject, &self.context(&bound.to, position), &text)?;
                sealed.push(SealedPart { subject: part.subject, bytes });
            }
        }
        Payload { parts: sealed }.encode()
    }

    /// The openings of an entry in the order of its parts, each compared with its commitment; none where
    /// erased or unreadable.
    pub(crate) fn unseal(&self, bound: &[Bound], payload: &[u8]) -> Vec<Option<Unsealed>> {
        let sealed = Payload::decode(payload).map(|payload| payload.parts).unwrap_or_default();
        let of = |bound: &Bound| (0..bound.parts.len()).map(|position| (bound.to, position)).collect::<Vec<_>>();
        let places = bound.iter().flat_map(of);
        let parts = bound.iter().flat_map(|bound| &bound.parts);
        let open = |(number, ((to, position), part)): (usize, ((CommandId, usize), &Part))| {
            let sealed = sealed.get(number).filter(|sealed| sealed.subject == part.subject)?;
            match self.keys.unseal(part.subject, &self.context(&to, position), &sealed.bytes) {
                Ok(Opened::Text(text)) => {
                    let opening = canon::from_slice(&text).ok()?;
                    let matches = opens(&self.ledger, &to, position, &part.commitment, &opening);
                    if !matches {
                        tracing::error!(command = %to, position, "openings: a text does not match what was signed; it was changed on this disk");
                    }
                    Some(Unsealed { opening, matches })
                }
                Ok(Opened::Erased) => None,
                Err(error) => {
                    let key = self.keys.path(part.subject);
                    tracing::error!(%error, command = %to, position, key = %key.display(), "openings: a sealed text cannot be opened");
                    // The text lies under the log's checksums, its key does not.
                    let next = "texts under it are shown as erased ones are; restore the file from its copy and start \
                                Governance again";
                    self.files.damaged(&key, format!("{error}; {next}"));
                    None
                }
            }
        };
        places.zip(parts).enumerate().map(open).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signed::commit;

    const LEDGER: Digest = Digest([5; 32]);

    fn part(subject: Option<model::Id>, to: CommandId, position: usize, opening: &Opening) -> Part {
        Part { about: "name".parse().unwrap(), subject, commitment: commit(&LEDGER, &to, position, opening).unwrap() }
    }

    #[test]
    fn text_opens_in_its_own_place_only() {
        let dir = tempfile::tempdir().unwrap();
        let openings = Openings::open(dir.path(), LEDGER).unwrap();
        let (command, opening) = (CommandId([1; 16]), client::random_opening([("text", "Harbor Goods")]));
        let bound = |to, parts: &[Part]| Bound { to, parts: parts.to_vec() };
        let parts = [part(Some(model::Id([7; 16])), command, 0, &opening), part(None, command, 1, &opening)];
        let texts = Texts { bound: bound(command, &parts), openings: vec![opening.clone(), opening.clone()] };
        let payload = openings.seal(std::slice::from_ref(&texts)).unwrap();
        assert!(!payload.windows(6).any(|bytes| bytes == b"Harbor"));
        let found = Some(Unsealed { opening: opening.clone(), matches: true });
        let unsealed = |bound: Bound| openings.unseal(&[bound], &payload);
        assert_eq!(unsealed(bound(command, &parts)), [found.clone(), found.clone()]);
        assert_eq!(unsealed(bound(CommandId([2; 16]), &parts)), [None, None]);
        let common = [part(None, command, 0, &opening), parts[1].clone()];
        assert_eq!(unsealed(bound(command, &common))[0], None);
        assert_eq!(openings.unseal(&[bound(command, &parts)], b""), [None, None]);

        // Texts of a command and of the package it opens stand one after the other.
        let other = CommandId([3; 16]);
        let own = Texts { bound: bound(other, &[part(None, other, 0, &opening)]), openings: vec![opening.clone()] };
        let payload = openings.seal(&[own.clone(), texts.clone()]).unwrap();
        let both = [own.bound, texts.bound];
        assert_eq!(openings.unseal(&both, &payload), [found.clone(), found.clone(), found]);
        assert_eq!(openings.unseal(&[both[1].clone(), both[0].clone()], &payload), [None, None, None]);
    }

    #[test]
    fn a_key_that_is_damaged_lost_or_another_is_named_by_its_file() {
        let (ada, grace) = (model::Id([7; 16]), model::Id([8; 16]));
        let parts =
            [ada, grace].map(|id| Part { about: "name".parse().unwrap(), subject: Some(id), commitment: Digest::ZERO });
        let bound = Bound { to: CommandId([1; 16]), parts: parts.to_vec() };
        let dir = tempfile::tempdir().unwrap();
        let open = || Openings::open(dir.path(), Digest::of_bytes(b"ledger")).unwrap();
        let opening = client::random_opening([("text", "Harbor Goods")]);
        let texts = Texts { bound: bound.clone(), openings: vec![opening.clone(), opening.clone()] };
        let payload = open().seal(&[texts]).unwrap();
        let whole = open();
        assert_eq!(whole.unseal(std::slice::from_ref(&bound), &payload).iter().flatten().count(), 2);
        assert_eq!(whole.files().standing(), (true, "no file is damaged".to_owned()));
        let path = whole.keys.path(Some(ada));
        let key = std::fs::read(&path).unwrap();
        for damaged in [Some(vec![]), Some(vec![7; 32]), Some(key[..31].to_vec()), None] {
            match damaged {
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            let openings = open();
            let read = openings.unseal(std::slice::from_ref(&bound), &payload);
            assert_eq!(
                read.into_iter().map(|read| read.map(|read| read.opening)).collect::<Vec<_>>(),
                [None, Some(opening.clone())]
            );
            let (ok, told) = openings.files().standing();
            assert!(!ok && told.contains(&path.display().to_string()), "{told}");
        }
        // What was erased on purpose is no damage.
        let erased = open();
        erased.keys.erase(ada).unwrap();
        assert_eq!(erased.unseal(&[bound], &payload)[0], None);
        assert!(erased.files().standing().0);
    }

    #[test]
    fn another_text_under_the_right_key_and_salt_is_known_for_one() {
        let dir = tempfile::tempdir().unwrap();
        let openings = Openings::open(dir.path(), LEDGER).unwrap();
        let (command, signed) = (CommandId([1; 16]), client::random_opening([("text", "restore the old release")]));
        let parts = vec![part(None, command, 0, &signed)];
        let mut forged = signed.clone();
        forged.body.insert("text".to_owned(), "nothing to see here".to_owned());
        for (opening, matches) in [(signed, true), (forged, false)] {
            let bound = Bound { to: command, parts: parts.clone() };
            let texts = Texts { bound: bound.clone(), openings: vec![opening.clone()] };
            let payload = openings.seal(&[texts]).unwrap();
            assert_eq!(openings.unseal(&[bound], &payload), [Some(Unsealed { opening, matches })]);
        }
    }
}
