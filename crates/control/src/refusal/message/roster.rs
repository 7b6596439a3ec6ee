//! About registrations, the roster and governed documents.

use crate::refusal::wording::{Wording, wording};
use model::{Digest, KindName, NodeId, TenantId};

pub(super) fn taken() -> Wording {
    wording(
        "this is there already: its id, one of its ports or one of its host names is registered",
        "choose another one; `countersign engine ls` lists what is registered",
    )
}

pub(super) fn document_unsound() -> Wording {
    wording("the document that should be in force does not hold together", "write it again from the one in force")
}

pub(super) fn burst_without_rate(tenant: &TenantId) -> Wording {
    wording(
        format!("tenant {} has a `burst` and no `per_second`, so nothing would limit it", tenant.short()),
        "give it a rate too, or leave the burst out",
    )
}

pub(super) fn rules_must_rise() -> Wording {
    wording("the number of the rules only rises", "name a higher number")
}

pub(super) fn kind_unreachable(kinds: &[KindName]) -> Wording {
    let titles: Vec<_> = kinds.iter().map(|kind| kind.title()).collect();
    wording(
        format!("afterwards there would not be people enough for: {}", titles.join(", ")),
        "keep, for each kind, other people for each role that its row names",
    )
}

pub(super) fn key_returns(key: &Digest) -> Wording {
    wording(
        format!("the key {} was listed before, or is somebody else's; it never returns", key.short()),
        "make a new one: `countersign key new …`",
    )
}

pub(super) fn node_in_use(node: &NodeId) -> Wording {
    wording(
        format!("the node {} has an engine on it, and the next roster does not list it", node.short()),
        "leave the node on the roster",
    )
}

pub(super) fn possession_missing() -> Wording {
    wording(
        "a new key comes without proof that its holder has it",
        "its holder signs the challenge: `countersign key prove …`",
    )
}

pub(super) fn suspends_last() -> Wording {
    wording(
        "afterwards nobody could ask for a roster change that adds a person",
        "the key itself can suspend itself at once",
    )
}

pub(super) fn key_unknown() -> Wording {
    wording("that is not an active key of that person", "see the roster: `countersign person ls …`")
}
