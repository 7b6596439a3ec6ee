//! Whose a credential is.

use model::{Digest, PersonId};
use serde::{Deserialize, Serialize};

/// Who asks on the server's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Principal {
    /// A person or machine of the roster.
    Person(PersonId),
    /// The console. Good as long as the roster lists this key.
    Console {
        /// Its public key.
        key: Digest,
    },
}

impl Principal {
    /// The person, if it is one.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Console { .. } => None,
        }
    }
}

impl From<PersonId> for Principal {
    fn from(person: PersonId) -> Self {
        Self::Person(person)
    }
}
