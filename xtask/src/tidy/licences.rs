//! What `deny.toml` accepts of others' code, held against what cargo says of every crate: licences, banned crates and
//! where crates come from. cargo-deny checks the same and more, where it is installed; this is checked everywhere.

use std::collections::BTreeSet;

use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::tidy::finding::Finding;

const DENY: &str = "deny.toml";
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What `deny.toml` says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Accepted {
    /// Licences, with their exception where they have one.
    licences: BTreeSet<String>,
    /// Further licences of one crate alone: its name, and the licence.
    exceptions: BTreeSet<(String, String)>,
    /// Crates that are not taken.
    banned: BTreeSet<String>,
}

/// Checks every package of `cargo metadata` that is not ours and is in the tree that is built (`cargo tree --prefix none
/// --format {p}`): metadata also lists what only features that nobody asks for would bring.
pub fn check(deny: &str, metadata: &Value, tree: &str) -> Vec<Finding> {
    let accepted = read(deny);
    if accepted.licences.is_empty() {
        return vec![Finding::new(DENY, "no licence is listed under `[licenses] allow`")];
    }
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let built: BTreeSet<(&str, &str)> = tree.lines().filter_map(name_and_version).collect();
    let is_built = |package: &&Value| {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        built.contains(&(text("name"), text("version")))
    };
    // Ours have no source; `publish = false` says that they are nobody's to license.
    let others = packages.iter().filter(|package| !package["source"].is_null());
    others.filter(is_built).flat_map(|package| check_package(&accepted, package)).collect()
}

/// `name v1.2.3 (proc-macro)` without what follows.
fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once(" v")?;
    Some((name, rest.split(' ').next()?))
}

fn check_package(accepted: &Accepted, package: &Value) -> Vec<Finding> {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    let place = format!("{} {}", text("name"), text("version"));
    let mut findings = Vec::new();
    let own = accepted.exceptions.iter().filter(|(name, _)| *name == text("name")).map(|(_, licence)| licence.clone());
    let licences = accepted.licences.iter().cloned().chain(own).collect();
    if let Some(why) = refused(&licences, text("license")) {
        findings.push(Finding::new(&place, format!("{why}; see `cargo tree -i {}`", text("name"))));
    }
    if accepted.banned.contains(text("name")) {
        findings
            .push(Finding::new(&place, format!("{DENY} bans it and says why; see `cargo tree -i {}`", text("name"))));
    }
    if text("source") != CRATES_IO {
        findings
            .push(Finding::new(&place, format!("it comes from {}, and only crates.io is accepted", text("source"))));
    }
    findings
}

/// Why a licence expression (SPDX, or the older form with a slash) is not accepted.
fn refused(licences: &BTreeSet<String>, expression: &str) -> Option<String> {
    if expression.is_empty() {
        return Some("its manifest names no licence".to_owned());
    }
    let parsed = match Expression::parse_mode(expression, ParseMode::LAX) {
        Ok(parsed) => parsed,
        Err(error) => return Some(format!("its licence `{expression}` is no SPDX expression: {}", error.reason)),
    };
    if parsed.evaluate(|licence| licences.contains(&licence.to_string())) {
        return None;
    }
    Some(format!("its licence `{expression}` is not met by those that {DENY} accepts"))
}

/// The lists of `deny.toml`: the quoted texts of `[licenses] allow`, crate and licences of each line of its
/// `exceptions`, and the crates of `[bans] deny`.
fn read(deny: &str) -> Accepted {
    let mut accepted = Accepted::default();
    let (mut section, mut list) = (String::new(), String::new());
    for line in deny.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') && line.ends_with(']') && list.is_empty() {
            line.trim_matches(['[', ']']).clone_into(&mut section);
            continue;
        }
        let mut rest = line;
        let begins = line.split_once(" = [").filter(|(key, _)| !key.starts_with('{'));
        if let Some((key, value)) = begins {
            key.clone_into(&mut list);
            rest = value;
        }
        match (&*section, &*list) {
            ("licenses", "allow") => accepted.licences.extend(quoted(rest)),
            ("licenses", "exceptions") => {
                let mut words = quoted(rest);
                let name = words.next().unwrap_or_default();
                accepted.exceptions.extend(words.map(|licence| (name.clone(), licence)));
            }
            ("bans", "deny") => {
                let banned = rest.split_once("crate = ").and_then(|(_, rest)| quoted(rest).next());
                accepted.banned.extend(banned);
            }
            _ => {}
        }
        if line.ends_with(']') {
            list.clear();
        }
    }
    accepted
}

