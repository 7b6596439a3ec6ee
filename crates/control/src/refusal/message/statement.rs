//! About the statement itself: its key, its time, what it binds to.

use super::{Said, say};
use model::{Instant, Span};

pub(super) fn key_not_active() -> Said {
    say("the key is not an active key of this person", "sign with a key the roster lists")
}

pub(super) fn expired(not_after: Instant, now: Instant) -> Said {
    let by = Span(now.millis_since(not_after));
    say(
        format!("the statement ended at {not_after}, {by} before the ledger's clock ({now})"),
        "compare your clock with the ledger's and set right whichever is wrong; then sign it again",
    )
}

pub(super) fn not_after_too_far(not_after: Instant, now: Instant) -> Said {
    let by = Span(not_after.millis_since(now));
    say(
        format!("the statement ends at {not_after}, {by} after the ledger's clock ({now}); at most 24 h are allowed"),
        "compare your clock with the ledger's and set right whichever is wrong; then sign it again",
    )
}

pub(super) fn seen_too_early(needed: u64) -> Said {
    say(
        format!("the signer's checkpoint does not cover entry {needed}, which this answers"),
        "let your client verify the newest checkpoint and sign again",
    )
}

pub(super) fn revision_stale(current: u32) -> Said {
    say(format!("revision {current} is current"), format!("review revision {current} and sign that"))
}

pub(super) fn digests_differ() -> Said {
    say(
        "package, plan, requirement or evidence differ from the current ones",
        "review the current revision and sign that",
    )
}

pub(super) fn second_person() -> Said {
    say("the second word must be another person's", "ask another person")
}

pub(super) fn machine_may_not() -> Said {
    say("a machine identity opens drafts, attaches evidence and uses warrants, nothing else", "ask a person")
}

pub(super) fn only_machines() -> Said {
    say(
        "a warrant is used by the machine identity that carries the change out",
        "sign with the key of a machine identity; `countersign machine add …` asks for one",
    )
}
