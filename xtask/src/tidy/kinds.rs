//! A kind of change, its body, what it grants and what its steps do are named at home only: everything else asks
//! the kind, the body or the action.

use crate::tidy::file::File;
use crate::tidy::finding::Finding;
use crate::tidy::source::{mask, without_tests};

/// A type whose variants are named at home only.
struct Named {
    /// Its name, or how the names of all such types end.
    type_name: &'static str,
    /// Whether longer names that end so are meant too.
    is_ending: bool,
    /// Where the paths of its homes begin.
    homes: &'static [&'static str],
    /// What everything else does instead.
    instead: &'static str,
}

const KINDS: &str = "crates/control/src/kind";

const NAMED: &[Named] = &[
    Named { type_name: "KindName", is_ending: false, homes: &[KINDS], instead: "ask `control::governs`" },
    Named {
        type_name: "Body",
        is_ending: false,
        homes: &[KINDS, "crates/control/src/body.rs"],
        instead: "ask the body, or the kind's `Governs`",
    },
    Named {
        type_name: "Terms",
        is_ending: false,
        homes: &[KINDS, "crates/control/src/grant.rs"],
        instead: "ask the grant's terms",
    },
    Named {
        type_name: "Action",
        is_ending: true,
        homes: &[
            KINDS,
            "crates/control/src/action",
            // Each executor carries out its own.
            "crates/engine/src/executor.rs",
            "crates/integration/src/executor.rs",
            "crates/node/src/executor.rs",
            "crates/platform/src/executor.rs",
        ],
        instead: "ask the action",
    },
];

/// Finds variants that are named elsewhere.
pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = vec![];
    for file in files.iter().filter(|file| file.is_rust() && is_source(&file.path)) {
        let (code, _) = without_tests(&mask(&file.text));
        for named in NAMED.iter().filter(|named| !named.homes.iter().any(|home| file.path.starts_with(home))) {
            let count = count(&code, named);
            if count > 0 {
                let rule = format!("names variants of {} {count} times: {}", named.type_name, named.instead);
                findings.push(Finding::new(file.path.clone(), rule));
            }
        }
    }
    findings
}

/// Code of the product and not of its tests.
fn is_source(path: &str) -> bool {
    let for_tests = path.starts_with("crates/testkit/src/") && !path.starts_with("crates/testkit/src/bin/");
    let test =
        for_tests || path.contains("/tests/") || path.ends_with("tests.rs") || path == "crates/governance/src/scene.rs";
    path.starts_with("crates/") && path.contains("/src/") && !test
}

/// Variants of a type in code; the list of all of them names none.
fn count(code: &str, named: &Named) -> usize {
    let path = format!("{}::", named.type_name);
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let found = code.match_indices(&path).filter(|(at, found)| {
        let rest = &code[at + found.len()..];
        let longer = code[..*at].ends_with(is_word);
        let all = rest.strip_prefix("ALL").is_some_and(|rest| !rest.starts_with(is_word));
        (named.is_ending || !longer) && !all && rest.starts_with(|letter: char| letter.is_ascii_uppercase())
    });
    found.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[File { path: path.to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn a_kind_that_is_named_away_from_home_is_found() {
        let text = "fn f() { KindName::Drain; KindName::ALL; \"KindName::Drain\" }\n#[cfg(test)]\nmod tests { KindName::Drain }";
        assert_eq!(found("crates/control/src/kind/drain.rs", text), 0);
        assert_eq!(found("crates/console/tests/it/kinds.rs", text), 0);
        assert_eq!(found("crates/testkit/src/double/flow.rs", text), 0);
        assert_eq!(found("crates/testkit/src/bin/bench/deploy.rs", text), 1);
        assert_eq!(found("crates/node/src/executor.rs", text), 1);
    }

    #[test]
    fn bodies_terms_and_actions_are_named_at_home_only() {
        let text = "fn f() { Body::Drain; Body::empty(); PartBody::Other; Terms::Quota; EngineAction::Stop }";
        assert_eq!(found("crates/console/src/page/plan.rs", text), 3);
        assert_eq!(found("crates/engine/src/executor.rs", text), 2);
        assert_eq!(found("crates/control/src/body.rs", text), 2);
        assert_eq!(found("crates/control/src/kind/quota.rs", text), 0);
    }
}
