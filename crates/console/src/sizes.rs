//! A place in both logs.

use serde::{Deserialize, Serialize};

/// A place in both logs: so many entries of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Of the control log.
    pub control: u64,
    /// Of the events log.
    pub events: u64,
}
