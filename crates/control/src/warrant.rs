//! The warrant of a change that another system carries out: good for a time, used once.

use model::{Digest, Instant, PersonId, Token};
use serde::{Deserialize, Serialize};

/// What a warrant allows, and whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warranted {
    /// Who carries it out, as the package names them.
    pub target: Token,
    /// SHA-256 of what is carried out.
    pub digest: Digest,
}

/// The one use of a warrant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// The machine identity that reported it.
    pub machine: PersonId,
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// A warrant, from the leaf of the run on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warrant {
    /// Good before this instant.
    pub until: Instant,
    /// Ended before its time by this leaf.
    pub revoked: Option<u64>,
    /// Used up.
    pub used: Option<Used>,
}

/// Where a warrant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may be used.
    Good,
    /// It was used.
    Used,
    /// A person revoked it.
    Revoked,
    /// Its time is over.
    Over,
}

impl Warrant {
    /// Issued by a leaf: nobody has used it.
    pub(crate) fn issued(until: Instant) -> Self {
        Self { until, revoked: None, used: None }
    }

    /// Where it stands at `now`. What became of it in its time is said also afterwards.
    pub fn standing(&self, now: Instant) -> Standing {
        match (&self.used, self.revoked) {
            (Some(_), _) => Standing::Used,
            (None, Some(_)) => Standing::Revoked,
            (None, None) if self.until <= now => Standing::Over,
            (None, None) => Standing::Good,
        }
    }

    /// Whether it may be used at `now`.
    pub fn is_good(&self, now: Instant) -> bool {
        self.standing(now) == Standing::Good
    }
}
