//! What is hashed: one decided command is one leaf, for ever.

use crate::{Command, Effect, Refusal};
use model::{Instant, TenantId, canon};
use serde::{Deserialize, Serialize};

/// Every leaf of the control log begins with these bytes.
pub const LEAF_PREFIX: &[u8] = b"countersign/leaf/v1\0";
/// Longest leaf, prefix included.
pub const LEAF_MAX_BYTES: usize = 60_000;

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its effects hold.
    Accepted,
    /// Nothing decided changed.
    Refused(Refusal),
}

/// A leaf of the control log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// The rules it was decided by.
    pub rules: u32,
    /// When the writer took the command.
    pub now: Instant,
    pub command: Command,
    pub verdict: Verdict,
    /// Its effects, in order; none for a refusal.
    pub effects: Vec<Effect>,
    /// The tenants it concerns, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tags: Vec<TenantId>,
}

/// Why bytes are no leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not of the control log.
    #[error("does not begin with `countersign/leaf/v1`")]
    Prefix,
    /// Too long.
    #[error("{0} bytes, a leaf has at most {LEAF_MAX_BYTES}")]
    Length(usize),
    /// Decided by rules this binary does not know.
    #[error("decided by rules {0}; this binary knows rules up to {known}, get a newer one", known = crate::RULES_MAX)]
    Rules(u32),
    /// Not canonical, or not of this shape.
    #[error(transparent)]
    Canon(#[from] canon::CanonError),
}

#[derive(Deserialize)]
struct RulesOnly {
    rules: u32,
}

impl Leaf {
    /// The bytes that are stored and hashed.
    ///
    /// # Errors
    /// When it has no canonical form or is too long.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        let mut bytes = LEAF_PREFIX.to_vec();
        bytes.extend(canon::to_vec(self)?);
        if bytes.len() > LEAF_MAX_BYTES { Err(LeafError::Length(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads stored bytes, refusing all but their one form.
    ///
    /// # Errors
    /// When they are no leaf, or one of newer rules.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        let json = bytes.strip_prefix(LEAF_PREFIX).ok_or(LeafError::Prefix)?;
        if bytes.len() > LEAF_MAX_BYTES {
            return Err(LeafError::Length(bytes.len()));
        }
        if let Ok(RulesOnly { rules }) = serde_json::from_slice(json)
            && rules > crate::RULES_MAX
        {
            return Err(LeafError::Rules(rules));
        }
        Ok(canon::from_slice(json)?)
    }
}
