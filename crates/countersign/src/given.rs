//! Files that a person named: what is wrong with them is theirs to mend.

use crate::error::{CliError, DOCUMENT, UNREADABLE, file, is_theirs, next};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Adds the path to an I/O error with a file that a person named. A disk that fails is not their fault.
pub fn given(path: impl Into<PathBuf>) -> impl FnOnce(Error) -> CliError {
    let path = path.into();
    |source| {
        if !is_theirs(&source) {
            return file(path)(source);
        }
        let message = format!("{}: {source}", path.display());
        CliError::Given { code: UNREADABLE, message, next: next(&source).to_owned() }
    }
}

/// Demands that a file that a person named can have a directory to lie in.
///
/// # Errors
/// When the path does not exist, or is not a directory.
pub fn writable(path: &Path) -> Result<(), CliError> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_dir = std::fs::metadata(dir).map_err(given(dir))?.is_dir();
    if is_dir { Ok(()) } else { Err(given(dir)(ErrorKind::NotADirectory.into())) }
}

/// What is wrong in a file that a person named, and what to do.
pub fn content(path: impl Into<PathBuf>, why: impl std::fmt::Display, next: &str) -> CliError {
    let message = format!("{} is not what it should be: {why}", path.into().display());
    CliError::Given { code: DOCUMENT, message, next: next.to_owned() }
}
