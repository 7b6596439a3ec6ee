//! `cargo xtask tidy`: the house rules as a check.
//!
//! Each rule is a pure function from what was read to findings; only this file and [`file`] touch the disk.

mod arrows;
mod file;
mod length;
mod listed;
mod names;
mod purity;
mod source;
mod words;

use std::fmt;

use crate::cargo;
use crate::error::Error;
use crate::workspace::Workspace;
use file::File;

/// One breach of a house rule.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    place: String,
    rule: String,
}

impl Finding {
    /// A finding at a path, a path with a line, or a package.
    fn new(place: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { place: place.into(), rule: rule.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.rule)
    }
}

/// Checks the whole repository and prints what it found; true when that is nothing.
pub fn run() -> Result<bool, Error> {
    let workspace = Workspace::load()?;
    let files = file::read_all(&workspace.root, &workspace.target)?;
    let mut findings = arrows::check(&workspace.members);
    findings.extend(purity::check(&files));
    for member in workspace.members.iter().filter(|member| purity::PURE.contains(&&*member.name)) {
        let args = ["tree", "--package", &member.name, "--edges", "normal", "--prefix", "none", "--format", "{p}"];
        findings.extend(purity::check_tree(&member.name, &cargo::output(&workspace.root, &args)?));
    }
    findings.extend(names::check(&workspace.members, &files));
    findings.extend(words::check(&files));
    findings.extend(listed::check_crates(&workspace.members, text(&files, "crates/README.md")));
    let manifest = text(&files, "Cargo.toml");
    findings.extend(listed::check_dependencies(&workspace.members, manifest, text(&files, "docs/dependencies.md")));
    let lengths = length::measure(&files);
    findings.extend(length::check(&lengths, text(&files, length::ALLOW_FILE)));

    findings.sort_by(|one, other| one.place.cmp(&other.place));
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {}; {} findings", length::summary(&lengths), findings.len());
    Ok(findings.is_empty())
}

/// The text of a file, empty when it is not there: the rules then name every line that is missing.
fn text<'f>(files: &'f [File], path: &str) -> &'f str {
    files.iter().find(|file| file.path == path).map_or("", |file| &file.text)
}
