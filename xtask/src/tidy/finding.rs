//! What a rule finds.

use std::fmt;

/// One breach of a house rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A path, a path with a line, or a package.
    pub place: String,
    /// What is wrong there.
    pub rule: String,
}

impl Finding {
    /// A finding at a path, a path with a line, or a package.
    pub fn new(place: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { place: place.into(), rule: rule.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.rule)
    }
}
