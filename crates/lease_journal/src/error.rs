//! Why the journal does not open, or has no answer.

use crate::{HeadFault, PeriodError, Refusal};
use ledger::{LedgerError, SubmitError};
use std::path::PathBuf;

/// Why the journal does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its files cannot be used.
    #[error("the lease journal: {0}")]
    Ledger(#[from] LedgerError),
    /// Its key cannot be used.
    #[error("the lease journal's key {} cannot be used: {why}; restore it from a backup of its directory", path.display())]
    Key {
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Its name is none.
    #[error("the lease journal's origin is refused: {0}")]
    Origin(String),
}

/// Why there is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The journal says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The lease's zone cannot be used.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// This is not the journal that others were shown.
    #[error(transparent)]
    Head(#[from] HeadFault),
    /// The ledger took nothing, or it is not known whether it did.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl JournalError {
    /// The stable name: programs decide on this, never on the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Period(_) => "period.unknown",
            Self::Head(fault) => fault.code(),
            Self::Submit(error) => match error {
                SubmitError::Busy => "busy",
                SubmitError::DiskFull => "journal.disk_full",
                SubmitError::Clock(_) => "journal.clock",
                SubmitError::Unknown => "unknown",
                SubmitError::Stopped(_) | SubmitError::Begun | SubmitError::Refused(_) => "journal.stopped",
            },
        }
    }

    /// What the caller can do next.
    pub fn next(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.next(),
            Self::Period(_) => {
                "have the lease granted again with a time zone and period that this build knows".to_owned()
            }
            Self::Head(fault) => fault.next(),
            Self::Submit(SubmitError::Unknown) => {
                "ask again with the same id: what was granted is answered as the first time".to_owned()
            }
            Self::Submit(_) => "ask again with the same id; nothing was recorded".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_decided_says_whether_it_may_be_recorded() {
        let words = || "why".to_owned();
        let known = [
            (SubmitError::Busy, "busy"),
            (SubmitError::DiskFull, "journal.disk_full"),
            (SubmitError::Clock(words()), "journal.clock"),
            (SubmitError::Stopped(words()), "journal.stopped"),
        ];
        for (error, code) in known {
            let error = JournalError::Submit(error);
            assert_eq!(error.code(), code);
            assert!(error.next().contains("nothing was recorded"), "{}", error.next());
        }
        let unknown = JournalError::Submit(SubmitError::Unknown);
        assert_eq!(unknown.code(), "unknown");
        assert!(unknown.next().contains("same id") && !unknown.next().contains("nothing"), "{}", unknown.next());
    }
}
