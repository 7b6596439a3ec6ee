//! What a verifier must hold beforehand: `trust.json`.

use model::{Digest, Token};
use serde::{Deserialize, Serialize};

/// Pinned out of band; everything else is proven from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// Origin of the logs; the control log's is `<origin>/control`.
    pub origin: Token,
    /// Verifier keys of the control log (signed-note form) that were in force when this was written.
    pub log_keys: Vec<String>,
    pub genesis: Digest,
}
