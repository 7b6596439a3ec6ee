//! The decision: (state, now, command) to a verdict and effects, or to "this cannot be a leaf".

mod answer;
mod certificate;
mod change;
mod clock;
mod genesis;
mod lease;
mod open;
mod outcome;
mod receipt;
mod reporting;
mod run;
mod session;
mod signed;
mod thing;

use crate::rules::RULES_MAX;
use crate::{Blobs, Command, Decided, Guards, Inadmissible, State};
use model::Instant;

type Decide = fn(&Guards, &State, &dyn Blobs, Instant, &Command) -> Result<Decided, Inadmissible>;

/// What each number of the rules decides by, from 0 on. What stood here under a number that was ever in force
/// is frozen; other behaviour is a new row.
static BY_RULES: [Decide; RULES_MAX as usize + 1] = [
    decide_0,
    // Only in test builds: one guard differs, so that a recorded ledger crosses from 0 to 1.
    #[cfg(feature = "rules-1")]
    decide_0,
];

/// Decides a command whose authority was checked ([`crate::check_authority`]).
///
/// # Errors
/// When the command is not one to decide: no leaf may record it.
pub fn decide(state: &State, blobs: &dyn Blobs, now: Instant, command: &Command) -> Result<Decided, Inadmissible> {
    decide_under(&Guards::default(), state, blobs, now, command)
}

/// [`decide`] with some guards switched off: for tests of what each guard is for.
///
/// # Errors
/// As [`decide`].
pub fn decide_under(
    guards: &Guards,
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    command: &Command,
) -> Result<Decided, Inadmissible> {
    let rules = state.rules;
    let decide = BY_RULES.get(rules as usize).ok_or(Inadmissible::NewerRules(rules))?;
    Ok(Decided { rules, ..decide(guards, state, blobs, now, command)? })
}

/// The decision under the rules that this build carries. A number whose behaviour differs has its
/// own function in [`BY_RULES`]; guards that came later say so in their row.
fn decide_0(
    guards: &Guards,
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    command: &Command,
) -> Result<Decided, Inadmissible> {
    match command {
        Command::Genesis { genesis, signatures } => genesis::decide(state, blobs, genesis, signatures),
        _ if !state.is_founded() => Err(Inadmissible::Genesis),
        Command::Signed { statement, .. } => signed::decide(guards, state, blobs, now, statement),
        Command::Receipt { receipt, .. } => receipt::decide(state, now, receipt),
        Command::Session(session) => session::decide(state, now, session),
        Command::Clock { act } => clock::decide(guards, state, now, act),
    }
}
