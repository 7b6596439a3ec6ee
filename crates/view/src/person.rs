//! People of the roster.

use crate::Names;
use control::State;
use model::{PersonId, Role};
use serde::{Deserialize, Serialize};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonView {
    /// Pseudonym.
    #[schema(value_type = String)]
    pub id: PersonId,
    /// Name, for who may read it.
    pub name: String,
    #[schema(value_type = Vec<String>)]
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
