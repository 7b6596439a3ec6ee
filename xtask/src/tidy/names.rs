//! Names say what a thing is; a folder is named as its crate.

use std::path::Path;

use crate::tidy::file::File;
use crate::tidy::finding::Finding;
use crate::tidy::source::{mask, module};
use crate::workspace::Member;

/// Words that fit everything and so say nothing.
const VAGUE: &[&str] =
    &["util", "utils", "utility", "utilities", "helper", "helpers", "manager", "managers", "common", "misc"];

/// Finds vague names of files, folders, modules and crates, and crates in a folder of another name.
pub fn check(members: &[Member], files: &[File]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = members.iter().flat_map(check_member).collect();
    for file in files {
        if let Some(part) = Path::new(&file.path).iter().filter_map(|part| part.to_str()).find(|part| is_vague(part)) {
            findings.push(Finding::new(&file.path, format!("`{part}` is a vague name; say what it is")));
        }
        if file.is_rust() {
            findings.extend(check_modules(file));
        }
    }
    findings
}

fn check_member(member: &Member) -> Vec<Finding> {
    let mut findings = Vec::new();
    if is_vague(&member.name) {
        findings.push(Finding::new(&member.folder, format!("`{}` is a vague crate name; say what it is", member.name)));
    }
    let folder = if member.name == "xtask" { member.name.clone() } else { format!("crates/{}", member.name) };
    if member.folder != folder {
        findings.push(Finding::new(&member.folder, format!("crate `{}` belongs in {folder}", member.name)));
    }
    findings
}

fn check_modules(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in mask(&file.text).lines().enumerate() {
        let declaration = line.trim_end().trim_end_matches(['{', '}', ';', ' ']);
        if let Some(name) = module(declaration).filter(|name| is_vague(name)) {
            let place = format!("{}:{}", file.path, number + 1);
            findings.push(Finding::new(place, format!("`{name}` is a vague module name; say what it is")));
        }
    }
    findings
}

fn is_vague(name: &str) -> bool {
    name.split(['_', '-', '.']).any(|word| VAGUE.contains(&&*word.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::file::tests::file;
    use crate::workspace::Member;

    fn found(path: &str, text: &str) -> usize {
        check(&[], &[file(path, text)]).len()
    }

    #[test]
    fn vague_files_folders_and_modules_are_found() {
        for path in
            ["crates/a/src/util.rs", "crates/a/tests/common/mod.rs", "e2e/Helpers.js", "docs/session-manager.md"]
        {
            assert_eq!(found(path, ""), 1, "{path}");
        }
        assert_eq!(found("crates/a/src/lib.rs", "pub(crate) mod misc {\n}\nmod key_utils;\n"), 2);
    }

    #[test]
    fn names_that_say_something_are_fine() {
        let text = "mod frame;\n// mod util;\nuse std::fmt;\nstruct CommonName;";
        assert_eq!(found("crates/utilisation/src/commons.rs", text), 0);
    }

    #[test]
    fn a_crate_lives_in_the_folder_of_its_name() {
        let member =
            |name: &str, folder: &str| Member { name: name.into(), folder: folder.into(), ..Member::default() };
        assert!(check(&[member("tlog", "crates/tlog"), member("xtask", "xtask")], &[]).is_empty());
        assert_eq!(check(&[member("tlog", "crates/log")], &[]).len(), 1);
        assert_eq!(check(&[member("tlog", "tlog")], &[]).len(), 1);
        assert_eq!(check(&[member("common", "crates/common")], &[]).len(), 1);
    }
}
