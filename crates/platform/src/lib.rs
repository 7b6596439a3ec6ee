//! Platform Services (8090): tenants and artifacts.
//!
//! It keeps the archives of releases by the digest of their manifest, verifies every byte before it
//! says that it holds one, and hands them to nodes and to who may read of their tenant: an artifact is
//! inert until a change names its digest. What is decided (tenants, published artifacts, credentials) it
//! answers from its own verified state, with Governance gone too.

mod artifact_held;
mod certify;
mod error;
mod executor;
pub mod leases;
mod manifests;
mod open;
mod places;
mod room;
mod routes;
mod service;
mod shelf;

pub use artifact_held::{ArtifactHeld, PublishedAs};
pub use error::PlatformError;
pub use routes::{ManifestView, TenantView};
pub use service::{PlatformOptions, run};
