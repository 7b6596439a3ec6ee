//! Who is behind a leaf.

use crate::{Command, Leaf, Principal};
use model::{PersonId, Service};

/// Who is behind a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person or machine identity.
    Person(PersonId),
    Service(Service),
    Console,
    Founders,
    /// The ledger's clock.
    Clock,
}

/// Who is behind a leaf.
pub fn actor(leaf: &Leaf) -> Actor {
    match &leaf.command {
        Command::Signed { statement, .. } => Actor::Person(statement.person),
        Command::Receipt { receipt, .. } => Actor::Service(receipt.service),
        Command::Session(session) => match &session.principal {
            Principal::Person(person) => Actor::Person(*person),
            Principal::Console { .. } => Actor::Console,
        },
        Command::Genesis { .. } => Actor::Founders,
        Command::Clock { .. } => Actor::Clock,
    }
}
