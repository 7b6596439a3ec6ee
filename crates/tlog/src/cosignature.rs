//! Witnesses' Ed25519 cosignatures, type 0x04 (`tlog-cosignature`): "at this time, this was the
//! largest consistent tree I had seen of this log".

use crate::TlogError;
use crate::key::{KeyKind, VerifierKey};
use crate::note_signature::NoteSignature;
use ed25519_dalek::{Signer as _, SigningKey};

/// The largest time the specification allows, in seconds since the Unix epoch.
const MAX_TIME_S: u64 = i64::MAX as u64;

/// What follows the key id in a cosignature line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness says it signed, in seconds since the Unix epoch.
    pub time_s: u64,
    /// Its Ed25519 signature over [`message`].
    pub signature: [u8; 64],
}

impl Cosignature {
    /// Reads the timestamped signature of a line that is known to be of type 0x04 by its key.
    ///
    /// # Errors
    /// [`TlogError::MalformedCosignature`].
    pub fn parse(line: &NoteSignature) -> Result<Self, TlogError> {
        let malformed = TlogError::MalformedCosignature;
        let wrong_length = malformed("it is not a time of 8 and a signature of 64 bytes");
        let (time, signature) = line.signature.split_first_chunk().ok_or(wrong_length.clone())?;
        let signature = signature.try_into().map_err(|_| wrong_length)?;
        let time_s = u64::from_be_bytes(*time);
        if time_s > MAX_TIME_S {
            return Err(malformed("its time is out of range"));
        }
        Ok(Self { time_s, signature })
    }
}

/// The bytes a witness signs: header, time and the checkpoint's whole note text.
pub fn message(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

/// Verifies a witness's line over a checkpoint's note text; gives its time in seconds.
///
/// # Errors
/// [`TlogError::MalformedCosignature`], or [`TlogError::BadSignature`] also when the line is of another key.
pub fn verify(text: &str, line: &NoteSignature, witness: &VerifierKey) -> Result<u64, TlogError> {
    let cosignature = Cosignature::parse(line)?;
    let same_key = witness.kind() == KeyKind::Cosigner && line.name == witness.name() && line.key_id == witness.id();
    let message = message(text, cosignature.time_s);
    if same_key && witness.accepts(message.as_bytes(), &cosignature.signature) {
        return Ok(cosignature.time_s);
    }
    Err(TlogError::BadSignature(line.name.clone()))
}

/// A witness's line over a checkpoint's note text, which it has found consistent with every earlier one.
///
/// # Errors
/// [`TlogError::BadKeyName`], or [`TlogError::MalformedCosignature`] for a time beyond 2^63 − 1.
pub fn sign(text: &str, time_s: u64, name: &str, secret: &SigningKey) -> Result<NoteSignature, TlogError> {
    let witness = VerifierKey::cosigner(name, secret.verifying_key())?;
    if time_s > MAX_TIME_S {
        return Err(TlogError::MalformedCosignature("its time is out of range"));
    }
    let signature = secret.sign(message(text, time_s).as_bytes()).to_bytes();
    let signature = [&time_s.to_be_bytes()[..], &signature].concat();
    Ok(NoteSignature { name: name.to_owned(), key_id: witness.id(), signature })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::{self, Note, NoteSigner};

    const TEXT: &str = "example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

    fn secret() -> SigningKey {
        SigningKey::from_bytes(&[9; 32])
    }

    fn witness() -> VerifierKey {
        VerifierKey::cosigner("witness.example/w1", secret().verifying_key()).unwrap()
    }

    #[test]
    fn the_specification_s_line_parses_and_its_message_is_built() {
        let line = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ\
                    qhf5nNo0xUe+mbIUBkBIfZ+qnA==";
        let line = NoteSignature::parse(line).unwrap();
        let cosignature = Cosignature::parse(&line).unwrap();
        assert_eq!(cosignature.time_s, 1_679_315_147);
        assert!(message(TEXT, cosignature.time_s).starts_with("cosignature/v1\ntime 1679315147\nexample.com/log\n0\n"));
    }

    #[test]
    fn a_cosigned_note_names_log_and_witness_with_its_time() {
        let log = NoteSigner::new("example.com/log", SigningKey::from_bytes(&[1; 32])).unwrap();
        let line = sign(TEXT, 1_700_000_000, "witness.example/w1", &secret()).unwrap();
        assert_eq!(verify(TEXT, &line, &witness()), Ok(1_700_000_000));
        let cosigned = format!("{}{line}\n", note::sign(TEXT, &[&log]));
        let opened = Note::open(&cosigned, &[witness(), log.vkey()]).unwrap();
        let signers: Vec<_> = opened.signers.iter().map(|signer| (signer.key.name(), signer.time_s)).collect();
        assert_eq!(signers, [("example.com/log", None), ("witness.example/w1", Some(1_700_000_000))]);
    }

    #[test]
    fn every_flipped_bit_and_every_other_text_or_key_is_refused() {
        let line = sign(TEXT, 1_700_000_000, "witness.example/w1", &secret()).unwrap();
        for bit in 0..line.signature.len() * 8 {
            let mut flipped = line.clone();
            flipped.signature[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(TEXT, &flipped, &witness()).is_err(), "bit {bit}");
        }
        assert!(verify(&TEXT.replace('0', "1"), &line, &witness()).is_err());
        let log_key = VerifierKey::new("witness.example/w1", secret().verifying_key()).unwrap();
        assert!(verify(TEXT, &line, &log_key).is_err());
        let short = NoteSignature { signature: line.signature[..71].to_vec(), ..line.clone() };
        assert!(matches!(verify(TEXT, &short, &witness()), Err(TlogError::MalformedCosignature(_))));
        assert!(sign(TEXT, 1 << 63, "witness.example/w1", &secret()).is_err());
        assert!(sign(TEXT, 0, "no name", &secret()).is_err());
    }
}
