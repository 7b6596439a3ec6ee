//! Which texts a manifest may hold: each stands in canonical JSON, and in a line of its own where somebody reads it.

use crate::ArtifactError;
use model::canon;
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, str::FromStr};

/// Longest argument, in bytes.
pub const MAX_ARG: usize = 1_024;

/// Whether a text is one line without control characters and without those that reorder what is shown.
pub(crate) fn is_plain(text: &str) -> bool {
    canon::is_one_line(text) && canon::to_vec(text).is_ok()
}

/// One argument of a command: 1 to 1,024 bytes of any script, in one line, without control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct ArgText(String);

impl ArgText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ArgText {
    type Err = ArtifactError;
    fn from_str(text: &str) -> Result<Self, ArtifactError> {
        if (1..=MAX_ARG).contains(&text.len()) && is_plain(text) {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
        Err(ArtifactError::Manifest(format!(
            "the argument `{shown}` is empty, above {MAX_ARG} bytes, or holds a control character; put it into a script"
        )))
    }
}

impl fmt::Display for ArgText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ArgText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_any_single_line_that_can_be_read() {
        for good in ["-Xmx256m", "--name=Élan & Söhne", "daemon off;", "a b"] {
            assert_eq!(good.parse::<ArgText>().unwrap().as_str(), good);
        }
        for bad in ["", "a\nb", "a\u{0}b", "a\u{202e}b", &"x".repeat(MAX_ARG + 1)] {
            assert!(bad.parse::<ArgText>().is_err(), "{bad:?}");
        }
    }
}
