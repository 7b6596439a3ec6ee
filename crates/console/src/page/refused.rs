//! A refusal as a page shows it.

use desk::DeskError;

/// A refusal as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Stable code.
    pub(crate) code: String,
    /// What was missing.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) next: String,
    /// The entry that records it.
    pub(crate) entry: Option<u64>,
}

impl Refused {
    pub(crate) fn new(code: &str, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), next: next.into(), entry: None }
    }
}

impl From<DeskError> for Refused {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Client(client::ClientError::Problem(detail, _)) => {
                Self { code: detail.code, message: detail.message, next: detail.next, entry: detail.entry }
            }
            DeskError::Refused { code, message, next } => Self::new(code, message, next),
            DeskError::Client(error) => {
                Self::new("governance.unreachable", error.to_string(), "look at the sources, then try again")
            }
            error => Self::new("desk.failed", error.to_string(), "reload this page and look where it stands"),
        }
    }
}
