//! About what a bundle names, and about AI leases.

use crate::refusal::wording::{Wording, wording};
use crate::refusal::{Allowed, MissingVariable, NoLease};
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
    wording(what, format!("name another one, or {LIFT}"))
}

/// What makes something recalled usable again.
const LIFT: &str = "have a settings change lift the recall: `countersign settings show recalls` prints what is recalled, and \
    `countersign change new --kind settings-change --name recalls …` replaces it";

pub(super) fn recalled_already(resource: Resource, index: u64) -> Wording {
    let what = format!("the {} has been recalled since entry {index}; nothing has changed", word(resource));
    wording(what, format!("no later plan may name it; to use it again, {LIFT}"))
}

pub(super) fn published_already(resource: Resource, index: Option<u64>) -> Wording {
    let by = index.map(|index| format!(", by entry {index}")).unwrap_or_default();
    wording(
        format!("this {} is published for these engines already{by}; nothing has changed", word(resource)),
        "name it as it is; for other tenants' engines publish it with `--tenant`",
    )
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

/// `least_mib`: the least that the manifest lets a config give the program.
pub(super) fn memory(needed_mib: u32, allowed_mib: u32, least_mib: u32) -> Wording {
    let elsewhere = format!(
        "deploy it on an engine that allows so much: `countersign engine new --memory-mib {needed_mib} …` registers one"
    );
    let what = format!(
        "the program would be given {needed_mib} MiB, and the engine was registered for {allowed_mib} MiB at most"
    );
    if least_mib <= allowed_mib {
        let smaller = format!(
            "bind a config with a `memory_mib` from {least_mib}, the least of the program's manifest, to {allowed_mib}: \
             `countersign config publish …`"
        );
        return wording(what, format!("{smaller}; or {elsewhere}"));
    }
    wording(
        format!("{what}; no config can help, since the program's manifest allows no less than {least_mib} MiB"),
        format!("{elsewhere}; or pack a release that needs less, by `memory_mib` in its countersign.toml"),
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
        Allowed::Number { least, most } if least == most => {
            let what = format!(
                "the config sets `{what}` to something else than {most}, which is all that the manifest allows"
            );
            wording(what, publish)
        }
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
        format!("the secret {secret} that the config names is not deposited on the engine's node for its tenant"),
        "compare it with `countersign secret ls …`, which prints whole digests: where one there differs in a few characters, \
         the config has it mistyped, and another config is published and bound (`countersign config publish …`); where none \
         is like it, deposit it (`countersign secret put --engine ENGINE …`), and then have it observed again \
         (`countersign change observe …`)",
    )
}

pub(super) fn lease_not_standing(lease: &ChangeId, why: NoLease, raise: bool) -> Wording {
    let lease = lease.short();
    let (what, instead) = match why {
        NoLease::Unknown => (format!("no AI lease {lease} was granted"), None),
        NoLease::NotYet => (
            format!("the AI lease {lease} is not in force yet: its change has not been run"),
            Some(format!("have its change run first: `countersign change show {lease}` says what it waits for")),
        ),
        NoLease::Over => {
            let over = format!("the AI lease {lease} is over: its time has come, or it was revoked");
            let what = if raise { format!("{over}; what is over is not raised") } else { over };
            (what, Some("ask for a new one: `countersign lease grant …`".to_owned()))
        }
    };
    let other = if raise {
        "name one that is in force: `countersign lease ls`"
    } else {
        "bind one that is in force (`countersign lease ls`), or none"
    };
    wording(what, instead.map_or_else(|| other.to_owned(), |instead| format!("{instead}; or {other}")))
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
