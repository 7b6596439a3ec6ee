//! Why an AI lease does not stand.

use serde::{Deserialize, Serialize};

/// Why an AI lease does not stand. Of another tenant's it is only said that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoLease {
    /// No lease was granted by a change of this id, and none is being asked for.
    Unknown,
    /// The change that asks for it was not run yet.
    NotYet,
    /// Its time has come, or it was revoked.
    Over,
}
