//! About the plan: what was observed, what serves, what may be named, what is allowed.

use super::{Said, say};
use crate::QuotaLimit;
use model::{Digest, EngineId, Service};

const OBSERVE: &str = "have it observed again: `countersign change observe …`";

pub(super) fn observation_missing(service: Service) -> Said {
    let service = service.title();
    say(
        format!("{service} has not observed this draft yet"),
        format!("wait a moment; if it stays so, see whether {service} is live"),
    )
}

pub(super) fn observation_stale(service: Service) -> Said {
    say(format!("the observation of {} is older than 10 minutes", service.title()), OBSERVE)
}

pub(super) fn artifact_unknown() -> Said {
    say("no artifact of this digest is published", "publish it first: `countersign publish …`")
}

pub(super) fn artifact_not_held() -> Said {
    say("Platform Services does not hold this artifact", "upload it again: `countersign publish …`")
}

pub(super) fn artifact_recalled() -> Said {
    say("the artifact was recalled", "name another one, or lift the recall by a settings change")
}

pub(super) fn placement(needed_mib: u32, free_mib: u32) -> Said {
    say(
        format!("blocked on node placement: {needed_mib} MiB are needed, {free_mib} MiB are left"),
        format!("make room on this node, or choose a smaller release; then {OBSERVE}"),
    )
}

pub(super) fn base_drifted() -> Said {
    say("what it starts from is not as it was planned", "open it again as a new revision, and it is planned again")
}

pub(super) fn nothing_below() -> Said {
    say("there is no certified bundle below the serving one", "deploy a release instead")
}

pub(super) fn already_serving() -> Said {
    say("the target of this rollback serves already", "run it once a deployment has changed what serves")
}

pub(super) fn not_last_certified(certified: &Digest) -> Said {
    say("only the last certified bundle can serve again", format!("open it for the artifact {}", certified.short()))
}

pub(super) fn proven_on_unknown() -> Said {
    say("the engine that shall prove the release is unknown, or the same one", "name another engine")
}

pub(super) fn not_proven(on: &EngineId) -> Said {
    say(
        format!("not proven on engine {}: the release is not effective and certified there", on.short()),
        "deploy it there first",
    )
}

pub(super) fn nothing_serves() -> Said {
    say("nothing serves on this engine", "undrain it, or deploy a release")
}

pub(super) fn not_drained() -> Said {
    say("this engine is not drained", "there is nothing to undrain")
}

pub(super) fn nothing_certified() -> Said {
    say("nothing was ever certified on this engine", "deploy a release instead")
}

pub(super) fn quota_not_raised() -> Said {
    say(
        "each limit that is asked for must be above one that the tenant's terms have",
        "see the tenant's terms, and ask for more than they allow",
    )
}

pub(super) fn quota_exceeded(limit: QuotaLimit, needed: u32, allowed: u32) -> Said {
    say(
        format!("above the tenant's quota: {needed} {} are needed, {allowed} are allowed now", limit.title()),
        "ask for a quota exception: `countersign change new --kind quota-exception …`",
    )
}
