//! The two logs by name.

use service_shell::Problem;

/// Which of the two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogName {
    Control,
    Events,
}

impl LogName {
    /// By its name in a route.
    pub(crate) fn of(name: &str) -> Result<Self, Problem> {
        match name {
            "control" => Ok(Self::Control),
            "events" => Ok(Self::Events),
            _ => Err(Problem::not_found("log.unknown", "there is no such log", "ask for `control` or `events`")),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Events => "events",
        }
    }

    /// Logs that a durable entry is none of this log's: its bytes are as hashed, yet nothing shows.
    pub(crate) fn undecoded(self, index: u64) {
        tracing::error!(log = self.word(), index, "governance: an entry cannot be decoded");
    }
}
