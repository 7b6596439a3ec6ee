//! What is refused, and with which status.

use super::NoRight;
use axum::http::StatusCode;
use lease_journal::{JournalError, Refusal, SubmitError};
use model::ChangeId;
use service_shell::Problem;
use std::time::Duration;

/// An answer of the journal that is no grant.
pub(super) fn journal(error: &JournalError) -> Problem {
    let (says, code, next) = (error.to_string(), error.code(), error.next());
    match error {
        JournalError::Refused(refusal) => refused(refusal, says, next),
        // Nothing that the caller can mend, nor this build.
        JournalError::Period(_) => Problem::refused(code, says, next),
        JournalError::Head(_) => Problem::unavailable(code, says, next, 60),
        JournalError::Submit(SubmitError::Busy) => Problem::too_many(code, says, 1),
        JournalError::Submit(error) => {
            tracing::warn!(%error, "platform: the lease journal gave no answer");
            Problem::unavailable(code, says, next, 1)
        }
    }
}

fn refused(refusal: &Refusal, says: String, next: String) -> Problem {
    match refusal {
        Refusal::Internal => Problem::internal(),
        Refusal::Cycles(_) | Refusal::Hold(_) => Problem::malformed(refusal.code(), says, next),
        Refusal::Unknown { .. } => Problem::not_found(refusal.code(), says, next),
        Refusal::TooMany => Problem::new(StatusCode::TOO_MANY_REQUESTS, refusal.code(), says, next).retry_after_s(1),
        _ => Problem::refused(refusal.code(), says, next),
    }
}

/// An engine that reserves faster than one may.
pub(super) fn too_often(wait: Duration) -> Problem {
    let says =
        "this engine has reserved as often as one engine may for now: 1,000 times at once, 50 a second over time";
    let seconds = u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(60);
    Problem::too_many("reservations.too_often", says, seconds)
}

/// An engine that is bound to no lease.
pub(super) fn no_lease() -> Problem {
    let says = "the bundle that serves on this engine names no lease";
    Problem::not_found("lease.not_found", says, "have a lease granted, and deploy the engine with it")
}

/// A lease that allows the engine nothing.
pub(super) fn no_right(why: NoRight, lease: &ChangeId) -> Problem {
    match why {
        NoRight::Unknown => {
            let says = format!("no lease {} was granted to this engine", lease.short());
            Problem::not_found("lease.not_found", says, "ask with the lease of the bundle that the engine is bound to")
        }
        NoRight::Ended { at } => {
            let says = format!("the lease has ended at {at}; what was reserved before can still be posted");
            Problem::refused("lease.ended", says, "ask for a new lease, and have it bound to the engine")
        }
    }
}

/// A state that may miss what takes away.
pub(super) fn not_current(why: &str) -> Problem {
    let says = format!("this service has not caught up with the ledger yet: {why}");
    Problem::unavailable("ledger.behind", says, "ask again in a second, with the same id", 1)
}

/// A lease that a token may not see, as one that is not there: that it is says something, too.
pub(super) fn not_seen(lease: &ChangeId) -> Problem {
    let says = format!("there is no lease {} that this token may see", lease.short());
    Problem::not_found("lease.not_found", says, "ask with the token of its engine, or sign in")
}

/// A process that visitors are not led to.
pub(super) fn not_serving() -> Problem {
    let says = "this process does not serve its engine's visitors, so it sets no cycles aside";
    let next = "ask again once it serves; what it has reserved it can still post or give back";
    Problem::refused("engine.not_serving", says.to_owned(), next)
}

/// A token that is no engine's.
pub(super) fn no_engine() -> Problem {
    let next = "send the engine's own token, which it is given when it starts: `authorization: Bearer <token>`";
    Problem::unauthenticated("token.unknown", "the token is no engine's, or has ended", next)
}

/// A path that names nothing.
pub(super) fn malformed(text: &str) -> Problem {
    let says = format!("`{}` is no id", text.chars().take(64).collect::<String>());
    Problem::malformed("id.malformed", says, "an id is 32 lower-case hexadecimal digits")
}
