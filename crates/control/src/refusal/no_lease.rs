//! Why an AI lease is not in force.

use serde::{Deserialize, Serialize};

/// Why an AI lease is not in force. A lease of another tenant is reported as unknown.
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
