//! About what a bundle names, and about AI leases.

use crate::refusal::wording::{Wording, wording};
use crate::refusal::{Allowed, MissingVariable};
use model::{ChangeId, Digest, Instant, Resource, Token};

fn word(resource: Resource) -> &'static str {
    match resource {
        Resource::Artifact => "artifact",
        Resource::Config => "config",
        Resource::Theme => "client theme",
        Resource::Retention => "retention policy",
    }
}

/// The command that publishes one.
fn publish(resource: Resource) -> &'static str {
    match resource {
        Resource::Artifact => "`countersign publish …`",
        Resource::Config => "`countersign config publish …`",
        Resource::Theme => "`countersign theme publish …`",
        Resource::Retention => "`countersign retention publish …`",
    }
}

pub(super) fn unknown(resource: Resource) -> Wording {
    let what = format!("no {} of this digest is published", word(resource));
    wording(what, format!("publish it first: {}", publish(resource)))
}

pub(super) fn not_held(resource: Resource) -> Wording {
    let what = format!("Platform Services does not hold this {}, or not as its digest says", word(resource));
    wording(what, format!("upload it again: {}", publish(resource)))
}

pub(super) fn recalled(resource: Resource) -> Wording {
    let what = format!("the {} was recalled", word(resource));
    wording(what, "name another one, or lift the recall by a settings change")
}

pub(super) fn not_certified(resource: Resource, why: Option<&Token>) -> Wording {
    match why {
        None => wording(
            format!("Platform Services has not certified this {} yet", word(resource)),
            "wait a moment; if it stays so, see whether Platform Services is live and holds it",
        ),
        Some(why) => wording(
            format!("Platform Services found that this {} is not what was published ({why})", word(resource)),
            format!("give it another version, pack it again, and publish that: {}", publish(resource)),
        ),
    }
}

pub(super) fn other_tenant(resource: Resource) -> Wording {
    let what = format!("this {} was published for other tenants' engines alone", word(resource));
    wording(what, format!("publish the same for this tenant, too, with `--tenant`: {}", publish(resource)))
}

pub(super) fn published_otherwise(resource: Resource, product: &Token, version: &Token) -> Wording {
    wording(
        format!("the same was published before, as the {} {product} {version}", word(resource)),
        "publish it as that for more engines, or change what you publish",
    )
}

pub(super) fn edition_taken(resource: Resource, by: &Digest) -> Wording {
    wording(
        format!(
            "another {} is published as this product and version for the same engines: {}",
            word(resource),
            by.short()
        ),
        "give this one another version, or have the other one recalled first",
    )
}

pub(super) fn runtime(artifact: &Token, engine: &Token) -> Wording {
    wording(
        format!("the artifact is made for engines of the sort `{artifact}`, and this engine is of the sort `{engine}`"),
        format!(
            "register an engine of its sort (`countersign engine new --runtime {artifact} …`), or pack it for this one \
             (`countersign artifact pack DIR --runtime {engine}`)"
        ),
    )
}

pub(super) fn memory(needed_mib: u32, allowed_mib: u32) -> Wording {
    wording(
        format!("{needed_mib} MiB are needed, and the engine's profile allows {allowed_mib} MiB"),
        "give it less memory in its config, or deploy it on an engine that allows more",
    )
}

pub(super) fn incomplete(missing: &[MissingVariable], more: u32, bound: bool) -> Wording {
    let called = |variable: &MissingVariable| {
        let sort = if variable.secret { " (a secret)" } else { "" };
        format!("`{}`{sort}", variable.key)
    };
    let mut names: Vec<_> = missing.iter().map(called).collect();
    names.extend((more > 0).then(|| format!("{more} more")));
    let several = if names.len() == 1 { "variable" } else { "variables" };
    let lacks = if bound { "the config does not set it" } else { "no config is bound" };
    let lacks = if bound && names.len() > 1 { "the config does not set them" } else { lacks };
    let deposit = if missing.iter().any(|variable| variable.secret) {
        "deposit each secret with `countersign secret put …` and name under [secrets] the digest that it prints; "
    } else {
        ""
    };
    wording(
        format!("the program needs the {several} {}, and {lacks}", names.join(", ")),
        format!("{deposit}publish a config that sets all of it, and bind that: `countersign config publish …`"),
    )
}

