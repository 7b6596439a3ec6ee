//! Integration Control (8084): the outside bindings of engines (DNS, certificates, payments).
//!
//! No provider is configured in this build, and none is pretended: the set of an engine's bindings
//! is what is on disk, which is the empty set until providers exist. What is real is that a change
//! leaves the set as it is: its digest is observed for the draft, and read before and after.

mod bindings;
mod error;
mod executor;
mod routes;
mod service;

pub use bindings::Binding;
pub use error::IntegrationError;
pub use routes::{BindingsView, EngineBindings, NO_PROVIDER};
pub use service::run;
