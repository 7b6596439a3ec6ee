//! `cargo xtask test`: every check there is, each with its time; the last line is the counts and nothing else.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::browser;
use crate::cargo;
use crate::error::Error;
use crate::recipes;
use crate::seed::Seed;
use crate::soak;
use crate::suite;
use crate::tally::Tally;
use crate::tidy;
use crate::workspace::Workspace;

/// What a run of the checks is asked for beside its filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// May install a browser, and what the recipes are tried with.
    pub install: bool,
    /// Also what takes long, or needs the network: the long loops at full length, and cargo-deny with its advisories.
    pub full: bool,
}

/// Runs all steps, or, with filters, only the tests whose names contain one of them.
///
/// A step that fails does not stop the later ones: one run tells all there is to mend.
pub fn run(filters: &[String], flags: Flags) -> Result<bool, Error> {
    let workspace = Workspace::load()?;
    let seed = Seed::of_run()?;
    let mut log = Log::default();
    if filters.is_empty() {
        let root = workspace.root.clone();
        log.step("fmt", || check(cargo::passes(&root, &["fmt", "--all", "--check"])));
        let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
        log.step("clippy", || check(cargo::passes(&root, &clippy)));
        log.step("tidy", || check(tidy::run()));
        if flags.full {
            log.step("deny", || deny(&root));
            recipes::install(flags.install);
        }
    } else {
        println!("only the tests whose name contains {}", filters.join(" or "));
    }
    log.step("tests", || tests(&workspace, filters, seed));
    if filters.is_empty() && flags.full {
        log.step("loops", || match soak::within_the_hour(&workspace, seed) {
            Ok(report) => Outcome::of(report),
            Err(error) => check(Err(error)),
        });
    }
    if filters.is_empty() {
        log.step("browser", || browser(&workspace, flags.install));
    }
    log.close(seed);
    println!("{}", log.total);
    Ok(log.total.failed == 0)
}

/// What a step came to: its counts, and the lines to repeat at the end.
struct Outcome {
    tally: Tally,
    failures: Vec<String>,
    skips: Vec<String>,
    /// Said in the last lines, whatever came of it.
    notes: Vec<&'static str>,
}

impl Outcome {
    fn of(report: suite::Report) -> Self {
        let skips = report.skips.into_iter().collect();
        Self { tally: report.tally, failures: report.failures, skips, notes: Vec::new() }
    }
}

fn check(result: Result<bool, Error>) -> Outcome {
    let (tally, failures) = match result {
        Ok(true) => (Tally::PASSED, Vec::new()),
        Ok(false) => (Tally::FAILED, Vec::new()),
        Err(error) => (Tally::FAILED, vec![error.to_string()]),
    };
    Outcome { tally, failures, skips: Vec::new(), notes: Vec::new() }
}

/// All of `deny.toml`, known advisories too; cargo-deny is no part of the toolchain, so a machine without it skips.
/// Licences, bans and sources were checked by `tidy` already.
fn deny(root: &Path) -> Outcome {
    let installed = Command::new("cargo-deny").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if installed.is_ok_and(|status| status.success()) {
        return check(cargo::passes(root, &["deny", "check"]));
    }
    let why = "deny: cargo-deny is not installed, so no advisory was looked up; `cargo install cargo-deny`".to_owned();
    Outcome { tally: Tally::SKIPPED, failures: Vec::new(), skips: vec![why], notes: Vec::new() }
}

fn browser(workspace: &Workspace, install: bool) -> Outcome {
    let outcome = match browser::run(workspace, install) {
        Ok(outcome) => outcome,
        Err(error) => return check(Err(error)),
    };
    let notes = if matches!(outcome, browser::Outcome::Ran(_)) { vec![browser::SANDBOX] } else { Vec::new() };
    let (tally, failures, skips) = outcome.told(std::env::var("CI").is_ok_and(|value| value == "true"));
    Outcome { tally, failures, skips, notes }
}

fn tests(workspace: &Workspace, filters: &[String], seed: Seed) -> Outcome {
    println!("seed {seed} (COUNTERSIGN_SEED={seed} repeats it)");
    let mut outcome = Outcome { tally: Tally::default(), failures: Vec::new(), skips: Vec::new(), notes: Vec::new() };
    for scope in [suite::WORKSPACE].into_iter().chain(suite::OTHER_RULES) {
        match suite::run(workspace, scope, &[], filters, seed, &[]) {
            Ok(report) => {
                outcome.tally += report.tally;
                outcome.failures.extend(report.failures);
                outcome.skips.extend(report.skips);
            }
            Err(error) => return check(Err(error)),
        }
    }
    // A filter with a typing mistake must not look like a green run.
    if outcome.tally == Tally::default() {
        outcome.tally = Tally::FAILED;
        outcome.failures.push("no test ran".to_owned());
    }
    outcome
}

#[derive(Default)]
struct Log {
    total: Tally,
    steps: Vec<(&'static str, Tally, Duration)>,
    failures: Vec<String>,
    skips: Vec<String>,
    notes: Vec<&'static str>,
}

impl Log {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Outcome) {
        println!("== {name}");
        let began = Instant::now();
        let outcome = work();
        let took = began.elapsed();
        println!("== {name}: {} in {:.1} s", outcome.tally, took.as_secs_f64());
        self.total += outcome.tally;
        self.steps.push((name, outcome.tally, took));
        self.failures.extend(outcome.failures.into_iter().map(|failure| format!("{name}: {failure}")));
        self.skips.extend(outcome.skips);
        self.notes.extend(outcome.notes);
    }

    fn close(&self, seed: Seed) {
        println!();
        for (name, tally, took) in &self.steps {
            let word = if tally.failed > 0 {
                "FAILED"
            } else if tally.passed > 0 {
                "ok"
            } else {
                "skipped"
            };
            println!("{name:<8} {word:<8} {:>7.1} s  {tally}", took.as_secs_f64());
        }
        self.skips.iter().for_each(|skip| println!("SKIPPED: {skip}"));
        self.failures.iter().for_each(|failure| println!("FAILED: {failure}"));
        self.notes.iter().for_each(|note| println!("note: {note}"));
        println!("seed {seed}");
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, Outcome, check};
    use crate::error::Error;
    use crate::tally::Tally;

    #[test]
    fn every_step_counts_and_a_failed_one_does_not_stop_the_next() {
        let mut log = Log::default();
        log.step("fmt", || check(Ok(true)));
        log.step("clippy", || check(Ok(false)));
        log.step("tidy", || check(Err(Error::Metadata("packages"))));
        log.step("deny", || Outcome {
            tally: Tally::SKIPPED,
            failures: Vec::new(),
            skips: vec!["deny: none".to_owned()],
            notes: Vec::new(),
        });
        assert_eq!(log.total.to_string(), "1 passed, 2 failed, 1 skipped");
        assert_eq!(log.skips, ["deny: none"]);
        assert_eq!(log.failures.len(), 1, "a step that could not run says why at the end");
    }
}
