//! What the ledger has of a brake.

/// That the ledger has a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) index: u64,
    /// The code of its refusal.
    pub(super) refused: Option<&'static str>,
}
