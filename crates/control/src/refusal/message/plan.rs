//! About the plan: what was observed, what serves, what may be named, what is allowed.

use crate::OverLimit;
use crate::refusal::wording::{Wording, wording};
use model::{Digest, EngineId, Service, TenantId};

const OBSERVE: &str = "have it observed again: `countersign change observe …`";

pub(super) fn observation_missing(service: Service) -> Wording {
    let service = service.title();
    wording(
        format!("{service} has not observed this draft yet"),
        format!("wait a moment; if it stays so, see whether {service} is live"),
    )
}

pub(super) fn observation_stale(service: Service) -> Wording {
    wording(format!("the observation of {} is older than 10 minutes", service.title()), OBSERVE)
}

pub(super) fn placement(needed_mib: u32, free_mib: u32) -> Wording {
    wording(
        format!("blocked on node placement: {needed_mib} MiB are needed, {free_mib} MiB are left"),
        format!(
            "make room on this node (`countersign engine ls` lists what serves there; `countersign change new --kind drain …` \
             ends what does), give the program less by a config with a smaller `memory_mib`, or choose a smaller release; \
             then {OBSERVE}"
        ),
    )
}

pub(super) fn base_drifted() -> Wording {
    wording(
        "what it starts from is not as it was planned",
        "have it planned again, as a new revision: `countersign change new --from ID --change ID …`; what replaces a \
         roster or a document is asked for again, from the one in force",
    )
}

pub(super) fn nothing_below() -> Wording {
    wording("there is no certified bundle below the serving one", "deploy a release instead")
}

pub(super) fn already_serving() -> Wording {
    wording(
        "the target of this rollback serves already",
        "run it once the deployment it stands by for is effective, or cancel it",
    )
}

pub(super) fn not_last_certified(certified: &Digest) -> Wording {
    wording("only the last certified bundle can serve again", format!("open it for the artifact {}", certified.short()))
}

pub(super) fn proven_on_unknown() -> Wording {
    wording("the engine that shall prove the release is unknown, or the same one", "name another engine")
}

pub(super) fn not_proven(on: &EngineId) -> Wording {
    wording(
        format!("not proven on engine {}: the release is not effective and certified there", on.short()),
        "deploy it there first",
    )
}

pub(super) fn nothing_serves() -> Wording {
    wording("nothing serves on this engine", "undrain it, or deploy a release")
}

pub(super) fn not_drained() -> Wording {
    wording("this engine is not drained", "there is nothing to undrain")
}

pub(super) fn nothing_certified() -> Wording {
    wording("nothing was ever certified on this engine", "deploy a release instead")
}

pub(super) fn quota_not_raised() -> Wording {
    wording(
        "each limit that is asked for must be above one that the tenant's terms have",
        "see the tenant's terms, and ask for more than they allow; what they do not limit needs no exception",
    )
}

/// The one exception that raises every limit at once.
pub(super) fn quota_exceeded(tenant: &TenantId, over: &[OverLimit]) -> Wording {
    let told =
        |one: &OverLimit| format!("{} {} are needed, {} are allowed now", one.needed, one.limit.title(), one.allowed);
    let asked = |one: &OverLimit| format!("{} {}", one.needed, one.limit.title());
    let all = |words: &dyn Fn(&OverLimit) -> String| over.iter().map(words).collect::<Vec<_>>();
    let flag = |one: &OverLimit| format!(" --{} {}", one.limit.field(), one.needed);
    let flags = all(&flag).concat();
    wording(
        format!("above the tenant's quota: {}", all(&told).join("; ")),
        format!(
            "ask for an exception that allows {}: `countersign change new --kind quota-exception --tenant {tenant}{flags} \
             --for DURATION --reason WHY …`",
            all(&asked).join(" and ")
        ),
    )
}
