//! What a program's manifest allows of something that a config sets.

use serde::{Deserialize, Serialize};

/// What would have been allowed, where a config sets something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Allowed {
    /// A whole number from `least` to `most`.
    Number { least: i64, most: i64 },
    /// These TCP ports of other hosts, at most 16; none where it is empty.
    Ports { ports: Vec<u16> },
    /// A value that everybody may read: it is no secret of this program.
    Value {},
    /// Nothing: the program reads no such variable.
    Nothing {},
}
