//! Signed notes: a text and the lines of those who signed it (`signed-note`).

pub use crate::key::{KeyKind, NoteSigner, VerifierKey};
pub use crate::note_signature::NoteSignature;

use crate::{TlogError, cosignature};
use std::{collections::BTreeMap, fmt};

/// Most signatures a note may carry; the specification asks for at least 16.
pub const MAX_SIGNATURES: usize = 100;

/// Largest note in bytes: room for the most signatures, post-quantum ones included.
pub const MAX_NOTE_BYTES: usize = 1_000_000;

/// A well-formed note. Nothing is verified yet: its text must not be used before [`Note::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text, its final newline included, without the blank line.
    pub text: String,
    /// The signature lines in their order, at least one.
    pub signatures: Vec<NoteSignature>,
}

/// A note at least one known key has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNote {
    /// The signed text.
    pub text: String,
    /// The known keys that signed, each once, in the order of their lines.
    pub signers: Vec<VerifiedSigner>,
}

/// A known key whose signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSigner {
    pub key: VerifierKey,
    /// When a witness says it signed, in seconds since the Unix epoch; none for a log's signature.
    pub time_s: Option<u64>,
}

impl Note {
    /// Splits a note into text and signatures, checking form only.
    ///
    /// # Errors
    /// [`TlogError::MalformedNote`] or [`TlogError::BadKeyName`].
    pub fn parse(note: &str) -> Result<Self, TlogError> {
        let malformed = TlogError::MalformedNote;
        if note.len() > MAX_NOTE_BYTES {
            return Err(malformed("it is larger than 1,000,000 bytes"));
        }
        if note.contains(|character: char| character < ' ' && character != '\n') {
            return Err(malformed("it has control characters"));
        }
        let blank = note.rfind("\n\n").ok_or(malformed("no blank line stands between text and signatures"))?;
        let (text, lines) = (&note[..=blank], &note[blank + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(malformed("it does not end in a signature line"))?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(malformed("it has more than 100 signatures"));
        }
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Verifies a note: at least one of the `known` keys signed it, and no signature of a known key
    /// is bad. Lines of unknown keys are ignored.
    ///
    /// # Errors
    /// What [`Note::parse`] refuses, [`TlogError::AmbiguousKey`], [`TlogError::BadSignature`],
    /// [`TlogError::NoKnownSignature`].
    pub fn open(note: &str, known: &[VerifierKey]) -> Result<VerifiedNote, TlogError> {
        Self::parse(note)?.verify(known)
    }

    /// [`Note::open`] for a note already parsed.
    ///
    /// # Errors
    /// As [`Note::open`].
    pub fn verify(self, known: &[VerifierKey]) -> Result<VerifiedNote, TlogError> {
        let mut by_id: BTreeMap<(&str, u32), &VerifierKey> = BTreeMap::new();
        for key in known {
            let earlier = by_id.insert((key.name(), key.id()), key);
            if earlier.is_some_and(|earlier| earlier != key) {
                return Err(TlogError::AmbiguousKey(key.name().to_owned()));
            }
        }
        let mut signers: Vec<VerifiedSigner> = Vec::new();
        for line in &self.signatures {
            let Some(key) = by_id.get(&(line.name.as_str(), line.key_id)) else { continue };
            let time_s = verify_line(line, &self.text, key)?;
            if signers.iter().all(|signer| signer.key != **key) {
                signers.push(VerifiedSigner { key: (*key).clone(), time_s });
            }
        }
        if signers.is_empty() {
            return Err(TlogError::NoKnownSignature);
        }
        Ok(VerifiedNote { text: self.text, signers })
    }
}

/// Verifies a line over a note's text with the key it names; gives a witness's time in seconds.
fn verify_line(line: &NoteSignature, text: &str, key: &VerifierKey) -> Result<Option<u64>, TlogError> {
    match key.kind() {
        KeyKind::Cosigner => cosignature::verify(text, line, key).map(Some),
        KeyKind::Ed25519 if key.accepts(text.as_bytes(), &line.signature) => Ok(None),
        KeyKind::Ed25519 => Err(TlogError::BadSignature(line.name.clone())),
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Signs a text. It must end in a newline and hold no other control character, and there must be a
/// signer: a note made otherwise is one that [`Note::open`] and every other verifier refuse.
pub fn sign(text: &str, signers: &[&NoteSigner]) -> String {
    let line = |signer: &&NoteSigner| NoteSignature {
        name: signer.name().to_owned(),
        key_id: signer.vkey().id(),
        signature: signer.signature(text).to_vec(),
    };
    Note { text: text.to_owned(), signatures: signers.iter().map(line).collect() }.to_string()
}
