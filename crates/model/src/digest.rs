//! SHA-256 digests, always bound to the kind of object they name.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

/// A SHA-256 value, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// A digest that is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 lower-case hexadecimal digits, this has {0} characters or others among them")]
pub struct DigestError(usize);

impl Digest {
    /// The digest of nothing yet: stands where no ledger exists (genesis).
    pub const ZERO: Self = Self([0; 32]);

    /// Digest of raw bytes without a prefix. For file contents, whose digest strangers compute too.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Digest of an object's canonical bytes under its own prefix `countersign/<object>/v1\0`,
    /// so that bytes hashed as one kind of object can never pass for another.
    pub fn of_object(object: &str, canonical: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"countersign/");
        hasher.update(object.as_bytes());
        hasher.update(b"/v1\0");
        hasher.update(canonical);
        Self(hasher.finalize().into())
    }

    /// The raw 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 digits: enough to tell two apart on a screen, never used to decide.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        crate::id::parse_hex(text).map(Self).ok_or(DigestError(text.len()))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_separates_objects() {
        assert_ne!(Digest::of_object("package", b"{}"), Digest::of_object("plan", b"{}"));
        assert_eq!(Digest::of_object("plan", b"{}"), Digest::of_bytes(b"countersign/plan/v1\0{}"));
    }

    #[test]
    fn only_lower_case_hex_of_full_length_parses() {
        let digest = Digest::of_bytes(b"x");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!(digest.to_string().to_uppercase().parse::<Digest>().is_err());
        assert!(digest.short().parse::<Digest>().is_err());
    }
}
