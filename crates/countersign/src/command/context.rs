//! What every command needs.

use crate::home::Home;

/// What every command needs.
pub struct Context {
    /// The data directory.
    pub home: Home,
    /// Whether to print JSON.
    pub json: bool,
}
