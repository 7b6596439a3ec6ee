//! People of the roster.

use crate::Names;
use control::State;
use model::{PersonId, Role};
use serde::{Deserialize, Serialize};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// Pseudonym.
    pub id: PersonId,
    /// Name, for who may read it.
    pub name: String,
    pub roles: Vec<Role>,
}

impl PersonView {
    /// Everyone.
    pub fn all(state: &State, names: &Names) -> Vec<Self> {
        let view = |person: &signed::Person| Self {
            id: person.id,
            name: names.person(&person.id),
            roles: person.roles.clone(),
        };
        state.roster.people.iter().map(view).collect()
    }
}
