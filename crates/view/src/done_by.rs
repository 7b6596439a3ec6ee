//! That somebody did something about a change, and when.

use crate::Names;
use model::{Instant, PersonId};
use serde::{Deserialize, Serialize};

/// Who escalated a draft, or ended what a change granted before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DoneBy {
    /// Who did.
    pub name: String,
    #[schema(value_type = String)]
    pub at: Instant,
    /// The leaf that records it.
    pub entry: u64,
}

impl DoneBy {
    pub(crate) fn of(names: &Names, person: &PersonId, at: Instant, entry: u64) -> Self {
        Self { name: names.person(person), at, entry }
    }
}
