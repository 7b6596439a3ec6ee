//! Counting what passed, failed and was skipped, from libtest's own lines.

use std::fmt;
use std::ops::AddAssign;

/// How many checks passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that ran and held.
    pub passed: u64,
    /// Checks that ran and did not hold, or that broke before they could tell.
    pub failed: u64,
    /// Checks that said why they did not run.
    pub skipped: u64,
}

impl Tally {
    /// One check with this outcome.
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    /// One check with this outcome.
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };
    /// One check with this outcome.
    pub const SKIPPED: Self = Self { passed: 0, failed: 0, skipped: 1 };
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Reads the output of `cargo test`, line by line.
#[derive(Debug, Default)]
pub struct Reader {
    tally: Tally,
    failures: Vec<String>,
    open: bool,
}

impl Reader {
    /// Takes the next line of standard output.
    pub fn line(&mut self, line: &str) {
        if is_start(line) {
            self.abandon();
            self.open = true;
        } else if let Some(counts) = result(line) {
            self.tally += counts;
            self.open = false;
        } else if let Some(name) = outcome(line, "FAILED") {
            self.failures.push(name.to_owned());
        }
    }

    /// The counts and the names of failed tests. A test program that died without its result line counts as one
    /// failure, and so does a bad end of cargo that no line explains (it did not build).
    pub fn finish(mut self, cargo_ended_well: bool) -> (Tally, Vec<String>) {
        self.abandon();
        if !cargo_ended_well && self.tally.failed == 0 {
            self.tally += Tally::FAILED;
            self.failures.push("cargo test ended badly before its tests could: see above".to_owned());
        }
        (self.tally, self.failures)
    }

    fn abandon(&mut self) {
        if self.open {
            self.tally += Tally::FAILED;
            self.failures.push("a test program died before its result line: see above".to_owned());
            self.open = false;
        }
    }
}

/// Whether the line tells the reader of a green run nothing: one test that passed, a program's start, a blank.
pub fn is_noise(line: &str) -> bool {
    line.is_empty() || is_start(line) || outcome(line, "ok").is_some()
}

fn is_start(line: &str) -> bool {
    let count = line.strip_prefix("running ").and_then(|rest| rest.split_once(' '));
    count.is_some_and(|(number, noun)| number.parse::<u64>().is_ok() && matches!(noun, "test" | "tests"))
}

/// The name in `test NAME ... OUTCOME`.
fn outcome<'l>(line: &'l str, outcome: &str) -> Option<&'l str> {
    line.strip_prefix("test ")?.strip_suffix(outcome)?.strip_suffix(" ... ")
}

/// The counts in `test result: ok. 5 passed; 0 failed; 1 ignored; …`; an ignored test is a skipped one.
fn result(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut tally = Tally::default();
    for part in counts.split("; ") {
        let Some((number, what)) = part.split_once(' ') else { continue };
        let Ok(number) = number.parse() else { continue };
        match what {
            "passed" => tally.passed = number,
            "failed" => tally.failed = number,
            "ignored" => tally.skipped = number,
            _ => {}
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::{Reader, Tally, is_noise};

    fn read(output: &str, ended_well: bool) -> (Tally, Vec<String>) {
        let mut reader = Reader::default();
        output.lines().for_each(|line| reader.line(line));
        reader.finish(ended_well)
    }

    const GREEN: &str = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s";

    #[test]
    fn the_results_of_every_program_are_summed() {
        let (tally, failures) = read(&format!("running 6 tests\n{GREEN}\n\nrunning 6 tests\n{GREEN}"), true);
        assert_eq!(tally.to_string(), "10 passed, 0 failed, 2 skipped");
        assert!(failures.is_empty());
    }

    #[test]
    fn failed_tests_are_counted_and_named() {
        let output = "running 2 tests\ntest a::b ... FAILED\ntest a::c ... ok\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let (tally, failures) = read(output, false);
        assert_eq!(tally, Tally { passed: 1, failed: 1, skipped: 0 });
        assert_eq!(failures, ["a::b"]);
    }

    #[test]
    fn a_program_that_dies_is_a_failure_even_when_others_are_green() {
        let (tally, failures) = read(&format!("running 3 tests\ntest x ... ok\nrunning 6 tests\n{GREEN}"), false);
        assert_eq!(tally, Tally { passed: 5, failed: 1, skipped: 1 });
        assert_eq!(failures.len(), 1);
        assert_eq!(read("running 1 test", false).0, Tally::FAILED);
    }

    #[test]
    fn a_workspace_that_does_not_build_is_a_failure() {
        assert_eq!(read("", false).0, Tally::FAILED);
        assert_eq!(read("", true).0, Tally::default());
    }

    #[test]
    fn only_lines_that_say_nothing_are_hidden() {
        assert!(is_noise("test a::b ... ok") && is_noise("running 1 test") && is_noise(""));
        assert!(!is_noise("test a::b ... FAILED") && !is_noise(GREEN) && !is_noise("running late"));
    }
}
