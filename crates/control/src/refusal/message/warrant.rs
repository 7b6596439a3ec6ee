//! Warrants.

use crate::refusal::wording::{Wording, wording};
use model::Instant;

const ANOTHER: &str = "ask for the change again: `countersign change new --from CHANGE …`";

pub(super) fn missing() -> Wording {
    wording("this change has no warrant", "name an external change that was run: `countersign change ls`")
}

pub(super) fn used(index: u64) -> Wording {
    wording(format!("the warrant was used in entry {index}; it is good once"), ANOTHER)
}

pub(super) fn revoked(index: u64) -> Wording {
    wording(format!("the warrant was revoked in entry {index}"), ANOTHER)
}

pub(super) fn over(until: Instant) -> Wording {
    wording(format!("the warrant was good until {until}"), ANOTHER)
}
