//! About the statement itself: its key, its time, what it binds to.

use crate::refusal::wording::{Wording, wording};
use model::{Instant, Span};

pub(super) fn key_not_active() -> Wording {
    wording("the key is not an active key of this person", "sign with a key the roster lists")
}

pub(super) fn expired(not_after: Instant, now: Instant) -> Wording {
    let by = Span(now.millis_since(not_after));
    wording(
        format!("the statement ended at {not_after}, {by} before the ledger's clock ({now})"),
        "compare your clock with the ledger's and set right whichever is wrong; then sign it again",
    )
}

pub(super) fn not_after_too_far(not_after: Instant, now: Instant) -> Wording {
    let by = Span(not_after.millis_since(now));
    wording(
        format!("the statement ends at {not_after}, {by} after the ledger's clock ({now}); at most 24 h are allowed"),
        "compare your clock with the ledger's and set right whichever is wrong; then sign it again",
    )
}

pub(super) fn seen_too_early(needed: u64) -> Wording {
    wording(
        format!("the signer's checkpoint does not cover entry {needed}, which this answers"),
        "let your client verify the newest checkpoint and sign again",
    )
}

pub(super) fn revision_stale(current: u32) -> Wording {
    wording(format!("revision {current} is current"), format!("review revision {current} and sign that"))
}

pub(super) fn digests_differ() -> Wording {
    wording(
        "package, plan, requirement or evidence differ from the current ones",
        "review the current revision and sign that",
    )
}

pub(super) fn second_person() -> Wording {
    wording("the second word must be another person's", "ask another person")
}

pub(super) fn machine_may_not() -> Wording {
    wording("a machine identity opens drafts, asks for observations and uses warrants, nothing else", "ask a person")
}

pub(super) fn only_machines() -> Wording {
    wording(
        "a warrant is used by the machine identity that carries the change out",
        "sign with the key of a machine identity; `countersign machine add …` asks for one",
    )
}
