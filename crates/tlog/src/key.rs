//! Keys that sign and verify notes (`signed-note`, "Signatures" and "Verifier keys").

use crate::{TlogError, wire};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use model::Digest;
use std::{fmt, str::FromStr};

/// What a key's signatures mean: the signature type byte of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// 0x01: Ed25519 over the note text, as logs sign.
    Ed25519 = 1,
    /// 0x04: timestamped Ed25519 over a checkpoint, as witnesses sign ([`crate::cosignature`]).
    Cosigner = 4,
}

/// A public key with the name and id that its signature lines carry. Written as a *vkey*:
/// `name+hex(id)+base64(type ‖ public key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    public: VerifyingKey,
}

impl VerifierKey {
    /// A log's key.
    ///
    /// # Errors
    /// [`TlogError::BadKeyName`] when the name is empty or has a space, a plus or a control character;
    /// [`TlogError::UnsafeKey`] when nobody alone can sign with the key.
    pub fn new(name: impl Into<String>, public: VerifyingKey) -> Result<Self, TlogError> {
        Self::of_kind(name.into(), KeyKind::Ed25519, public)
    }

    /// A witness's key.
    ///
    /// # Errors
    /// As [`VerifierKey::new`].
    pub fn cosigner(name: impl Into<String>, public: VerifyingKey) -> Result<Self, TlogError> {
        Self::of_kind(name.into(), KeyKind::Cosigner, public)
    }

    fn of_kind(name: String, kind: KeyKind, public: VerifyingKey) -> Result<Self, TlogError> {
        check_name(&name)?;
        model::ed25519_key(public.as_bytes())?;
        Ok(Self { name, kind, public })
    }

    /// The key name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its signatures mean.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The Ed25519 public key.
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The key id: the first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key). It tells keys
    /// apart and proves nothing.
    pub fn id(&self) -> u32 {
        let mut bytes = self.name.clone().into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.material());
        let [a, b, c, d, ..] = Digest::of_bytes(&bytes).0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// Whether these 64 bytes are this key's Ed25519 signature over `message`. Strict: keys of small
    /// order and other spellings of a signature are refused.
    pub fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.public.verify_strict(message, &signature).is_ok())
    }

    fn material(&self) -> [u8; 33] {
        let mut bytes = [self.kind as u8; 33];
        bytes[1..].copy_from_slice(self.public.as_bytes());
        bytes
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id(), wire::to_base64(&self.material()))
    }
}

impl FromStr for VerifierKey {
    type Err = TlogError;

    /// Parses a vkey. The id must be the recommended one, in lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, TlogError> {
        let malformed = TlogError::MalformedVerifierKey;
        let (name, rest) = text.split_once('+').ok_or(malformed("it has no plus"))?;
        let (id, material) = rest.split_once('+').ok_or(malformed("it has one plus instead of two"))?;
        let material = wire::from_base64(material).ok_or(malformed("its last part is not Base64"))?;
        let (kind, public) = material.split_first().ok_or(malformed("it has no key"))?;
        let kind = match kind {
            1 => KeyKind::Ed25519,
            4 => KeyKind::Cosigner,
            other => return Err(TlogError::UnsupportedKeyType(*other)),
        };
        let public = VerifyingKey::try_from(public).map_err(|_| malformed("its last part is not an Ed25519 key"))?;
        let key = Self::of_kind(name.to_owned(), kind, public)?;
        if format!("{:08x}", key.id()) == id {
            Ok(key)
        } else {
            Err(malformed("its id does not belong to name and key"))
        }
    }
}

/// A log's private key with its name. Never printed.
#[derive(Clone)]
pub struct NoteSigner {
    secret: SigningKey,
    vkey: VerifierKey,
}

impl NoteSigner {
    /// A signer of notes; `name` should be the log's origin.
    ///
    /// # Errors
    /// As [`VerifierKey::new`].
    pub fn new(name: impl Into<String>, secret: SigningKey) -> Result<Self, TlogError> {
        let vkey = VerifierKey::new(name, secret.verifying_key())?;
        Ok(Self { secret, vkey })
    }

    /// The key to publish.
    pub fn vkey(&self) -> VerifierKey {
        self.vkey.clone()
    }

    /// The key name.
    pub fn name(&self) -> &str {
        self.vkey.name()
    }

    /// The 64 bytes of its Ed25519 signature over a text.
    pub fn signature(&self, text: &str) -> [u8; 64] {
        self.secret.sign(text.as_bytes()).to_bytes()
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.vkey)
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), TlogError> {
    let bad = |character: char| character.is_whitespace() || character < ' ' || character == '+';
    if name.is_empty() || name.contains(bad) { Err(TlogError::BadKeyName) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> NoteSigner {
        NoteSigner::new("example.com/log", SigningKey::from_bytes(&[7; 32])).unwrap()
    }

    #[test]
    fn a_vkey_reads_back_and_any_changed_character_is_refused() {
        let witness = VerifierKey::cosigner("witness.example", *signer().vkey().public()).unwrap();
        for key in [signer().vkey(), witness] {
            let text = key.to_string();
            assert_eq!(text.parse(), Ok(key));
            for index in 0..text.len() {
                for bit in 0..7 {
                    let mut bytes = text.clone().into_bytes();
                    bytes[index] ^= 1 << bit;
                    let flipped = String::from_utf8(bytes).unwrap();
                    assert!(flipped.parse::<VerifierKey>().is_err(), "{flipped:?}");
                }
            }
        }
    }

    #[test]
    fn names_that_would_break_a_signature_line_are_refused() {
        for bad in ["", "a b", "a+b", "a\nb", "a\u{0}", "a\u{2003}b", "\u{85}"] {
            assert_eq!(check_name(bad), Err(TlogError::BadKeyName), "{bad:?}");
            assert!(NoteSigner::new(bad, SigningKey::from_bytes(&[7; 32])).is_err());
        }
    }

    #[test]
    fn a_key_of_another_algorithm_is_named_as_such() {
        let text = format!("example.com/x+00000000+{}", wire::to_base64(&[6; 1313]));
        assert_eq!(text.parse::<VerifierKey>(), Err(TlogError::UnsupportedKeyType(6)));
    }

    #[test]
    fn a_key_that_nobody_holds_is_refused() {
        let neutral = VerifyingKey::from_bytes(&[&[1][..], &[0; 31]].concat().try_into().unwrap()).unwrap();
        let refused = Err(TlogError::UnsafeKey(model::KeyFault::SmallOrder));
        assert_eq!(VerifierKey::new("example.com/log", neutral), refused);
        assert_eq!(VerifierKey::cosigner("example.com/w", neutral), refused);
        let written = VerifierKey { name: "example.com/log".to_owned(), kind: KeyKind::Ed25519, public: neutral };
        assert_eq!(written.to_string().parse::<VerifierKey>(), refused);
    }

    #[test]
    fn a_signer_does_not_print_its_secret() {
        assert_eq!(format!("{:?}", signer()), format!("NoteSigner({})", signer().vkey()));
    }
}
