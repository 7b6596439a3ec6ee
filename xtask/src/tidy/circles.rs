//! Inside a crate, too, what is needed flows one way: no file needs another that needs it, over however many.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::file::File;
use crate::tidy::finding::Finding;
use crate::tidy::modules::{Modules, Need, Path};
use crate::tidy::source::{mask, without_tests};

/// Finds the circles between the files of each crate, tests apart.
pub fn check(folders: &[&str], files: &[File]) -> Vec<Finding> {
    let mut sources = BTreeSet::new();
    for folder in folders {
        let source = format!("{folder}/src/");
        for rest in files.iter().filter_map(|file| file.path.strip_prefix(&source)) {
            // A binary of its own is a crate of its own.
            let binary = rest.strip_prefix("bin/").and_then(|rest| rest.split_once('/'));
            sources.insert(binary.map_or_else(|| source.clone(), |(binary, _)| format!("{source}bin/{binary}/")));
        }
    }
    sources.iter().flat_map(|source| check_crate(source, files)).collect()
}

fn check_crate(source: &str, files: &[File]) -> Vec<Finding> {
    let mut modules = Modules::default();
    let (mut tests, mut codes) = (BTreeSet::new(), Vec::new());
    for file in files.iter().filter(|file| file.is_rust()) {
        let Some(path) = file.path.strip_prefix(source).filter(|rest| !rest.starts_with("bin/")).map(path) else {
            continue;
        };
        let (code, of_tests) = without_tests(&mask(&file.text));
        tests.extend(of_tests.into_iter().map(|name| [&*path, &[name]].concat()));
        codes.push((path, file, code));
    }
    codes.retain(|(path, ..)| !(1..=path.len()).any(|length| tests.contains(&path[..length])));
    let mut findings = Vec::new();
    for (path, file, code) in codes {
        match code.parse() {
            Ok(code) => modules.add(path, &file.path, code),
            Err(_) => findings.push(Finding::new(&file.path, "no Rust that `proc-macro2` can read")),
        }
    }
    findings.extend(circles(&modules.needs()).iter().map(|circle| finding(circle)));
    findings
}

/// The path of the module in this file, which is named from the crate's `src`.
fn path(file: &str) -> Path {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let mut path: Path = stem.split('/').map(str::to_owned).collect();
    path.pop_if(|last| matches!(&**last, "lib" | "main" | "mod"));
    path
}

/// The needs within each set of files that all lead to each other.
fn circles(needs: &BTreeSet<Need>) -> Vec<Vec<&Need>> {
    let mut direct: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to, _) in needs {
        direct.entry(from).or_default().insert(to);
    }
    let all: BTreeMap<&str, BTreeSet<&str>> = direct.keys().map(|file| (*file, reached(&direct, file))).collect();
    let leads = |from: &str, to: &str| all.get(from).is_some_and(|reached| reached.contains(to));
    let mut circles: BTreeMap<&str, Vec<&Need>> = BTreeMap::new();
    for need in needs.iter().filter(|(from, to, _)| leads(to, from)) {
        let first = all.keys().find(|file| leads(file, &need.0) && leads(&need.0, file));
        circles.entry(first.unwrap_or(&&*need.0)).or_default().push(need);
    }
    circles.into_values().collect()
}

/// The files that this one leads to.
fn reached<'n>(direct: &BTreeMap<&'n str, BTreeSet<&'n str>>, start: &'n str) -> BTreeSet<&'n str> {
    let (mut reached, mut left) = (BTreeSet::new(), vec![start]);
    while let Some(file) = left.pop() {
        left.extend(direct.get(file).into_iter().flatten().filter(|next| reached.insert(**next)));
    }
    reached
}

fn finding(circle: &[&Need]) -> Finding {
    let mut edges: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (from, to, name) in circle {
        edges.entry((from, to)).or_default().push(name);
    }
    let edges: Vec<String> =
        edges.iter().map(|((from, to), names)| format!("\n  {from} needs {} of {to}", names.join(", "))).collect();
    let rule = format!("a circle; move what is needed to a file of its own, or further down:{}", edges.concat());
    Finding::new(&circle[0].0, rule)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::file::tests::file;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<_> = files.iter().map(|(path, text)| file(&format!("crates/a/src/{path}"), text)).collect();
        check(&["crates/a"], &files).iter().map(ToString::to_string).collect()
    }

    const ROOT: (&str, &str) =
        ("lib.rs", "mod one;\nmod two;\npub use one::{One, Other as Second};\npub use two::two;");

    #[test]
    fn a_circle_is_found_through_what_the_root_hands_on_and_says_what_each_file_needs() {
        let one = ("one.rs", "pub struct One;\npub struct Other;\nfn f() { crate::two(); }");
        let found = found(&[ROOT, one, ("two.rs", "use crate::{One, Second};\npub fn two() {}")]);
        assert_eq!(
            found,
            ["crates/a/src/one.rs: a circle; move what is needed to a file of its own, or further down:\n  \
              crates/a/src/one.rs needs two of crates/a/src/two.rs\n  \
              crates/a/src/two.rs needs One, Other of crates/a/src/one.rs"]
        );
    }

    #[test]
    fn a_parent_and_its_own_child_are_a_circle_too() {
        let parent = "mod child;\nuse child::Child;\npub struct Parent(Child);";
        for child in [
            "use super::Parent;",
            "fn f(_: super::Parent) {}",
            "use super::*;",
            "fn f() { let _ = [super::Parent::new()]; }",
        ] {
            assert_eq!(found(&[("one.rs", parent), ("one/child.rs", child)]).len(), 1, "{child}");
        }
        let declared = "mod child;\npub use child::Child;\npub struct Parent;";
        assert!(found(&[("one.rs", declared), ("one/child.rs", "use super::Parent;")]).is_empty());
        let used = "mod child;\npub use child::Child;\npub struct Parent(Child);";
        assert_eq!(found(&[("one.rs", used), ("one/child.rs", "use super::Parent;")]).len(), 1);
    }

    #[test]
    fn a_long_circle_is_one_finding_and_what_only_leads_to_it_is_left_out() {
        let files = [
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c;\nfn f() { c::C::new(); }"),
            ("c.rs", "fn f() { crate::a::f() }"),
        ];
        let found = found(&[&files[..], &[("d.rs", "use crate::a::A;")]].concat());
        assert_eq!((found.len(), found[0].lines().count(), found[0].contains("d.rs")), (1, 4, false));
    }

    #[test]
    fn tests_macros_fields_other_crates_and_parts_of_one_file_make_no_circle() {
        let one = "use crate::two::Two;\nmod inner { use super::One; }\n#[cfg(test)]\nmod tests;\nfn f(s: S) { s.two(); inner::g(); }";
        for two in [
            "#[cfg(test)]\nmod tests { use crate::one::One; }",
            "fn f() { crate::one!(1); ::one::One::new(); one::One; // crate::one::One\n }",
            "const TEXT: &str = \"crate::one::One\";",
        ] {
            let files = [("one.rs", one), ("one/tests.rs", "use crate::two::Two;\nuse super::One;"), ("two.rs", two)];
            assert!(found(&files).is_empty(), "{two}: {:?}", found(&files));
        }
    }

    #[test]
    fn a_binary_of_its_own_is_a_crate_of_its_own() {
        let files = [("bin/b/main.rs", "mod one;\nfn f() { one::g() }"), ("bin/b/one.rs", "use crate::f;")];
        assert_eq!(found(&files).len(), 1);
        assert!(found(&[("one.rs", "use crate::bin::b;"), files[1]]).is_empty());
    }
}
