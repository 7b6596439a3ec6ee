//! Node Runtime (8082): what one production node holds and what of its memory is spoken for.
//!
//! It fetches a release from Platform Services, verifies every byte against the digest people
//! signed, unpacks it where Engine Runtime starts it from, and reserves memory for a side. Nobody
//! orders any of it over the wire: what is placed comes out of the node's own verified fold.

mod archives;
mod error;
mod executor;
mod file;
mod options;
mod placement;
mod placements;
mod reconcile;
mod routes;
mod service;
mod shelf;

pub use error::NodeError;
pub use options::{MEMORY_MIB, NodeOptions};
pub use placement::Placement;
pub use routes::{Inventory, KeptArtifact};
pub use service::run;
pub use wire::{Rehash, VerifiedView};
