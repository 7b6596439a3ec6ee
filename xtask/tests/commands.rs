//! The commands from outside, with a cargo that answers what the test wants.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "this file is all test; clippy sees only the functions marked so")]

use std::fs;
use std::process::Command;

use tempfile::TempDir;

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    calls: String,
}

impl Run {
    fn of(args: &[&str], variables: &[(&str, &str)]) -> Self {
        let root = TempDir::new().unwrap();
        fs::write(root.path().join("deny.toml"), "[licenses]\nallow = [\"MIT\"]\n").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(args)
            .env("CARGO", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake-cargo.sh"))
            // An empty path: nothing of this machine's takes part, cargo-deny least of all.
            .env("PATH", root.path())
            .env("FAKE_ROOT", root.path())
            .env("COUNTERSIGN_SEED", "7")
            .env_remove("COUNTERSIGN_SOAK")
            .env_remove("CHROMIUM")
            .env_remove("CI")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            calls: fs::read_to_string(root.path().join("calls")).unwrap_or_default(),
        }
    }

    fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap()
    }
}

#[test]
fn a_green_run_ends_with_the_counts_alone_and_tells_what_was_skipped() {
    let run = Run::of(&["test"], &[]);
    // fmt, clippy, tidy, two tests and two of other rules; the third test skipped, one was ignored, node is missing.
    assert_eq!(run.last_line(), "7 passed, 0 failed, 3 skipped", "{}", run.stdout);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.contains("SKIPPED: limits: no landlock in this kernel\n"));
    assert!(!run.stdout.contains("deny"), "advisories are of a full run");
    assert!(run.stdout.contains("SKIPPED: browser: NO BROWSER TEST RAN: "));
    assert!(run.stdout.contains("seed=7 soak=\n"), "tests are given the seed and no soak");
    assert!(!run.stdout.contains("test limits ... ok"), "what passed is counted, not listed");
}

#[test]
fn a_full_run_makes_the_long_loops_and_looks_up_advisories_or_says_what_is_missing() {
    let run = Run::of(&["test", "--full"], &[]);
    assert_eq!((run.last_line(), run.code), ("9 passed, 0 failed, 6 skipped", Some(0)), "{}", run.stdout);
    assert!(run.calls.contains("-- soak_ --skip soak_model"), "{}", run.calls);
    assert!(run.stdout.contains("seed=7 soak=1\n"), "{}", run.stdout);
    assert!(run.stdout.contains("SKIPPED: deny: cargo-deny is not installed, so no advisory was looked up"));
}

#[test]
fn a_crate_of_a_licence_that_is_not_accepted_fails_tidy() {
    let run = Run::of(&["tidy"], &[("FAKE_LICENCE", "GPL-3.0-only")]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    assert!(run.stdout.contains("copied 1.0.0: its licence `GPL-3.0-only` is not met"), "{}", run.stdout);
    assert_eq!(Run::of(&["tidy"], &[("FAKE_LICENCE", "GPL-3.0-only OR MIT")]).code, Some(0));
}

#[test]
fn where_every_machine_has_a_browser_a_missing_one_fails_the_run() {
    let run = Run::of(&["test"], &[("CI", "true")]);
    assert_eq!((run.last_line(), run.code), ("7 passed, 1 failed, 2 skipped", Some(1)), "{}", run.stdout);
    assert!(run.stdout.contains("under CI=true that is a failure"));

    let wrong = Run::of(&["test"], &[("CHROMIUM", "/nowhere/chromium")]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stdout.contains("FAILED: browser: CHROMIUM is `/nowhere/chromium`"), "{}", wrong.stdout);
}

#[test]
fn a_failed_step_fails_the_run_and_the_later_steps_still_run() {
    let run = Run::of(&["test"], &[("FAKE_FMT", "1")]);
    assert_eq!(run.last_line(), "6 passed, 1 failed, 3 skipped");
    assert_eq!(run.code, Some(1));
    assert!(run.calls.contains("cargo test --workspace --no-fail-fast"));
}

#[test]
fn a_test_program_that_dies_fails_the_run() {
    let run = Run::of(&["test"], &[("FAKE_CRASH", "1")]);
    assert_eq!(run.code, Some(1));
    assert!(run.last_line().contains(" 1 failed, "), "{}", run.last_line());
}

/// They need a build of their own, which no other step makes.
#[test]
fn the_tests_of_another_rules_number_run_and_fail_the_run() {
    let run = Run::of(&["test"], &[("FAKE_RULES", "1")]);
    assert_eq!((run.last_line(), run.code), ("5 passed, 2 failed, 3 skipped", Some(1)), "{}", run.stdout);
    assert!(
        run.calls.contains("cargo test --package control --features control/rules-1 --test rules"),
        "{}",
        run.calls
    );
}

#[test]
fn a_filter_runs_only_tests_and_one_that_matches_none_is_no_success() {
    let run = Run::of(&["test", "--", "limits"], &[]);
    assert_eq!(run.last_line(), "2 passed, 0 failed, 2 skipped");
    assert!(run.calls.contains("--no-fail-fast -- limits\n") && !run.calls.contains("clippy"));

    let none = Run::of(&["test", "--", "limist"], &[("FAKE_NO_TESTS", "1")]);
    assert_eq!((none.last_line(), none.code), ("0 passed, 1 failed, 0 skipped", Some(1)));
}

#[test]
fn a_soak_says_last_what_ran_and_with_which_seed() {
    let run = Run::of(&["soak", "kill"], &[]);
    assert_eq!((run.last_line(), run.code), ("soak: 2 tests passed, 0 failed, seed 7", Some(0)));
    assert!(run.stdout.contains("seed=7 soak=1\n"));
    assert!(run.calls.contains("-- soak_kill --include-ignored\n"));

    let none = Run::of(&["soak"], &[("FAKE_NO_TESTS", "1")]);
    assert_eq!((none.last_line(), none.code), ("soak: 0 tests passed, 0 failed, seed 7", Some(1)));
}

#[test]
fn what_cannot_be_carried_out_says_why_and_what_to_do() {
    let bench = Run::of(&["bench"], &[]);
    assert_eq!(bench.code, Some(2));
    assert!(bench.stderr.contains("add crates/testkit/src/bin/bench.rs"), "{}", bench.stderr);

    let seed = Run::of(&["soak"], &[("COUNTERSIGN_SEED", "seven")]);
    assert_eq!(seed.code, Some(2));
    assert!(seed.stderr.contains("COUNTERSIGN_SEED is `seven`"), "{}", seed.stderr);
}
