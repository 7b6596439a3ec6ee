//! The first of two people's words.

use model::{Digest, Instant, PersonId};
use serde::{Deserialize, Serialize};

/// The first of two people's words; it lapses at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub person: PersonId,
    pub key: Digest,
    /// Until when the second word may follow.
    pub until: Instant,
    /// In which leaf.
    pub index: u64,
}
