//! The words of the product as types, ids, digests, instants and canonical bytes.
//!
//! Everything here is a value: no clock, no randomness, no file, no network. What is hashed or
//! signed anywhere in the product is first one of these types and then [`canon`] bytes.

pub mod canon;
mod digest;
mod id;
mod instant;
mod key;
mod service;
mod span;
mod token;
mod words;

pub use digest::Digest;
pub use id::{ArtifactId, ChangeId, CommandId, EngineId, Id, IdError, NodeId, Nonce, PersonId, TenantId};
pub use instant::{Instant, InstantError};
pub use key::{KeyFault, ed25519_key};
pub use service::Service;
pub use span::Span;
pub use token::{Token, TokenError};
pub use words::{AckLevel, Category, KindName, Role, Scope, SettingName, Severity, Side, Status, UnknownWord};
