//! The brake: a hold, a revoke or a suspend that an executor was handed directly, before the ledger has
//! it. What it takes away is found by deciding it on the verified state, as the writer would.

use crate::{Command, Effect, GrantEvent, Inadmissible, Refusal, RosterEvent, State, Verdict, apply, decide};
use model::{Digest, Instant};
use signed::{Act, Statement};
use std::collections::BTreeMap;

/// Most statements of one brake: a suspension of somebody else's key needs two people's words.
pub const BRAKE_STATEMENTS_MAX: usize = 2;

/// What an executor was handed, and when.
#[derive(Debug, Clone, Copy)]
pub struct Brake<'a> {
    /// What was signed.
    pub statements: &'a [Statement],
    /// Size of the executor's verified state when it was handed: intents accepted before that go on.
    pub size: u64,
}

/// Why something is no brake here and now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotBrake {
    /// No statement, or more than [`BRAKE_STATEMENTS_MAX`].
    #[error("a brake is one statement, or two of different people")]
    Count,
    /// A verb that does not only take away.
    #[error("a brake only takes away: `{0}` is no hold, revoke or suspend")]
    Gives(&'static str),
    /// The first of two people's words alone.
    #[error(
        "one person suspends another's key only together with a second person: the brake takes both statements at once"
    )]
    SecondMissing,
    /// It is not one to decide.
    #[error(transparent)]
    Inadmissible(#[from] Inadmissible),
    /// The ledger would refuse it.
    #[error("the ledger would refuse it: {}", .0.code())]
    Refused(Refusal),
}

/// Checks that what is handed holds at `now` beside the brakes that stand already, as the writer would
/// decide it. Signatures and the signers' checkpoints are [`crate::check_authority`]'s.
///
/// # Errors
/// Why it is no brake; nothing changes then.
pub fn check_brake(state: &State, now: Instant, standing: &[Brake], new: &Brake) -> Result<(), NotBrake> {
    let mut scratch = state.clone();
    for brake in standing {
        // One that holds no more takes nothing away.
        let _ = take(&mut scratch, now, brake);
    }
    take(&mut scratch, now, new)
}

/// The verified state with what the brakes take away: what an executor asks before it begins a step or
/// lets a tenant use more than its base. Never recorded, and never asked for what was decided.
pub fn braked(state: &State, now: Instant, standing: &[Brake]) -> State {
    let mut scratch = state.clone();
    for brake in standing.iter().filter(|brake| brake.size <= state.size) {
        // One that holds no more takes nothing away.
        let _ = take(&mut scratch, now, brake);
    }
    (scratch.size, scratch.last) = (state.size, state.last);
    scratch
}

/// Decides the statements one after the other, each on what the one before leaves.
fn take(state: &mut State, now: Instant, brake: &Brake) -> Result<(), NotBrake> {
    if brake.statements.is_empty() || brake.statements.len() > BRAKE_STATEMENTS_MAX {
        return Err(NotBrake::Count);
    }
    let (blobs, mut takes, mut recorded) = (BTreeMap::<Digest, Vec<u8>>::new(), false, None);
    for statement in brake.statements {
        if !matches!(statement.act, Act::Hold { .. } | Act::Revoke { .. } | Act::Suspend { .. }) {
            return Err(NotBrake::Gives(crate::verb_row(statement.act.verb()).name));
        }
        let command = Command::Signed { statement: as_seen_here(state, statement), signature: String::new() };
        match decide(state, &blobs, now, &command) {
            Ok(decided) => {
                if let Verdict::Refused(refusal) = decided.verdict {
                    return Err(NotBrake::Refused(refusal));
                }
                takes |= decided.effects.iter().any(takes_away);
                apply(state, &blobs, brake.size, &decided.into_leaf(now, command));
            }
            // Of two, the ledger may have the first already.
            Err(Inadmissible::Spent(leaf)) => recorded = Some(leaf),
            Err(why) => return Err(why.into()),
        }
    }
    match recorded {
        _ if takes => Ok(()),
        Some(leaf) => Err(Inadmissible::Spent(leaf).into()),
        None => Err(NotBrake::SecondMissing),
    }
}

/// A signer may have verified more than this executor has: that is no reason not to stop.
fn as_seen_here(state: &State, statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    statement.seen.size = statement.seen.size.min(state.size);
    statement
}

fn takes_away(effect: &Effect) -> bool {
    use crate::ChangeEvent::{Held, WarrantRevoked};
    matches!(effect.event(), Some(Held {} | WarrantRevoked {}))
        || matches!(
            effect,
            Effect::Grant { event: GrantEvent::Revoked { .. }, .. }
                | Effect::Roster { event: RosterEvent::KeySuspended { .. } }
        )
}
