//! What Rollback Readiness rests on beside what is decided: what the services were found to say, and when.

use model::{Digest, Instant, NodeId, Side};
use std::collections::BTreeMap;

/// One service as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<T> {
    /// Whether it was asked and does not answer.
    pub silent: bool,
    /// What it said last, and when; none: it was not read.
    pub said: Option<(Instant, T)>,
}

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self { silent: false, said: None }
    }
}

impl<T> Asked<T> {
    /// What it says now: of one that is silent, what it said before is not what it says.
    pub(super) fn now(&self) -> Option<(Instant, &T)> {
        self.said.as_ref().filter(|_| !self.silent).map(|(at, said)| (*at, said))
    }
}

/// What hashing every byte of a copy found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    pub at: Instant,
    /// What is not as its digest says; none: all of it is.
    pub damage: Option<String>,
}

/// Node Runtime, as far as a rollback rests on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSaid {
    /// Which node it acts for; none: it does not know.
    pub node: Option<NodeId>,
    pub memory_free_mib: u32,
    /// What it keeps, and what hashing that found; none: it was not hashed since the service started.
    pub kept: BTreeMap<Digest, Option<Hashed>>,
}

/// Engine Runtime, as far as a rollback of one engine rests on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSaid {
    /// Generation of the route.
    pub generation: u64,
    /// The side that serves, and its bundle.
    pub serving: Option<(Side, Digest)>,
    /// Why it would tell no draft what serves: the front is silent, or leads elsewhere than recorded.
    pub unobserved: Option<String>,
    /// Secrets that what it could be rolled back to needs, and that are not in the node's vault.
    pub secrets_missing: Vec<Digest>,
}

/// Everything that was observed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// Platform Services: the archives that it holds, and what reading those found.
    pub platform: Asked<BTreeMap<Digest, Option<Hashed>>>,
    pub node: Asked<NodeSaid>,
    /// Engine Runtime; what it says of an engine for which nothing was ever started is nothing.
    pub engine: Asked<Option<EngineSaid>>,
    /// Integration Control: whether it read what the engine is bound to outside.
    pub integration: Asked<bool>,
}
