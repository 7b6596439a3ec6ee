//! Signing a brake: on what this machine has verified, without asking anybody.

use crate::{DeskError, text};
use client::{Signer, StatementDraft};
use follower::Follower;
use model::Instant;
use signed::{Act, REASON};
use wire::Submission;

/// How long a brake may wait for the ledger, milliseconds (23 h): less than the longest that a statement
/// lives, so that a clock that goes after this one still takes it.
const BRAKE_LIFE_MS: i64 = 23 * 3_600_000;

/// Signs a hold, a revoke or a suspend that is to be handed to the services directly.
///
/// # Errors
/// When nothing of the ledger is verified here, or the key is nobody's on its roster.
pub fn sign_brake(
    follower: &Follower,
    signer: &Signer,
    now: Instant,
    act: Act,
    reason: Option<&str>,
) -> Result<Submission, DeskError> {
    let state = follower.state();
    let seen = follower.seen().ok_or_else(|| DeskError::Refused {
        code: "ledger.not_verified",
        message: "nothing of the ledger is verified on this machine yet".to_owned(),
        next: "use a data directory in which something was signed before, or wait for Governance".to_owned(),
    })?;
    let person = signer.person(&state.roster)?;
    let texts = reason.map(|reason| text(REASON, Some(person.into()), reason)).transpose()?;
    let texts = texts.into_iter().collect();
    let not_after = now.plus_millis(BRAKE_LIFE_MS);
    Ok(signer.sign_statement(StatementDraft { ledger: state.ledger, person, act, texts, not_after, seen })?)
}
