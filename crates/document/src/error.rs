//! What is wrong with a document.

/// Why a text is no such document.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DocumentError {
    /// It cannot be read; the message begins with its name and the line.
    #[error("{0}")]
    Malformed(String),
    /// It can be read, and does not hold together.
    #[error("{name} is not what it should be: {why}")]
    Unsound {
        /// What it is called.
        name: String,
        why: String,
    },
}
