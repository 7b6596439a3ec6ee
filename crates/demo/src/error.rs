//! What can go wrong while the world is built.

use desk::DeskError;

/// What can go wrong while the world is built.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A persona was refused, or a service does not answer.
    #[error("{step}: {source}")]
    Desk {
        /// What was being done.
        step: String,
        /// Why not.
        source: DeskError,
    },
    /// The world is not as it should be.
    #[error("{step}: {why}")]
    World {
        /// What was being done.
        step: String,
        /// Why not.
        why: String,
    },
}
