//! Checkpoints: what a log signs about itself at one size (`tlog-checkpoint`).

use crate::note::{self, Note, NoteSigner, VerifierKey};
use crate::{TlogError, wire};
use model::Digest;

/// The head of a log at one size.
///
/// Extension lines, which the specification allows and advises against because nobody can audit
/// them, are neither written nor accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: one non-empty line, like `example.com/control`.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The note text: origin, size and Base64 root, a line each. An origin that is empty or has a
    /// control character gives a text that [`Checkpoint::parse`] refuses.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, wire::to_base64(self.root.as_bytes()))
    }

    /// Reads a note text. It is unverified: see [`Checkpoint::open`].
    ///
    /// # Errors
    /// [`TlogError::MalformedCheckpoint`].
    pub fn parse(text: &str) -> Result<Self, TlogError> {
        let malformed = TlogError::MalformedCheckpoint;
        let body = text.strip_suffix('\n').ok_or(malformed("its last line has no end"))?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed("it has fewer than three lines"));
        };
        if lines.next().is_some() {
            return Err(malformed("it has extension lines, which nobody can audit"));
        }
        if origin.is_empty() || origin.contains(|character: char| character < ' ') {
            return Err(malformed("its origin is empty or has control characters"));
        }
        let size = wire::decimal(size).ok_or(malformed("its size is not a plain number"))?;
        let root = wire::hash(root).ok_or(malformed("its root is not the Base64 of 32 bytes"))?;
        if size == 0 && root != crate::EMPTY_ROOT {
            return Err(malformed("it has no entries and yet a root"));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// The signed note to publish. The caller has made sure that no other root was ever signed for this size.
    pub fn sign(&self, signers: &[&NoteSigner]) -> String {
        note::sign(&self.text(), signers)
    }

    /// Reads a checkpoint of log `origin` that one of its `log_keys` signed: a log has several while one
    /// takes the place of another.
    ///
    /// # Errors
    /// What [`Note::open`] and [`Checkpoint::parse`] refuse, and [`TlogError::WrongOrigin`].
    pub fn open(note: &str, log_keys: &[VerifierKey], origin: &str) -> Result<Self, TlogError> {
        let note = Note::open(note, log_keys)?;
        let checkpoint = Self::parse(&note.text)?;
        if checkpoint.origin == origin {
            return Ok(checkpoint);
        }
        Err(TlogError::WrongOrigin { expected: origin.to_owned(), found: checkpoint.origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "example.com/control".into(), size: 3, root: Digest::of_bytes(b"root") }
    }

    fn signer() -> NoteSigner {
        NoteSigner::new("example.com/control", ed25519_dalek::SigningKey::from_bytes(&[3; 32])).unwrap()
    }

    #[test]
    fn a_signed_checkpoint_opens_for_its_own_log_alone() {
        let note = checkpoint().sign(&[&signer()]);
        let keys = [signer().vkey()];
        assert_eq!(Checkpoint::open(&note, &keys, "example.com/control"), Ok(checkpoint()));
        let wrong = TlogError::WrongOrigin { expected: "example.com/events".into(), found: checkpoint().origin };
        assert_eq!(Checkpoint::open(&note, &keys, "example.com/events"), Err(wrong));
    }

    #[test]
    fn every_other_text_is_refused() {
        let root = wire::to_base64(Digest::of_bytes(b"root").as_bytes());
        for bad in [
            String::new(),
            "\n".into(),
            "o\n3\n".into(),
            format!("o\n3\n{root}"),
            format!("\n3\n{root}\n"),
            format!("o\n03\n{root}\n"),
            format!("o\n+3\n{root}\n"),
            format!("o\n-3\n{root}\n"),
            format!("o\n\n{root}\n"),
            format!("o\n18446744073709551616\n{root}\n"),
            format!("o\n3\n{root}\nextension\n"),
            format!("o\n3\n{root}\n\n"),
            format!("o\n3\n{}\n", &root[4..]),
            format!("o\n3\n{root} \n"),
            format!("o\r\n3\n{root}\n"),
            format!("o\n0\n{root}\n"),
        ] {
            assert!(matches!(Checkpoint::parse(&bad), Err(TlogError::MalformedCheckpoint(_))), "{bad:?}");
        }
    }

    #[test]
    fn an_origin_that_would_smuggle_lines_signs_nothing_acceptable() {
        let smuggling = Checkpoint { origin: format!("{}x", checkpoint().text()), ..checkpoint() };
        assert!(Checkpoint::parse(&smuggling.text()).is_err());
        let note = smuggling.sign(&[&signer()]);
        assert!(Checkpoint::open(&note, &[signer().vkey()], "example.com/control").is_err());
    }
}