fn quoted(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split('"').skip(1).step_by(2).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TEXT: &str = "# one\n[licenses]\n# two\nallow = [\n    \"MIT\",\n    \"Apache-2.0\",\n    \"Unicode-3.0\",\n]\n\
        [licenses.private]\nignore = true\n[bans]\nwildcards = \"deny\"\ndeny = [\n\
        \x20   { crate = \"openssl\", reason = \"see \\\"why\\\"\" },\n]\n[sources]\nunknown-git = \"deny\"\n";

    fn found(license: &Value, name: &str, source: &str) -> Vec<String> {
        let package = json!({"name": name, "version": "1.0.0", "license": license, "source": source});
        let tree = format!("ours v0.1.0 (/src/ours)\n{name} v1.0.0 (proc-macro)\n");
        check(TEXT, &json!({"packages": [package]}), &tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_lists_are_read_and_nothing_beside_them() {
        let accepted = read(TEXT);
        assert_eq!(accepted.licences.iter().collect::<Vec<_>>(), ["Apache-2.0", "MIT", "Unicode-3.0"]);
        assert_eq!(accepted.banned.iter().collect::<Vec<_>>(), ["openssl"]);
        assert_eq!(read("[licenses]\nallow = [\"MIT\", \"ISC\"]\n").licences.len(), 2);
        assert_eq!(check("", &json!({"packages": []}), "").len(), 1, "an empty list accepts nothing");
    }

    #[test]
    fn an_expression_is_met_by_accepted_licences_alone() {
        for accepted in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
        ] {
            assert_eq!(found(&accepted.into(), "a", CRATES_IO), Vec::<String>::new(), "{accepted}");
        }
        for refused in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR Apache-2.0) AND OpenSSL",
            "Apache-2.0 WITH LLVM-exception",
            "LicenseRef-own",
            "MIT AND",
            "Mine",
            "",
        ] {
            assert_eq!(found(&refused.into(), "a", CRATES_IO).len(), 1, "{refused}");
        }
        assert!(found(&Value::Null, "a", CRATES_IO)[0].contains("names no licence"));
    }

    #[test]
    fn a_banned_crate_and_another_source_are_found_and_ours_are_ours() {
        assert!(found(&"MIT".into(), "openssl", CRATES_IO)[0].contains("deny.toml bans it"));
        assert!(found(&"MIT".into(), "a", "git+https://example.com/a")[0].contains("only crates.io"));
        let ours = json!({"packages": [{"name": "model", "version": "0.1.0", "license": null, "source": null}]});
        assert!(check(TEXT, &ours, "model v0.1.0 (/src/crates/model)\n").is_empty());
        let text = TEXT
            .replace("[bans]", "[licenses]\nexceptions = [\n    { crate = \"a\", allow = [\"MPL-2.0\"] },\n]\n[bans]");
        let one = |name: &str, license: &str| {
            let package = json!({"name": name, "version": "1.0.0", "license": license, "source": CRATES_IO});
            check(&text, &json!({"packages": [package]}), &format!("{name} v1.0.0\n")).len()
        };
        assert_eq!(
            [one("a", "MPL-2.0"), one("a", "GPL-3.0-only"), one("b", "MPL-2.0"), one("openssl", "MIT")],
            [0, 1, 1, 1]
        );
        let asleep = json!({"packages": [{"name": "a", "version": "1.0.0", "license": "Mine", "source": CRATES_IO}]});
        assert!(check(TEXT, &asleep, "a v1.0.1\n").is_empty(), "no feature brings this version");
        assert_eq!(check(TEXT, &asleep, "a v1.0.0\n").len(), 1);
    }
}
