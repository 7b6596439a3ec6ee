//! How a follower stands, for its service's health page.

use model::Instant;
use signed::Seen;

/// How a follower stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowerHealth {
    /// Not heard from Governance since the start; serves what its replica held.
    Starting,
    /// Up to the newest checkpoint that was answered.
    Following {
        /// What is folded.
        seen: Seen,
        /// When Governance last answered.
        at: Instant,
    },
    /// Cannot follow now and tries again; serves what it has.
    Behind { since: Instant, why: String },
    /// The ledger contradicts itself or its rules: stopped for good, serves on with the last state.
    Stopped {
        /// The leaf (or the size) at which it was found.
        index: u64,
        /// What was found.
        why: String,
    },
}

/// One readiness check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyCheck {
    /// A short name.
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// Why it does not, or what it rests on.
    pub why: String,
    /// Since when it is so, as far as known.
    pub since: Instant,
}

impl FollowerHealth {
    /// As a readiness check, with a time for the states that carry none.
    pub(crate) fn check(&self, opened: Instant) -> ReadyCheck {
        let (ok, why, since) = match self {
            Self::Starting => (false, "has not heard from governance yet".to_owned(), opened),
            Self::Following { seen, at } => (true, format!("{} entries verified", seen.size), *at),
            Self::Behind { since, why } => (false, format!("behind: {why}"), *since),
            Self::Stopped { index, why } => (false, format!("stopped at leaf {index}: {why}"), opened),
        };
        ReadyCheck { name: "ledger", ok, why, since }
    }
}
