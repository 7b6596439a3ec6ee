//! Whose word something takes, by the ledger's own table of verbs.

use control::{Speaker, verb_row};
use model::Role;
use signed::Verb;

/// The roles, as a sentence names them.
pub fn say(verb: Verb) -> String {
    let roles: &[Role] = match verb_row(verb).speaker {
        Speaker::Roles(roles) => roles,
        _ => Role::ALL,
    };
    roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(" or ")
}
