//! Rules by number: what a ledger in use is decided by changes only with a governed change.
//!
//! A leaf's number is the one in force in the state before it. What `decide` does under a number
//! that was ever in force is frozen; other behaviour is a new row here.

use crate::{Blobs, Command, Decided, Guards, Inadmissible, State, decide};
use model::Instant;

type Decide = fn(&Guards, &State, &dyn Blobs, Instant, &Command) -> Result<Decided, Inadmissible>;

/// One number and what it does.
pub(crate) struct Rules {
    pub(crate) number: u32,
    pub(crate) decide: Decide,
}

static TABLE: &[Rules] = &[
    Rules { number: 0, decide: decide::decide_0 },
    // Only in test builds: one guard differs, so that a recorded ledger crosses from 0 to 1.
    #[cfg(feature = "rules-1")]
    Rules { number: 1, decide: decide::decide_0 },
];

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
    TABLE.iter().any(|rules| rules.number == number)
}

/// Whether this build knows the rules of more than one number.
pub(crate) fn are_several() -> bool {
    TABLE.len() > 1
}

/// The rules in force, if this build knows them.
pub(crate) fn in_force(state: &State) -> Option<&'static Rules> {
    TABLE.iter().find(|rules| rules.number == state.rules)
}
