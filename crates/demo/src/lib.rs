//! The demonstration's world: two tenants, two engines and their story so far.
//!
//! Everything goes in through the public API by the personas' own signatures, step by step, and
//! each step is skipped when the ledger shows that it was done: a build that was interrupted goes
//! on where it was. Nothing is back-dated and nothing here is known to any service.

mod cast;
mod file;
mod world;

pub use cast::{Cast, PERSONAS, Persona};
pub use file::{DemoFile, EngineEntry, LogEntry, PersonaEntry, ServiceUrls, Tokens};
pub use world::{Releases, World, build};

/// What can go wrong while the world is built.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A persona was refused, or a service does not answer.
    #[error("{step}: {source}")]
    Desk {
        /// What was being done.
        step: String,
        /// Why not.
        source: desk::DeskError,
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
