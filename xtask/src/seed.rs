//! The one number that a run's random choices come from, so that a failure can be had again.

use std::collections::hash_map::RandomState;
use std::env;
use std::fmt;
use std::hash::{BuildHasher, Hasher};

use crate::error::Error;

/// The variable that tests read their seed from, and that repeats a run.
pub const VARIABLE: &str = "COUNTERSIGN_SEED";

/// A seed, shown and read in decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The caller's seed when one is given, else a fresh one.
    pub fn of_run() -> Result<Self, Error> {
        match env::var(VARIABLE) {
            Ok(text) => Self::parse(&text),
            // Every `RandomState` is keyed from the system's randomness; nothing secret hangs on it here.
            Err(_) => Ok(Self(RandomState::new().build_hasher().finish())),
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        text.trim().parse().map(Self).map_err(|_| Error::Seed(text.to_owned()))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Seed};

    #[test]
    fn a_seed_reads_back_as_it_is_printed() {
        let seed = Seed(u64::MAX);
        assert_eq!(Seed::parse(&seed.to_string()).unwrap(), seed);
    }

    #[test]
    fn a_seed_that_is_no_number_is_refused_and_not_replaced() {
        for text in ["", "-1", "0x10", "18446744073709551616"] {
            assert!(matches!(Seed::parse(text), Err(Error::Seed(said)) if said == text));
        }
    }
}
