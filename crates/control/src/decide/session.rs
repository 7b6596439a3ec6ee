//! What rests on the server's word: credentials. They enable no effect.

use crate::{Decided, Effect, Inadmissible, Login, Principal, SessionCommand, State};
use model::{Instant, Scope};

/// Longest life of a credential that acts for a person, or reads for the console, milliseconds (24 h).
const PERSON_MAX_MS: i64 = 24 * 3_600_000;
/// Longest life of a credential that only reads or sends events, milliseconds (400 days).
const MACHINE_MAX_MS: i64 = 400 * 24 * 3_600_000;

pub(super) fn decide(state: &State, now: Instant, session: &SessionCommand) -> Result<Decided, Inadmissible> {
    if !state.lists(&session.principal) {
        return Err(Inadmissible::Stranger);
    }
    let Login { token, scope, expires } = &session.login;
    // Once ended it need not be remembered, whether or not a later leaf has swept it out.
    if let Some(known) = state.sessions.get(token).filter(|known| now <= known.expires) {
        return Err(Inadmissible::Spent(known.index));
    }
    let life_ms = expires.millis_since(now);
    let (max_ms, bounds) = match (&session.principal, scope) {
        (Principal::Console { .. }, Scope::Read) => {
            (PERSON_MAX_MS, "a credential of the console lives at most 24 hours")
        }
        (Principal::Console { .. }, Scope::Person | Scope::Ingest) => {
            return Err(Inadmissible::Bounds("a credential of the console reads and does nothing else"));
        }
        (Principal::Person(_), Scope::Person) => {
            (PERSON_MAX_MS, "a credential of a person lives at most 24 hours, another at most 400 days")
        }
        (Principal::Person(_), Scope::Read | Scope::Ingest) => {
            (MACHINE_MAX_MS, "a credential of a person lives at most 24 hours, another at most 400 days")
        }
    };
    if !(0..=max_ms).contains(&life_ms) {
        return Err(Inadmissible::Lifetime { bounds, expires: *expires, now });
    }
    Ok(Decided::accepted(vec![Effect::SessionOpened { principal: session.principal, scope: *scope }], vec![]))
}
