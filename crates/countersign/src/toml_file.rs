//! A TOML file that somebody wrote by hand: what is wrong with it is said with its line.

use crate::error::{CliError, file};
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// Such files are written by hand.
const MAX_BYTES: u64 = 256 << 10;

/// A file, read.
pub struct TomlFile {
    /// Its path as it is shown.
    pub path: String,
    pub text: String,
}

impl TomlFile {
    /// Reads the file; `None` where it does not exist.
    pub fn read(path: &Path) -> Result<Option<Self>, CliError> {
        let shown = path.display().to_string();
        let text = match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Ok(meta) if meta.len() > MAX_BYTES => {
                return Err(CliError::Usage(format!("{shown} is above {MAX_BYTES} bytes")));
            }
            _ => std::fs::read_to_string(path).map_err(file(path))?,
        };
        Ok(Some(Self { path: shown, text }))
    }

    /// What it says.
    pub fn says<T: DeserializeOwned>(&self) -> Result<T, CliError> {
        toml::from_str(&self.text).map_err(|error| {
            let place = error.span().map_or_else(|| self.path.clone(), |at| self.place(&at));
            CliError::Usage(format!("{place}: {}", error.message().trim_end()))
        })
    }

    /// Where a byte of it stands.
    pub fn place(&self, at: &Range<usize>) -> String {
        let line = self.text.get(..at.start).map_or(1, |before| before.matches('\n').count() + 1);
        format!("{}:{line}", self.path)
    }

    /// That something in it cannot be, and why.
    pub fn wrong<T>(&self, what: &Spanned<T>, why: &str) -> CliError {
        CliError::Usage(format!("{}: {why}", self.place(&what.span())))
    }
}
