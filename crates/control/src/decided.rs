//! What was decided of a command, before it is a leaf.

use crate::{Command, Effect, Leaf, Refusal, Verdict};
use model::{Instant, TenantId};

/// A decided command, before it is a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Accepted or refused.
    pub verdict: Verdict,
    /// What changes.
    pub effects: Vec<Effect>,
    /// Tenants concerned, sorted.
    pub tags: Vec<TenantId>,
    /// The rules it was decided by.
    pub rules: u32,
}

impl Decided {
    pub(crate) fn accepted(effects: Vec<Effect>, tags: Vec<TenantId>) -> Self {
        Self { verdict: Verdict::Accepted, effects, tags, rules: 0 }
    }

    pub(crate) fn refused(refusal: Refusal, tags: Vec<TenantId>) -> Self {
        Self { verdict: Verdict::Refused(refusal), effects: vec![], tags, rules: 0 }
    }

    /// The leaf that records it.
    pub fn into_leaf(self, now: Instant, command: Command) -> Leaf {
        Leaf { rules: self.rules, now, command, verdict: self.verdict, effects: self.effects, tags: self.tags }
    }
}
