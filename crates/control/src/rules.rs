//! Rules by number: what a ledger in use is decided by changes only with a governed change.
//!
//! A leaf's number is the one in force in the state before it. `decide` has a function for each.

// A shipped executable knows no rules that exist for a test alone.
#[cfg(all(feature = "rules-1", not(debug_assertions)))]
compile_error!("the feature `rules-1` is for tests alone: build without it, or for development");

/// The highest number this build knows.
#[cfg(not(feature = "rules-1"))]
pub const RULES_MAX: u32 = 0;
/// The highest number this build knows.
#[cfg(feature = "rules-1")]
pub const RULES_MAX: u32 = 1;

/// Whether this build knows the rules of a number.
pub fn knows(number: u32) -> bool {
    (0..=RULES_MAX).contains(&number)
}

/// Whether this build knows the rules of more than one number.
pub(crate) fn are_several() -> bool {
    cfg!(feature = "rules-1")
}
