//! Files stay short enough to be read whole.

use std::path::Path;

use crate::tidy::file::File;
use crate::tidy::finding::Finding;

/// The longest code file, in lines, that needs no entry in the allow-list.
const CAP_LINES: usize = 500;

/// The allow-list, relative to the root.
pub const ALLOW_FILE: &str = "xtask/tidy-allow.txt";

const CODE: &[&str] = &["rs", "js", "mjs", "ts", "css", "html", "sh", "sql"];

/// A code file and its lines.
pub type Length<'f> = (&'f str, usize);

/// The lengths of all code files.
pub fn measure(files: &[File]) -> Vec<Length<'_>> {
    files.iter().filter(|file| is_code(&file.path)).map(|file| (&*file.path, file.text.lines().count())).collect()
}

fn is_code(path: &str) -> bool {
    Path::new(path).extension().and_then(|extension| extension.to_str()).is_some_and(|code| CODE.contains(&code))
}

/// Finds files over the cap that are not allowed to be, or that grew past what they are allowed, and entries of the
/// allow-list that are not needed any more.
pub fn check(lengths: &[Length], allow_list: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut allowed: Vec<Length> = Vec::new();
    for (number, line) in allow_list.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{ALLOW_FILE}:{}", number + 1);
        match line.split_once(' ').and_then(|(path, lines)| Some((path, lines.trim().parse::<usize>().ok()?))) {
            Some(entry) => {
                findings.extend(check_entry(&place, entry, lengths));
                allowed.push(entry);
            }
            None => findings.push(Finding::new(place, "not `path lines`")),
        }
    }
    for (path, lines) in lengths.iter().filter(|(_, lines)| *lines > CAP_LINES) {
        let limit = allowed.iter().find(|(allowed, _)| allowed == path).map_or(CAP_LINES, |(_, lines)| *lines);
        if *lines > limit {
            findings.push(Finding::new(*path, format!("{lines} lines, {limit} are allowed; split it by its nouns")));
        }
    }
    findings
}

fn check_entry(place: &str, (path, _): Length, lengths: &[Length]) -> Option<Finding> {
    match lengths.iter().find(|(known, _)| *known == path) {
        None => Some(Finding::new(place, format!("there is no code file {path}; remove the entry"))),
        Some((_, lines)) if *lines <= CAP_LINES => {
            Some(Finding::new(place, format!("{path} has {lines} lines and needs no entry; remove it")))
        }
        Some(_) => None,
    }
}

/// How many code files there are, their median length and the longest one.
pub fn summary(lengths: &[Length]) -> String {
    let mut sorted = lengths.to_vec();
    sorted.sort_by_key(|(path, lines)| (*lines, *path));
    match (sorted.get(sorted.len() / 2), sorted.last()) {
        (Some((_, median)), Some((path, longest))) => {
            format!("{} code files, median {median} lines, longest {longest} ({path})", sorted.len())
        }
        _ => "no code files".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{check, measure, summary};
    use crate::tidy::file::tests::file;

    fn found(lengths: &[super::Length], allow_list: &str) -> Vec<String> {
        check(lengths, allow_list).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_over_the_cap_is_found() {
        assert!(found(&[("a.rs", 500)], "").is_empty());
        assert!(found(&[("a.rs", 501)], "")[0].starts_with("a.rs: 501 lines"));
    }

    #[test]
    fn an_allowed_file_may_not_grow() {
        assert!(found(&[("a.rs", 600)], "# why\n\na.rs 600\n").is_empty());
        assert_eq!(found(&[("a.rs", 601)], "a.rs 600").len(), 1);
    }

    #[test]
    fn an_entry_that_is_not_needed_is_found() {
        assert!(found(&[("a.rs", 500)], "a.rs 600")[0].contains("needs no entry"));
        assert!(found(&[], "a.rs 600")[0].contains("no code file"));
        assert!(found(&[], "a.rs many")[0].contains("not `path lines`"));
    }

    #[test]
    fn only_code_is_measured() {
        let files = [file("a.rs", "1\n2\n3"), file("b.md", "1\n2"), file("c.css", "1"), file("Cargo.lock", "1")];
        let lengths = measure(&files);
        assert_eq!(lengths, [("a.rs", 3), ("c.css", 1)]);
        assert_eq!(summary(&lengths), "2 code files, median 3 lines, longest 3 (a.rs)");
        assert_eq!(summary(&[]), "no code files");
    }
}