pub(super) fn in_the_open(key: &Token) -> Wording {
    wording(
        format!("`{key}` is a secret of this program, and the config has it among its values"),
        "put it under [secrets]: deposit it with `countersign secret put …` and name the digest that it prints; the \
         value that was published can be read by everybody: replace it where it came from",
    )
}

pub(super) fn outside(what: &Token, allowed: &Allowed) -> Wording {
    let publish = "publish a config that keeps to it: `countersign config publish …`";
    let wider = |field: &str| format!("{publish}; or have the program allow it, by `{field}` in its countersign.toml");
    match allowed {
        Allowed::Number { least, most } => {
            let what = format!("the config sets `{what}` to something else than a whole number from {least} to {most}");
            wording(what, publish)
        }
        Allowed::Ports { ports } if ports.is_empty() => {
            let what = "the config lets the program connect to other hosts, and its manifest names no port for that";
            wording(what, wider("outbound"))
        }
        Allowed::Ports { ports } => {
            let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
            let ports = ports.join(", ");
            let what = format!(
                "the config lets the program connect to a port of other hosts that its manifest does not list; it lists {ports}"
            );
            wording(what, wider("outbound"))
        }
        Allowed::Value {} => {
            let what = format!("the config names a secret for `{what}`, which is no secret of this program");
            wording(
                what,
                "set it under [values]; or have the program call it one, by `secret = true` in its countersign.toml",
            )
        }
        Allowed::Nothing {} => {
            let what = format!("the config sets `{what}`, which the program does not read");
            wording(what, wider("[[variables]]"))
        }
    }
}

pub(super) fn host(host: &Token) -> Wording {
    wording(
        format!("the config names the host `{host}`, which this engine is not registered for"),
        "leave it out of the config, or bind the config to the engine that has it",
    )
}

pub(super) fn secret(secret: &Digest) -> Wording {
    wording(
        format!(
            "the secret {} that the config names is not deposited on the engine's node for its tenant",
            secret.short()
        ),
        "deposit it: `countersign secret put --engine ENGINE …`; then have it observed again: `countersign change observe …`",
    )
}

pub(super) fn lease_not_standing(lease: &ChangeId) -> Wording {
    wording(
        format!("the AI lease {} does not stand: it was never granted, or is over", lease.short()),
        "bind one that stands (`countersign lease ls`), or none",
    )
}

pub(super) fn lease_of_other(lease: &ChangeId) -> Wording {
    let what = format!("the AI lease {} is another tenant's", lease.short());
    wording(what, "bind one of the engine's own tenant: `countersign lease ls`")
}

pub(super) fn lease_unsound() -> Wording {
    wording(
        "the terms of the lease are not possible",
        "it has at least one cycle and at most 9,007,199,254,740,991, and a price names its currency by three capital letters",
    )
}

pub(super) fn lease_zone_unknown(zone: &Token) -> Wording {
    wording(
        format!("Platform Services knows no time zone `{zone}`, so it could not count cycles in its periods"),
        "cancel this draft and ask again with a zone as the IANA database spells it, such as America/New_York or UTC",
    )
}

pub(super) fn lease_not_raised() -> Wording {
    wording(
        "an override raises the cycles of a lease that stands, and changes nothing else of it",
        "ask for more cycles than the lease has: `countersign lease ls`",
    )
}

pub(super) fn lease_raised_already(by: &ChangeId) -> Wording {
    wording(
        format!("another override of this lease stands: {}", by.short()),
        "wait until it is over, or have it revoked: `countersign change revoke …`",
    )
}

pub(super) fn asked_by_other() -> Wording {
    wording(
        "it is said that another tenant asked for it than the one it is for",
        "name the tenant that it is for, or none",
    )
}

pub(super) fn certificate() -> Wording {
    wording("what was found is not what was published", "the service says that it is not certified, and why")
}

pub(super) fn period_open(until: Instant) -> Wording {
    wording(format!("the period is not over before {until}"), "the service reports it then")
}

pub(super) fn journal_shorter(known: u64) -> Wording {
    wording(
        format!(
            "the journal of leases had {known} entries when it was last reported, and does not have all of them now"
        ),
        "restore the journal of Platform Services; it grants no cycles until then",
    )
}
