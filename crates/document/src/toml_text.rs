//! TOML that somebody wrote by hand: what is wrong with it is said with its line.

use crate::{DocumentError, plain::plain};
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;

/// Largest document, in bytes: such texts are written by hand.
pub const MAX_BYTES: u64 = 256 << 10;

/// A text with the name by which it is shown.
pub struct TomlText {
    pub name: String,
    pub text: String,
}

impl TomlText {
    /// What it says.
    pub fn says<T: DeserializeOwned>(&self) -> Result<T, DocumentError> {
        let wrong = |error: &toml::de::Error, why: String| {
            let place = error.span().map_or_else(|| self.name.clone(), |at| self.place(&at));
            DocumentError::Malformed(format!("{place}: {why}"))
        };
        let reader = toml::Deserializer::parse(&self.text);
        let reader = reader.map_err(|error| wrong(&error, error.message().trim_end().to_owned()))?;
        let said = serde_path_to_error::deserialize(reader);
        said.map_err(|error| wrong(error.inner(), plain(error.inner().message(), error.path())))
    }

    /// Where a byte of it stands.
    pub fn place(&self, at: &Range<usize>) -> String {
        let line = self.text.get(..at.start).map_or(1, |before| before.matches('\n').count() + 1);
        format!("{}:{line}", self.name)
    }

    /// That something in it cannot be, and why.
    pub fn wrong<T>(&self, what: &Spanned<T>, why: &str) -> DocumentError {
        DocumentError::Malformed(format!("{}: {why}", self.place(&what.span())))
    }
}
