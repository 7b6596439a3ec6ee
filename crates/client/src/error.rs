//! What can go wrong between a client and a service.

use model::Service;
use std::fmt;
use wire::ProblemDetail;

/// Whom we asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The service, where it is known which one answers at that address.
    pub service: Option<Service>,
    /// The address.
    pub url: String,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.service {
            Some(service) => write!(f, "{} at {}", service.title(), self.url),
            None => f.write_str(&self.url),
        }
    }
}

/// An error of a call.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The service said no, in its own words.
    #[error("{}; {} ({}{})", .0.message, .0.next, .0.code, recorded(.0.entry))]
    Problem(Box<ProblemDetail>, u16),
    /// Nobody answered.
    #[error("{asked} does not answer ({why}); is the service running? see `countersign status`")]
    Unreachable {
        asked: Asked,
        /// What the network said.
        why: String,
    },
    /// It took too long; what was asked may have been done.
    #[error("{asked} did not answer within {after_ms} ms; ask again with the same command, it is done at most once")]
    Timeout {
        asked: Asked,
        /// How long we waited.
        after_ms: u64,
    },
    /// The answer makes no sense.
    #[error("{asked} answered something unexpected: {why}")]
    Answer {
        asked: Asked,
        /// What was wrong.
        why: String,
    },
    /// An answer that cannot be kept.
    #[error("what was answered cannot be written: {0}")]
    NotWritten(#[source] std::io::Error),
    /// A key that cannot be read or used.
    #[error("{0}")]
    Key(String),
    /// Something signed or hashed that does not hold.
    #[error(transparent)]
    Signed(#[from] signed::SignedError),
}

/// Where a refusal is recorded, if it is: an entry that it only speaks of is in its message.
fn recorded(entry: Option<u64>) -> String {
    entry.map(|index| format!(", recorded as entry {index}")).unwrap_or_default()
}

impl ClientError {
    /// The stable code of a problem the service named.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(detail, _) => Some(&detail.code),
            _ => None,
        }
    }

    /// The service that gave no answer, where that is what went wrong and it is known which one was asked.
    pub fn silent(&self) -> Option<Service> {
        match self {
            Self::Unreachable { asked, .. } | Self::Timeout { asked, .. } => asked.service,
            _ => None,
        }
    }

    /// Whether asking again later may help: nobody answered, too late, or the service is busy.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } => true,
            Self::Problem(_, status) => matches!(status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }
}
