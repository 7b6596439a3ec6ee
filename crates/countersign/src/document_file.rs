//! A document in a file that somebody named: a config, a retention policy, what a package is, what another command printed.

use crate::error::CliError;
use crate::given::given;
use document::{DocumentError, MAX_BYTES, TomlText};
use serde::de::DeserializeOwned;
use std::path::Path;

/// Reads the file; `None` where it does not exist.
pub fn read(path: &Path) -> Result<Option<TomlText>, CliError> {
    let name = path.display().to_string();
    let text = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Ok(meta) if meta.len() > MAX_BYTES => {
            return Err(CliError::Usage(format!("{name} is above {MAX_BYTES} bytes")));
        }
        _ => std::fs::read_to_string(path).map_err(given(path))?,
    };
    Ok(Some(TomlText { name, text }))
}

/// The document that a file holds, by whoever reads its text.
pub fn document<T>(path: &Path, read_as: fn(&str, &str) -> Result<T, DocumentError>) -> Result<T, CliError> {
    // In the system's words.
    let missing = || given(path)(std::fs::metadata(path).err().unwrap_or_else(|| std::io::ErrorKind::NotFound.into()));
    let TomlText { name, text } = read(path)?.ok_or_else(missing)?;
    Ok(read_as(&name, &text)?)
}

/// What a JSON file holds that somebody named; `from` says what to write it from.
pub fn json<T: DeserializeOwned>(path: &Path, from: &str) -> Result<T, CliError> {
    let text = std::fs::read_to_string(path).map_err(given(path))?;
    let wrong = |error: DocumentError| CliError::Given {
        code: crate::error::DOCUMENT,
        message: error.to_string(),
        next: format!("give {from}"),
    };
    document::json(&path.display().to_string(), &text).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_said_as_the_system_says_it() {
        let said = document(Path::new("nope.toml"), document::config).unwrap_err().to_string();
        assert!(said.starts_with("nope.toml: No such file or directory"), "{said}");
    }
}
