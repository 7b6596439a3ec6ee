//! An artifact or a client theme as this service knows it: what it was published as, and whether it is held.

use model::{Digest, Resource, Token};
use serde::{Deserialize, Serialize};
use wire::Rehash;

/// An artifact or a client theme as decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PublishedAs {
    /// Product.
    #[schema(value_type = String)]
    pub product: Token,
    /// Version.
    #[schema(value_type = String)]
    pub version: Token,
    /// What it is.
    #[schema(value_type = String)]
    pub resource: Resource,
    /// The leaf that published it.
    pub entry: u64,
    /// The leaf in which this service certified it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub certified: Option<u64>,
    /// Why it never will: a stable code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub refused: Option<Token>,
}

/// An artifact or a client theme that is published, held, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ArtifactHeld {
    /// Digest of its manifest.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// As decided; absent while nobody has published it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published: Option<PublishedAs>,
    /// Whether its archive is kept here. Every byte is read again when a change needs it.
    pub held: bool,
    /// What reading every byte of it last found; absent when it was not read since this service started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rehashed: Option<Rehash>,
}
