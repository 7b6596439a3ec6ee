//! What a guard looks at.

use crate::{Change, State};
use model::Instant;
use signed::{Person, Statement};

/// What a guard of every word looks at: a statement, at an instant, in a state.
#[derive(Clone, Copy)]
pub struct StatementContext<'a> {
    /// The state before.
    pub state: &'a State,
    /// The writer's stamp.
    pub now: Instant,
    /// What is said.
    pub statement: &'a Statement,
    /// Who says it; absent for a machine identity.
    pub person: Option<&'a Person>,
}

/// What a guard of a word about a change looks at.
pub struct Signing<'a> {
    /// The state before.
    pub state: &'a State,
    /// The writer's stamp.
    pub now: Instant,
    /// What is said.
    pub statement: &'a Statement,
    /// Who says it; absent for a machine identity.
    pub person: Option<&'a Person>,
    /// What it is about.
    pub change: &'a Change,
}

impl<'a> Signing<'a> {
    pub(super) fn statement_context(&self) -> StatementContext<'a> {
        StatementContext { state: self.state, now: self.now, statement: self.statement, person: self.person }
    }
}
