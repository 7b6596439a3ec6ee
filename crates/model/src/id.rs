//! Random 128-bit ids, one type per thing they name. They carry no meaning and no personal data.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// An id that is not 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is 32 lower-case hexadecimal digits")]
pub struct IdError;

pub(crate) fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let bytes = text.as_bytes();
    if bytes.len() != N * 2 {
        return None;
    }
    let mut out = [0; N];
    for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        *slot = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// The raw 16 bytes.
            pub fn as_bytes(&self) -> &[u8; 16] { &self.0 }
            /// The first 8 digits, for screens.
            pub fn short(&self) -> String { self.to_string()[..8].to_owned() }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> { parse_hex(text).map(Self).ok_or(IdError) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// Any subject or object where the kind does not matter (a subject key, a tenant tag).
    Id,
    /// A person of the roster; a pseudonym, the name is in a payload part.
    PersonId,
    /// A governed change.
    ChangeId,
    /// An engine: a tenant's running storefront.
    EngineId,
    /// A tenant.
    TenantId,
    /// A command, chosen by its sender.
    CommandId,
    /// A production node.
    NodeId,
    /// A published artifact's entry in the ledger; the artifact itself is named by its digest.
    ArtifactId,
    /// A number used once inside something signed.
    Nonce,
}

macro_rules! subject { ($($name:ident),+) => {$(
    impl From<$name> for Id { fn from(id: $name) -> Id { Id(id.0) } }
)+}; }
subject!(PersonId, TenantId, EngineId, ChangeId, NodeId);
