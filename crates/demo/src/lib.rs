//! The demonstration's world: two tenants, two engines and their story so far.
//!
//! Everything goes in through the public API by the personas' own signatures, step by step, and
//! each step is skipped when the ledger shows that it was done: a build that was interrupted goes
//! on where it was. Nothing is back-dated and nothing here is known to any service.

mod bound;
mod cast;
mod error;
mod file;
mod world;

pub use cast::{Cast, PERSONAS, Persona};
pub use error::DemoError;
pub use file::{DemoFile, EngineEntry, LogEntry, PersonaEntry, ServiceUrls, Tokens};
pub use world::{Releases, World, build};
