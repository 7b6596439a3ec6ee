//! What has no canonical form, and the limits of the profile.

use serde::ser;
use std::fmt;

/// 2^53 - 1, the largest integer every JSON reader keeps exact.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Deepest nesting that is read or written.
pub const MAX_DEPTH: usize = 32;

/// Why bytes are not canonical, or a value has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonError {
    /// Not JSON, or not of the expected shape.
    #[error("not the expected JSON: {0}")]
    Json(String),
    /// A float, or an integer beyond 2^53-1.
    #[error("`{0}` is not an integer between -(2^53-1) and 2^53-1; write larger counters and money as decimal strings")]
    Number(String),
    /// `null`: leave the field out instead.
    #[error("null is not allowed; leave the field out")]
    Null,
    /// A key outside `[a-z0-9_]+`.
    #[error("the key `{0}` may only hold a-z, 0-9 and _")]
    Key(String),
    /// A control or bidirectional formatting character.
    #[error("text holds the character U+{0:04X}, which is not allowed")]
    Character(u32),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// Valid JSON, other bytes than its canonical form.
    #[error("not in canonical form (countersign-json/1), first difference at byte {0}")]
    Form(usize),
}

impl ser::Error for CanonError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Json(message.to_string())
    }
}
