//! What a deployment puts in place as one.

use model::{Digest, canon};
use serde::{Deserialize, Serialize};

/// What serves as one: code and everything that must go back with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Digest of the certified artifact's manifest.
    pub artifact: Digest,
}

impl Bundle {
    /// Its identity.
    pub fn digest(&self) -> Digest {
        canon::digest("bundle", self).expect("a bundle holds digests only, which always have a canonical form")
    }
}
