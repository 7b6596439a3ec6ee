//! The words of the product as types, ids, digests, instants and canonical bytes.
//!
//! Everything here is a value: no clock, no randomness, no file, no network. What is hashed or
//! signed anywhere in the product is first one of these types and then [`canon`] bytes.

mod amount;
mod bundle;
pub mod canon;
mod digest;
mod id;
mod instant;
mod key;
mod profile;
mod service;
mod span;
mod token;
mod words;

pub use amount::Amount;
pub use bundle::Bundle;
pub use digest::Digest;
pub use id::{ArtifactId, ChangeId, CommandId, EngineId, Id, IdError, NodeId, Nonce, PersonId, TenantId};
pub use instant::{Instant, InstantError};
pub use key::{KeyFault, ed25519_key};
pub use profile::{Bounds, MAX_NEEDS, MAX_OUTBOUND, MAX_VARIABLE, Need, Profile, Range, is_variable};
pub use service::Service;
pub use span::Span;
pub use token::{Token, TokenError};
pub use words::{
    AckLevel, Category, KindName, LeaseClass, Period, Resource, Role, Scope, SettingName, Severity, Side, Status,
    UnknownWord,
};
