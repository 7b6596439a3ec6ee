//! About carrying out: runs, steps, receipts, taking back and reconciling.

use crate::refusal::wording::{Wording, wording};
use model::{ChangeId, Digest, Instant, Service, Status};

const PULL: &str = "pull the ledger and sign again";

pub(super) fn outside_window(from: Instant, until: Instant) -> Wording {
    wording(format!("its window is {from} to {until}"), "run it within its window")
}

/// Another change keeps what this one needs: where it stands, and the way out.
pub(super) fn locked(by: &ChangeId, status: Status, held_by: Option<String>) -> Wording {
    let by = by.short();
    match (status, held_by) {
        (Status::Indeterminate, _) => wording(
            format!("change {by} ended without anybody knowing how, and keeps what this one needs"),
            format!("one holder of each of its slots says how it ended: `countersign change reconcile {by} …`"),
        ),
        (_, Some(holder)) => wording(
            format!("change {by} is being carried out and is held by {holder}"),
            format!(
                "{holder} or anybody with a role releases the hold (`countersign change release {by} …`), or two people \
                 take it back (`countersign change abort {by} …`)"
            ),
        ),
        _ => wording(
            format!("change {by} is being carried out here"),
            format!("follow it: `countersign change show {by} …`"),
        ),
    }
}

pub(super) fn cooling(until: Instant) -> Wording {
    wording(format!("it cools until {until}"), "run it afterwards")
}

pub(super) fn run_too_far() -> Wording {
    wording(
        "the run of a change without steps may end at most 10 minutes after signing",
        "sign it again with a nearer end",
    )
}

pub(super) fn not_scheduled() -> Wording {
    wording(
        "only what has steps is scheduled, and only to begin before it expires",
        "run it without `--not-before`, or name an earlier time",
    )
}

pub(super) fn abort_not_held() -> Wording {
    wording("only a held change is taken back", "hold it first: `countersign change hold …`")
}

pub(super) fn not_undoable() -> Wording {
    wording(
        "a step that was done cannot be undone",
        "release the hold so that it goes on; if its executor begins nothing for an hour, reconcile it then",
    )
}

pub(super) fn not_reconciled(service: Service) -> Wording {
    wording(
        format!("{} was not read since, or says otherwise", service.title()),
        "ask for observations (`countersign change observe …`) and say what they show",
    )
}

pub(super) fn reading_missing(service: Service) -> Wording {
    let service = service.title();
    wording(
        format!("{service} has not been read since the change was carried out"),
        format!("wait until {service} is live again"),
    )
}

pub(super) fn step_not_due() -> Wording {
    wording("this step is not due for this service", "pull the ledger and ask what is due")
}

pub(super) fn intent_open() -> Wording {
    wording("this step has an intent without an outcome", "report its outcome first")
}

pub(super) fn intent_unknown() -> Wording {
    wording("no open intent has this number", "pull the ledger and ask what is open")
}

pub(super) fn foreign() -> Wording {
    wording("the receipt is of another service or node than the step", PULL)
}

pub(super) fn key() -> Wording {
    wording("the receipt names another key than follows from the step", PULL)
}

pub(super) fn act_by(most_ms: i64) -> Wording {
    wording(format!("the intent's end is past, or more than {} s ahead", most_ms / 1_000), PULL)
}

pub(super) fn observed(expected: &Digest) -> Wording {
    wording(
        format!("what was observed is not {}, which the plan names", expected.short()),
        "read it again; if it stays so, refuse the step",
    )
}

pub(super) fn code() -> Wording {
    wording("a refused or unknown outcome must say why", PULL)
}

pub(super) fn clock(at: Instant) -> Wording {
    wording(
        format!("the receipt was signed at {at}, more than 2 minutes from the ledger's clock"),
        "set the clock of that machine",
    )
}

pub(super) fn too_early(needed: u64) -> Wording {
    wording(format!("the service has not verified entry {needed}, which this is about"), PULL)
}

pub(super) fn distrusted() -> Wording {
    wording(
        "this service's key signed an intent that the service does not know",
        "replace its key by a roster change: `countersign node key …`",
    )
}
