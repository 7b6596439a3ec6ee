//! Why a governed document does not hold together.

use model::KindName;

/// What of a document does not hold, and in which row of a table of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", kind.map(|kind| format!("the row `{kind}`: ")).unwrap_or_default())]
pub struct Unsound {
    /// The kind whose row it is; absent where it is about the whole document.
    pub kind: Option<KindName>,
    /// What does not hold.
    pub why: &'static str,
}

impl Unsound {
    /// Of one row.
    pub fn in_row(kind: KindName, why: &'static str) -> Self {
        Self { kind: Some(kind), why }
    }
}

impl From<&'static str> for Unsound {
    fn from(why: &'static str) -> Self {
        Self { kind: None, why }
    }
}
