//! One thing and what becomes of it.

/// One thing and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    pub name: String,
    /// What holds before.
    pub before: String,
    /// What holds after.
    pub after: String,
}
