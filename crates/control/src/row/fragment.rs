//! A piece of a row's text.

use super::Actor;
use crate::Refusal;
use model::{ChangeId, Digest, EngineId, Instant, NodeId, PersonId, TenantId};

/// A piece of a row's text: fixed words, or an id whose name its reader fills in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fragment {
    /// Words.
    Text(String),
    /// A person's name.
    Person(PersonId),
    /// Who is behind the leaf.
    Actor(Actor),
    /// An engine's name.
    Engine(EngineId),
    /// A tenant's name.
    Tenant(TenantId),
    /// A node's name.
    Node(NodeId),
    /// What is published under this digest is called.
    Resource(Digest),
    /// What a change is about: its engine, else its kind.
    Change(ChangeId),
    Instant(Instant),
    /// What a refusal says.
    Refusal(Box<Refusal>),
}

impl Fragment {
    /// Fixed words.
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }
}
