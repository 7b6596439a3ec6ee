//! The two halves of what a refusal says.

/// What was missing, and what would unblock it.
pub(super) type Wording = (String, String);

/// These words.
pub(super) fn wording(what: impl Into<String>, next: impl Into<String>) -> Wording {
    (what.into(), next.into())
}
