//! What a full check found.

use crate::Damage;
use model::Digest;

/// What a full check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries that could be read without a gap, from the first.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// Stored checkpoints whose signature and root hold.
    pub checkpoints: u64,
    /// The largest of them: tree size and signed note.
    pub checkpoint: Option<(u64, String)>,
    /// Tile and bundle files that were compared.
    pub tiles: u64,
    /// Everything that is wrong; empty means that every byte is as it was written.
    pub damage: Vec<Damage>,
}
