//! The pure crates know no clock, no randomness, no file, no network and no process.

use crate::tidy::file::File;
use crate::tidy::finding::Finding;
use crate::tidy::source::{braces, mask, without_tests};

/// The crates that a stranger's verifier is made of, and `theme`, which judges files without opening them.
pub const PURE: &[&str] = &["model", "tlog", "signed", "control", "warrant", "theme", "document"];

/// Crates of others that a pure crate must not reach, however far down.
const UNREACHABLE: &[&str] =
    &["tokio", "mio", "jiff", "chrono", "time", "getrandom", "rand", "hyper", "axum", "rustix"];

/// Modules of `std` that a pure crate must not name.
const IMPURE_MODULES: &[&str] = &["fs", "net", "env", "process", "thread"];

/// Clocks by their own names, however they were imported.
const CLOCKS: &[&str] = &["SystemTime", "Instant::now"];

/// Finds impure names in the sources of the pure crates, tests apart.
pub fn check(files: &[File]) -> Vec<Finding> {
    let sources: Vec<(&File, String, Vec<String>)> = files
        .iter()
        .filter(|file| file.is_rust() && PURE.iter().any(|name| file.path.starts_with(&format!("crates/{name}/src/"))))
        .map(|file| {
            let (code, modules) = without_tests(&mask(&file.text));
            (file, code, modules)
        })
        .collect();
    let tests: Vec<String> =
        sources.iter().flat_map(|(file, _, modules)| modules.iter().map(|name| beside(&file.path, name))).collect();
    let is_test =
        |path: &str| tests.iter().any(|test| path == format!("{test}.rs") || path.starts_with(&format!("{test}/")));
    let checked = sources.iter().filter(|(file, ..)| !is_test(&file.path));
    checked.flat_map(|(file, code, _)| check_code(&file.path, code)).collect()
}

/// Finds crates in the output of `cargo tree --prefix none` that a pure crate must not reach.
pub fn check_tree(name: &str, tree: &str) -> Vec<Finding> {
    let mut reached: Vec<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    reached.sort_unstable();
    reached.dedup();
    let wrong = reached.iter().filter(|reached| UNREACHABLE.contains(reached));
    let rule = |reached| format!("`{name}` is pure and reaches `{reached}`; see `cargo tree -p {name} -i {reached}`");
    wrong.map(|reached| Finding::new(format!("crates/{name}/Cargo.toml"), rule(reached))).collect()
}

/// Where the module of this name, declared in this file, has its file or folder, without `.rs`.
fn beside(path: &str, module: &str) -> String {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let folder = match stem.rsplit_once('/') {
        Some((folder, "lib" | "main" | "mod")) => folder,
        _ => stem,
    };
    format!("{folder}/{module}")
}

fn check_code(path: &str, code: &str) -> Vec<Finding> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for clock in CLOCKS {
        found.extend(code.match_indices(clock).map(|(at, _)| (at, (*clock).to_owned())));
    }
    for (at, start) in code.match_indices("std::") {
        let rest = &code[at + start.len()..];
        let names = if rest.starts_with('{') { group(&rest[..braces(rest)]) } else { vec![first_name(rest)] };
        let impure = names.into_iter().filter(|name| IMPURE_MODULES.contains(name));
        found.extend(impure.map(|name| (at, format!("std::{name}"))));
    }
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    let finding = |(at, name): &(usize, String)| {
        Finding::new(format!("{path}:{}", line(*at)), format!("a pure crate must not use `{name}`; take it as a value"))
    };
    found.iter().map(finding).collect()
}

/// The first names in `{a::{b, c}, d}`: `a` and `d`.
fn group(braced: &str) -> Vec<&str> {
    let inner = braced.trim_start_matches('{');
    let (mut names, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b',' | b'}' if depth == 0 => {
                names.push(first_name(&inner[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

fn first_name(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::{check, check_tree};
    use crate::tidy::file::tests::file;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[file(path, text)]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_impure_name_is_found_with_its_line() {
        for impure in
            ["std::fs::read(p)", "std::net::TcpStream", "SystemTime::UNIX_EPOCH", "Instant::now()", "std::env::var(v)"]
        {
            let found = found("crates/model/src/a.rs", &format!("fn a() {{\n    {impure};\n}}"));
            assert_eq!(found.len(), 1, "{impure}");
            assert!(found[0].starts_with("crates/model/src/a.rs:2: "), "{found:?}");
        }
    }

    #[test]
    fn an_impure_name_in_a_grouped_import_is_found() {
        let found = found("crates/tlog/src/lib.rs", "use std::{collections::{BTreeMap, hash_map}, fs, process::exit};");
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn pure_code_comments_literals_and_tests_are_left_alone() {
        let pure = "//! No std::fs here.\nuse std::{fmt, iter};\nconst A: &str = \"std::net\";\nlet b = std::env_like;\n\
            #[cfg(test)]\nmod tests { use std::fs; }";
        assert!(found("crates/model/src/lib.rs", pure).is_empty());
        assert!(found("crates/ledger/src/lib.rs", "use std::fs;").is_empty());
        assert!(found("crates/model/tests/golden.rs", "use std::fs;").is_empty());
    }

    #[test]
    fn a_test_module_in_its_own_file_is_left_alone() {
        let files = [
            file("crates/control/src/lib.rs", "#[cfg(test)]\nmod golden;"),
            file("crates/control/src/golden.rs", "use std::fs;"),
            file("crates/control/src/plan.rs", "#[cfg(test)]\nmod tests;"),
            file("crates/control/src/plan/tests.rs", "use std::fs;"),
            file("crates/control/src/plan/tests/more.rs", "use std::env;"),
            file("crates/control/src/tests.rs", "use std::fs;"),
        ];
        let found = check(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].place.starts_with("crates/control/src/tests.rs"));
    }

    #[test]
    fn a_clock_or_runtime_far_down_is_found_once() {
        let tree =
            "signed v0.1.0 (/src)\nssh-key v0.6.7\ngetrandom v0.2.17\ngetrandom v0.2.17 (*)\ntokio-macros v2.0.0\n";
        let found = check_tree("signed", tree);
        assert_eq!(found.len(), 1);
        assert!(found[0].rule.contains("reaches `getrandom`"));
    }
}
