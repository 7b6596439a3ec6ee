//! A kind of change is named in its own room only: everything else asks the table.

use crate::tidy::Finding;
use crate::tidy::file::File;
use crate::tidy::source::{mask, without_tests};

/// Where kinds live.
const ROOM: &str = "crates/control/src/kind";

/// Files outside it that name a kind, and how often. The list only shrinks.
const ALLOWED: &[(&str, usize)] = &[
    // A kind follows from the body, and from what a grant's terms are.
    ("crates/control/src/body.rs", 7),
    ("crates/control/src/grant.rs", 1),
    // A stand-by waits for the open deployment; a suspension must leave a roster change possible.
    ("crates/control/src/decide/change.rs", 1),
    ("crates/control/src/decide/thing.rs", 1),
    // Rosters and documents are asked for by commands of their own.
    ("crates/countersign/src/command/asking.rs", 2),
    // The example world tells a story of these two; the bench deploys.
    ("crates/demo/src/world.rs", 4),
    ("crates/testkit/src/bin/bench/deploy.rs", 1),
    // Two panels of the first page are about these kinds by their names.
    ("crates/console/src/page/kinds.rs", 2),
];

/// Finds kinds named outside their room, more often than the list allows, or less often than it says.
pub fn check(files: &[File]) -> Vec<Finding> {
    let sources = files.iter().filter(|file| file.is_rust() && is_source(&file.path) && !file.path.starts_with(ROOM));
    let mut findings = vec![];
    for file in sources {
        let named = count(&file.text);
        let allowed = ALLOWED.iter().find(|(path, _)| *path == file.path).map_or(0, |(_, count)| *count);
        if named > allowed {
            let rule = format!("names a kind of change {named} times, {allowed} are allowed: ask `control::governs`");
            findings.push(Finding::new(file.path.clone(), rule));
        } else if named < allowed {
            let rule = format!("names a kind of change {named} times: lower its number in the list of kinds.rs");
            findings.push(Finding::new(file.path.clone(), rule));
        }
    }
    findings
}

/// Code of the product and not of its tests.
fn is_source(path: &str) -> bool {
    let test = path.contains("/tests/") || path.ends_with("tests.rs") || path == "crates/governance/src/scene.rs";
    path.starts_with("crates/") && path.contains("/src/") && !test
}

/// Variants of the kinds' names in a file, its tests left out.
fn count(text: &str) -> usize {
    let (code, _) = without_tests(&mask(text));
    let named = code.match_indices("KindName::").filter(|(at, found)| {
        let rest = &code[at + found.len()..];
        !rest.starts_with("ALL") && rest.starts_with(|letter: char| letter.is_ascii_uppercase())
    });
    named.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_kind_outside_its_room_is_found_and_a_list_that_is_too_long_too() {
        let text = "fn f() { KindName::Drain; KindName::ALL; \"KindName::Drain\" }\n#[cfg(test)]\nmod tests { KindName::Drain }";
        assert_eq!(check(&[file("crates/control/src/kind/drain.rs", text)]), []);
        assert_eq!(check(&[file("crates/console/tests/it/kinds.rs", text)]), []);
        assert_eq!(check(&[file("crates/node/src/executor.rs", text)]).len(), 1);
        assert_eq!(check(&[file("crates/control/src/grant.rs", text)]), []);
        assert_eq!(check(&[file("crates/control/src/grant.rs", "")]).len(), 1, "the list only shrinks");
    }
}
