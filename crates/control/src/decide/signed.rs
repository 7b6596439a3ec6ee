//! A person's signed word, or a machine identity's.

use super::{change, open, thing};
use crate::guard::StatementContext;
use crate::{Blobs, Decided, Guards, Inadmissible, State};
use model::Instant;
use signed::{Act, PARTS_MAX, Statement};

pub(super) fn decide(
    guards: &Guards,
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    statement: &Statement,
) -> Result<Decided, Inadmissible> {
    if statement.ledger != state.ledger {
        return Err(Inadmissible::OtherLedger);
    }
    let person = state.roster.person(&statement.person);
    if person.is_none() && state.roster.machine(&statement.person).is_none() {
        return Err(Inadmissible::Stranger);
    }
    let digest = statement.digest().map_err(|_| Inadmissible::Bounds("the statement has no canonical form"))?;
    // Once ended it is refused for that, whether or not a later leaf has swept it out.
    let alive = now <= statement.not_after;
    if let Some(leaf) = state.spent.get(&(statement.not_after, digest)).filter(|_| alive) {
        return Err(Inadmissible::Spent(*leaf));
    }
    if statement.seen.size == 0 || statement.seen.size > state.size {
        return Err(Inadmissible::Bounds("`seen` names a tree this ledger does not have"));
    }
    if statement.parts.len() > PARTS_MAX {
        return Err(Inadmissible::Bounds("a statement has at most 32 parts"));
    }
    match &statement.act {
        Act::Open { change, package } => open::decide(guards, state, blobs, now, statement, person, (change, package)),
        act => match act.change() {
            None => thing::decide(guards, blobs, &StatementContext { state, now, statement, person }),
            Some(id) => change::decide(guards, state, now, statement, person, &id),
        },
    }
}
