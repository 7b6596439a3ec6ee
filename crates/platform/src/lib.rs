//! Platform Services (8090): tenants and artifacts.
//!
//! It keeps the archives of releases by the digest of their manifest, verifies every byte before it
//! says that it holds one, and hands them to whoever asks: an artifact is inert until a change
//! names its digest, and no secret. What is decided (tenants, published artifacts, credentials) it
//! answers from its own verified state, with Governance gone too.

mod certify;
mod error;
mod executor;
pub mod leases;
mod open;
mod routes;
mod service;
mod shelf;

pub use error::PlatformError;
pub use routes::{ArtifactHeld, Published, TenantView};
pub use service::run;
