//! Memory that is spoken for.

use model::{Digest, EngineId, Side};
use serde::{Deserialize, Serialize};

/// Memory reserved for one side of one engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Whose.
    #[schema(value_type = String)]
    pub engine: EngineId,
    /// For which of its two sides.
    #[schema(value_type = String)]
    pub side: Side,
    /// For which release.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// The theme that is kept beside it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub theme: Option<Digest>,
    /// How much, MiB.
    pub memory_mib: u32,
    /// Key of the step that reserved it ([`signed::step_key`]); absent where the reservation was rebuilt from the ledger
    /// after its change had ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub key: Option<Digest>,
}
