//! A document as the ledger has it.

use crate::DocumentError;

/// Whether a document of this name is written as JSON.
pub(crate) fn is_json(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|ending| ending == "json")
}

/// What is wrong is said with its line.
pub(crate) fn read<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, DocumentError> {
    serde_json::from_str(text).map_err(|error| DocumentError::Malformed(format!("{name}:{}: {error}", error.line())))
}
