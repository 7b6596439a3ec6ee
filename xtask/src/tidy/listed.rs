//! Every crate, ours and others', has its line in a table for readers, and every line has its crate.

use std::collections::BTreeSet;

use crate::tidy::finding::Finding;
use crate::workspace::Member;

const CRATES: &str = "crates/README.md";
const DEPENDENCIES: &str = "docs/dependencies.md";

/// Compares our crates with the table of `crates/README.md`.
pub fn check_crates(members: &[Member], readme: &str) -> Vec<Finding> {
    let names = members.iter().filter(|member| member.folder.starts_with("crates/")).map(|member| &*member.name);
    compare(CRATES, &names.collect(), readme, 2)
}

/// Compares the third-party crates of `[workspace.dependencies]` with the table of `docs/dependencies.md`, and finds
/// crates of ours that name a third-party crate with a version of their own.
pub fn check_dependencies(members: &[Member], manifest: &str, table: &str) -> Vec<Finding> {
    let names = third_party(manifest);
    let mut findings = compare(DEPENDENCIES, &names, table, 3);
    for member in members {
        for other in member.others.iter().filter(|other| !names.contains(&***other)) {
            let rule = format!("`{other}` is not in [workspace.dependencies] of the root Cargo.toml; add it there");
            findings.push(Finding::new(format!("{}/Cargo.toml", member.folder), rule));
        }
    }
    findings
}

/// The names under `[workspace.dependencies]` that are not ours, which have a path.
fn third_party(manifest: &str) -> BTreeSet<&str> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
        } else if inside
            && !line.starts_with('#')
            && let Some((name, value)) = line.split_once('=')
            && !value.contains("path =")
        {
            names.insert(name.trim());
        }
    }
    names
}

/// Compares names with the rows `| `name` | … |` of a table whose rows have this many filled cells.
fn compare(file: &str, names: &BTreeSet<&str>, table: &str, cells: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut listed = BTreeSet::new();
    for (number, line) in table.lines().enumerate() {
        let Some((name, rest)) = line.strip_prefix("| `").and_then(|row| row.split_once('`')) else { continue };
        let place = format!("{file}:{}", number + 1);
        let filled = 1 + rest.split('|').filter(|cell| !cell.trim().is_empty()).count();
        if filled < cells {
            findings.push(Finding::new(&place, format!("the line of `{name}` has an empty cell")));
        }
        if !names.contains(name) {
            findings.push(Finding::new(&place, format!("there is no crate `{name}` any more; remove its line")));
        }
        if !listed.insert(name) {
            findings.push(Finding::new(&place, format!("`{name}` has two lines")));
        }
    }
    let missing = names.iter().filter(|name| !listed.contains(**name));
    findings.extend(missing.map(|name| Finding::new(file, format!("crate `{name}` has no line; say what it is for"))));
    findings
}

#[cfg(test)]
mod tests {
    use super::{check_crates, check_dependencies, third_party};
    use crate::workspace::Member;

    fn member(name: &str, others: &[&str]) -> Member {
        Member {
            name: name.to_owned(),
            folder: format!("crates/{name}"),
            others: others.iter().map(|name| (*name).to_owned()).collect(),
            ..Member::default()
        }
    }

    #[test]
    fn a_crate_without_line_and_a_line_without_crate_are_found() {
        let readme = "# Crates\n| crate | what |\n|---|---|\n| `tlog` | proofs |\n| `gone` | old |\n";
        let found = check_crates(&[member("tlog", &[]), member("model", &[])], readme);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("crates/README.md:5: there is no crate `gone`"));
        assert!(found[1].contains("crate `model` has no line"));
    }

    #[test]
    fn a_line_that_says_nothing_or_twice_is_found() {
        let readme = "| `tlog` | |\n| `tlog` | proofs |\n";
        assert_eq!(check_crates(&[member("tlog", &[])], readme).len(), 2);
    }

    const MANIFEST: &str = "[package]\nname = \"a\"\n[workspace.dependencies]\nmodel = { path = \"crates/model\" }\n\
        # serial = \"1\"\nserde = { version = \"1\", features = [\"matched-path\"] }\nsha2 = \"0.10\"\n[workspace.lints.rust]\nb = \"c\"\n";

    #[test]
    fn third_party_crates_are_those_without_a_path() {
        assert_eq!(third_party(MANIFEST).into_iter().collect::<Vec<_>>(), ["serde", "sha2"]);
    }

    #[test]
    fn a_dependency_without_why_and_licence_is_found() {
        let table = "| `serde` | reads JSON | MIT |\n| `sha2` | hashes | |\n";
        assert_eq!(check_dependencies(&[], MANIFEST, table).len(), 1);
        assert_eq!(check_dependencies(&[], MANIFEST, "| `serde` | reads JSON | MIT |").len(), 1);
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let table = "| `serde` | reads JSON | MIT |\n| `sha2` | hashes | MIT |\n";
        assert!(check_dependencies(&[member("tlog", &["sha2"])], MANIFEST, table).is_empty());
        assert_eq!(check_dependencies(&[member("tlog", &["md5"])], MANIFEST, table).len(), 1);
    }
}
