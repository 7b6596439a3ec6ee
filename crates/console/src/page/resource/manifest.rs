//! What a release says of itself: how it starts, when it counts as healthy, and its files.

use super::content;
use crate::manifests::ManifestSeen;
use crate::page::deployment::Fact;
use artifact::{Answer, Arg, FileEntry, Mode, Program};

/// A file of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileRow {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// Its digest, whole.
    pub(crate) sha256: String,
    /// The same, short.
    pub(crate) short: String,
    /// Whether it may be started.
    pub(crate) runs: bool,
}

/// What a page shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManifestShown {
    pub(crate) facts: Vec<Fact>,
    /// How many files there are, and how large, in words.
    pub(crate) said: String,
    /// The first of them.
    pub(crate) files: Vec<FileRow>,
    /// How many more there are.
    pub(crate) more: u64,
}

fn health(program: &Program) -> String {
    let path = program.health.path.as_str();
    match program.health.answer {
        Answer::Plain => format!("GET {path} answers with a status from 200 to 299"),
        Answer::Release => format!("GET {path} answers 200 and names this release, as JSON"),
    }
}

/// Where it is told to listen: by its arguments, where they have a place for it, and in any case by its environment.
fn listens(program: &Program) -> String {
    let places = program.entry.args.iter().filter(|arg| matches!(arg, Arg::Listen | Arg::Host | Arg::Port));
    let told: Vec<_> = places.map(ToString::to_string).chain(["PORT in its environment".to_owned()]).collect();
    format!("the port of its engine's side alone, told by {}", told.join(" and "))
}

/// `known`: the ledger has its profile, and the page shows it from there.
fn facts(program: &Program, known: bool) -> Vec<Fact> {
    let mut facts = starts(Some(program));
    facts.push(Fact::new("Listens on", listens(program), None));
    if !known {
        facts.extend(content::profile(&program.profile));
    }
    facts
}

/// What starts, and when it counts as healthy.
pub(crate) fn starts(program: Option<&Program>) -> Vec<Fact> {
    match program {
        Some(program) => vec![
            Fact::new("Starts", program.entry.to_string(), None),
            Fact::new("Is healthy when", health(program), None),
        ],
        None => vec![Fact::new("Starts", "nothing: it holds files alone".to_owned(), None)],
    }
}

fn count(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

impl ManifestShown {
    pub(crate) fn of(seen: &ManifestSeen, known: bool) -> Self {
        let row = |file: &FileEntry| FileRow {
            path: file.path.to_string(),
            bytes: file.size,
            sha256: file.sha256.to_string(),
            short: file.sha256.short(),
            runs: file.mode == Mode::Execute,
        };
        Self {
            facts: seen.program.as_ref().map_or_else(|| starts(None), |program| facts(program, known)),
            said: format!("{}, {} in all", count(seen.files_total, "file"), count(seen.bytes_total, "byte")),
            files: seen.files.iter().map(row).collect(),
            more: seen.files_total.saturating_sub(seen.files.len() as u64),
        }
    }
}
