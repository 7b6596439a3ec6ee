//! The result of hashing every byte of a stored file again.

use model::{Digest, Instant};
use serde::{Deserialize, Serialize};

/// What the last hashing of something kept found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rehash {
    /// Whether every byte is as its digest says.
    pub ok: bool,
    /// What is not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
    /// When it was hashed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// `POST /v1/artifacts/{digest}/verify`: what was found just now. Nothing else changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VerifiedView {
    /// Digest of its manifest.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// Whether it is kept here at all.
    pub held: bool,
    /// What hashing it found; absent where it is not kept here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rehashed: Option<Rehash>,
}
