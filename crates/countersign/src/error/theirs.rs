//! Which I/O errors with a file that a person named are theirs to mend, and how.

use std::io::{Error, ErrorKind};

/// Code of a file that is not there, or that its reader may not read.
pub const UNREADABLE: &str = "file.unreadable";
/// Code of a document that does not say what it should.
pub const DOCUMENT: &str = "document.wrong";

/// Whether another name, or other rights, are what it takes.
pub fn is_theirs(error: &Error) -> bool {
    use ErrorKind::{
        InvalidData, InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem,
    };
    matches!(
        error.kind(),
        NotFound | PermissionDenied | IsADirectory | NotADirectory | InvalidFilename | InvalidData | ReadOnlyFilesystem
    )
}

/// What to do about such an error.
pub fn next(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => "name one that is there, by a path from this directory",
        ErrorKind::PermissionDenied => "name one that you may use, or have its rights changed",
        ErrorKind::IsADirectory => "name a file",
        ErrorKind::InvalidData => "name a file of text, in UTF-8",
        _ => "name another",
    }
}
