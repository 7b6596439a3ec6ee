//! `cargo xtask tidy`: the house rules as a check.
//!
//! Each rule is a pure function from what was read to findings; only this file and [`file`] touch the disk.

mod arrows;
mod circles;
mod documented;
mod file;
mod finding;
mod kinds;
mod length;
mod licences;
mod listed;
mod modules;
mod names;
mod purity;
mod source;
mod words;

use crate::cargo;
use crate::error::Error;
use crate::workspace::Workspace;
use file::File;

/// Checks the whole repository and prints what it found; true when that is nothing.
pub fn run() -> Result<bool, Error> {
    let workspace = Workspace::load()?;
    let files = file::read_all(&workspace.root, &workspace.target)?;
    let mut findings = arrows::check(&workspace.members);
    let folders: Vec<&str> = workspace.members.iter().map(|member| &*member.folder).collect();
    findings.extend(circles::check(&folders, &files));
    findings.extend(purity::check(&files));
    for member in workspace.members.iter().filter(|member| purity::PURE.contains(&&*member.name)) {
        let args = ["tree", "--package", &member.name, "--edges", "normal", "--prefix", "none", "--format", "{p}"];
        findings.extend(purity::check_tree(&member.name, &cargo::output(&workspace.root, &args)?));
    }
    findings.extend(names::check(&workspace.members, &files));
    findings.extend(words::check(&files));
    findings.extend(documented::check(&files));
    findings.extend(kinds::check(&files));
    findings.extend(listed::check_crates(&workspace.members, text(&files, "crates/README.md")));
    let manifest = text(&files, "Cargo.toml");
    findings.extend(listed::check_dependencies(&workspace.members, manifest, text(&files, "docs/dependencies.md")));
    let (metadata, tree) = resolved(&workspace)?;
    findings.extend(licences::check(text(&files, "deny.toml"), &metadata, &tree));
    let lengths = length::measure(&files);
    findings.extend(length::check(&lengths, text(&files, length::ALLOW_FILE)));

    findings.sort_by(|one, other| one.place.cmp(&other.place));
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {}; {} findings", length::summary(&lengths), findings.len());
    Ok(findings.is_empty())
}

/// Every crate, with licence and source, and the tree of those that are built. Of all systems, where cargo has them or
/// can fetch them; without a network of this one, whose crates were fetched to build it.
fn resolved(workspace: &Workspace) -> Result<(serde_json::Value, String), Error> {
    let metadata = ["metadata", "--format-version", "1"];
    let tree = ["tree", "--workspace", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}"];
    let ask = |one: &[&str], more: &[&str]| cargo::output(&workspace.root, &[one, more].concat());
    let (text, tree) = if let Ok(text) = ask(&metadata, &[]) {
        (text, ask(&tree, &["--target", "all"])?)
    } else {
        println!("licences: only of the crates that this system builds; cargo cannot fetch the others");
        let host = cargo::host(&workspace.root)?;
        (ask(&metadata, &["--offline", "--filter-platform", &host])?, ask(&tree, &["--offline"])?)
    };
    Ok((serde_json::from_str(&text).map_err(|_| Error::Metadata("JSON"))?, tree))
}

/// The text of a file, empty when it is not there: the rules then name every line that is missing.
fn text<'f>(files: &'f [File], path: &str) -> &'f str {
    files.iter().find(|file| file.path == path).map_or("", |file| &file.text)
}
