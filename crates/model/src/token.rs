//! ASCII tokens: the only text a leaf may hold.

use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, str::FromStr};

/// 1 to 120 characters of `A-Z a-z 0-9 . _ : / @ + -`: names of nodes, hosts, versions, products.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Token(String);

/// A text that is not a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a token is 1 to 120 characters of A-Z a-z 0-9 . _ : / @ + -")]
pub struct TokenError;

impl Token {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = TokenError;
    fn from_str(text: &str) -> Result<Self, TokenError> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._:/@+-".contains(&c);
        let good = (1..=120).contains(&text.len()) && text.bytes().all(allowed);
        if good { Ok(Self(text.to_owned())) } else { Err(TokenError) }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
