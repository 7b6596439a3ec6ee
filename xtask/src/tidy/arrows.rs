//! Which of our crates may need which.

use crate::tidy::finding::Finding;
use crate::workspace::Member;

/// What a crate may name under `[dependencies]` and `[build-dependencies]`, of ours.
enum May {
    /// These and no others.
    Only(&'static [&'static str]),
    /// Any but these.
    AllBut(&'static [&'static str]),
}

/// What every service stands on; services know each other through `client` alone.
const SERVICE: May = May::Only(&[
    "model",
    "tlog",
    "signed",
    "control",
    "follower",
    "service_shell",
    "wire",
    "client",
    "artifact",
    "durable_file",
]);

/// `model ← {tlog, signed} ← control ← follower ← services` and `tlog ← ledger ← governance`, crate by crate.
///
/// Tests may need anything, so that a crate is tested against its callers' doubles.
const ARROWS: &[(&str, May)] = &[
    ("model", May::Only(&[])),
    ("tlog", May::Only(&["model"])),
    ("signed", May::Only(&["model"])),
    ("control", May::Only(&["model", "tlog", "signed"])),
    ("warrant", May::Only(&["model", "tlog", "signed", "control"])),
    ("ledger", May::Only(&["model", "tlog"])),
    ("wire", May::Only(&["model", "signed", "control"])),
    ("view", May::Only(&["model", "signed", "control"])),
    ("client", May::Only(&["model", "tlog", "signed", "control", "wire", "view"])),
    // One text is one document, whether it comes as a file or in a form.
    ("document", May::Only(&["model", "control"])),
    ("listener", May::Only(&[])),
    ("durable_file", May::Only(&[])),
    ("archive", May::Only(&["model", "control", "durable_file"])),
    ("service_shell", May::Only(&["model", "listener"])),
    (
        "follower",
        May::Only(&[
            "model",
            "tlog",
            "signed",
            "control",
            "wire",
            "client",
            "service_shell",
            "durable_file",
            "archive",
        ]),
    ),
    (
        "governance",
        May::Only(&[
            "model",
            "tlog",
            "signed",
            "control",
            "ledger",
            "service_shell",
            "wire",
            "view",
            "client",
            "durable_file",
            "archive",
        ]),
    ),
    // What is used of leases is observed, not decided: a log of its own on the ledger's durable tail.
    ("lease_journal", May::Only(&["model", "tlog", "ledger", "durable_file"])),
    (
        "platform",
        May::Only(&[
            "model",
            "tlog",
            "signed",
            "control",
            "lease_journal",
            "follower",
            "service_shell",
            "wire",
            "client",
            "artifact",
            "theme",
            "durable_file",
        ]),
    ),
    ("node", SERVICE),
    (
        "engine",
        May::Only(&[
            "model",
            "tlog",
            "signed",
            "control",
            "follower",
            "service_shell",
            "client",
            "artifact",
            "front",
            "confine",
            "durable_file",
        ]),
    ),
    ("integration", SERVICE),
    ("front", May::Only(&["model", "confine", "listener", "durable_file"])),
    ("confine", May::Only(&["model"])),
    ("theme", May::Only(&[])),
    ("storefront", May::Only(&["model", "listener", "durable_file", "theme"])),
    ("artifact", May::Only(&["model"])),
    ("supervisor", May::Only(&["model"])),
    ("desk", May::Only(&["model", "signed", "wire", "view", "client", "control", "follower", "artifact"])),
    // The console's personas sit at desks: a decision is signed there, never by Governance. What is uploaded to it is
    // judged before it is signed, as the command line does, and a theme is shown as the shop wears it.
    (
        "console",
        May::Only(&[
            "model",
            "tlog",
            "signed",
            "control",
            "follower",
            "service_shell",
            "wire",
            "view",
            "client",
            "desk",
            "durable_file",
            "document",
            "artifact",
            "theme",
            "storefront",
        ]),
    ),
    ("demo", May::Only(&["model", "view", "client", "control", "desk"])),
    ("testkit", May::AllBut(&["countersign"])),
    ("countersign", May::AllBut(&["testkit"])),
    ("xtask", May::Only(&[])),
];

/// Finds dependencies that point the wrong way, and crates whose arrows nobody has decided.
pub fn check(members: &[Member]) -> Vec<Finding> {
    members.iter().flat_map(check_member).collect()
}

fn check_member(member: &Member) -> Vec<Finding> {
    let place = format!("{}/Cargo.toml", member.folder);
    let Some((_, may)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
        let rule = format!("`{}` has no row in xtask/src/tidy/arrows.rs; decide what it may need", member.name);
        return vec![Finding::new(place, rule)];
    };
    let wrong = member.ours.iter().filter(|needed| !allows(may, needed));
    wrong.map(|needed| Finding::new(&place, format!("`{}` must not need `{needed}`", member.name))).collect()
}

fn allows(may: &May, needed: &str) -> bool {
    match may {
        May::Only(names) => names.contains(&needed),
        May::AllBut(names) => !names.contains(&needed),
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::workspace::Member;

    fn found(name: &str, ours: &[&str]) -> Vec<String> {
        let member = Member {
            name: name.to_owned(),
            folder: format!("crates/{name}"),
            ours: ours.iter().map(|name| (*name).to_owned()).collect(),
            ..Member::default()
        };
        check(&[member]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn arrows_along_the_design_are_fine() {
        assert!(found("control", &["model", "tlog", "signed"]).is_empty());
        assert!(found("platform", &["lease_journal"]).is_empty());
        assert!(found("lease_journal", &["ledger"]).is_empty());
        assert!(found("countersign", &["governance", "node", "demo"]).is_empty());
    }

    #[test]
    fn an_arrow_against_the_design_is_named() {
        assert_eq!(found("model", &["tlog"]), ["crates/model/Cargo.toml: `model` must not need `tlog`"]);
        assert_eq!(found("ledger", &["control"]).len(), 1);
        assert_eq!(found("node", &["governance", "ledger"]).len(), 2);
        assert_eq!(found("platform", &["ledger"]).len(), 1);
        assert_eq!(found("lease_journal", &["control"]).len(), 1);
        assert_eq!(found("countersign", &["testkit"]).len(), 1);
        assert_eq!(found("testkit", &["countersign"]).len(), 1);
    }

    #[test]
    fn a_new_crate_must_be_given_its_arrows() {
        assert!(found("oracle", &[])[0].contains("no row"));
    }
}
