//! What was checked, and how far.

use super::texts::TextCounts;
use super::vouched::Vouchers;
use model::Digest;
use serde::Serialize;

/// What is done to every leaf.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Its signatures are checked and it is decided again.
    #[default]
    Replayed,
    HashesOnly,
}

/// What was checked.
#[derive(Debug, Default, Serialize)]
pub struct Checked {
    pub leaves: u64,
    pub accepted: u64,
    pub refused: u64,
    pub depth: Depth,
    pub control_checkpoint: Option<u64>,
    pub control_root: Option<Digest>,
    pub events: u64,
    pub texts: TextCounts,
    pub vouched: Vouchers,
}
