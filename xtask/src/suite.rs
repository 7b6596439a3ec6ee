//! One run of `cargo test`, watched line by line.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use crate::cargo;
use crate::error::Error;
use crate::seed::{self, Seed};
use crate::skips;
use crate::tally::{Reader, Tally, is_noise};
use crate::workspace::Workspace;

/// What one run of the tests came to.
#[derive(Debug)]
pub struct Report {
    /// The counts, skips already moved out of passed.
    pub tally: Tally,
    /// The names of the failed tests.
    pub failures: Vec<String>,
    /// What tests said of why they did not run.
    pub skips: BTreeSet<String>,
}

/// Every crate, as it is built otherwise too.
pub const WORKSPACE: &[&str] = &["--workspace"];
/// What decides with a second number of rules, which no other build may know, and the tests of it.
pub const OTHER_RULES: [&[&str]; 2] = [
    &["--package", "control", "--features", "control/rules-1", "--test", "rules"],
    // By its place: another package of its name is among the dependencies.
    &["--manifest-path", "crates/console/Cargo.toml", "--features", "rules-1", "--test", "rules"],
];

/// Tells libtest how many tests run at once.
const THREADS: &str = "RUST_TEST_THREADS";

/// One more than there are cores, for those tests that wait for processes; or as somebody says.
fn threads() -> usize {
    let said = std::env::var(THREADS).ok().and_then(|said| said.parse().ok());
    said.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from) + 1)
}

/// Runs `cargo test SCOPE --no-fail-fast OPTIONS -- FILTERS` with the seed and these further variables.
pub fn run(
    workspace: &Workspace,
    scope: &[&str],
    options: &[&str],
    filters: &[String],
    seed: Seed,
    variables: &[(&str, &str)],
) -> Result<Report, Error> {
    let skip_file = workspace.target.join("xtask").join(format!("skips-{}", std::process::id()));
    skips::clear(&skip_file)?;

    let mut args = vec!["test"];
    args.extend(scope);
    args.push("--no-fail-fast");
    args.extend(options);
    args.push("--");
    args.extend(filters.iter().map(String::as_str));
    let start = |source| Error::Start { command: cargo::line(&args), source };
    let mut child = cargo::command(&workspace.root, &args)
        .env(THREADS, threads().to_string())
        .env(seed::VARIABLE, seed.to_string())
        .env(skips::VARIABLE, &skip_file)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let reader = match child.stdout.take() {
        Some(stdout) => watch(stdout).map_err(start)?,
        None => Reader::default(),
    };
    let status = child.wait().map_err(start)?;

    let (tally, failures) = reader.finish(status.success());
    let skips = skips::read(&skip_file)?;
    skips::clear(&skip_file)?;
    Ok(Report { tally: skips::apply(tally, &skips), failures, skips })
}

/// Prints what a reader wants to see of the tests' output and counts all of it.
fn watch(stdout: impl Read) -> std::io::Result<Reader> {
    let mut stdout = BufReader::new(stdout);
    let mut reader = Reader::default();
    let mut bytes = Vec::new();
    while stdout.read_until(b'\n', &mut bytes)? > 0 {
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        reader.line(line);
        if !is_noise(line) {
            println!("{line}");
        }
        bytes.clear();
    }
    Ok(reader)
}
