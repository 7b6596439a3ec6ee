//! `cargo xtask soak`: the long loops at full length.
//!
//! A long loop is a test whose name begins with `soak_`. In `cargo xtask test` it makes 3 rounds; here
//! `COUNTERSIGN_SOAK=1` tells it to make all of them. Both give it its seed. The profile is that of the tests:
//! overflow checks and debug assertions are what a soak is for, and nothing is built twice.

use crate::error::Error;
use crate::seed::Seed;
use crate::suite;
use crate::workspace::Workspace;

/// Tells a long loop to run at full length.
const VARIABLE: &str = "COUNTERSIGN_SOAK";
/// Examples in documents are no loops.
const OPTIONS: [&str; 3] = ["--lib", "--bins", "--tests"];

/// Loops that take longer than `cargo xtask test --full` may: an hour.
const HOURS: [&str; 1] = ["soak_model"];

/// The long loops at full length, but for those that take hours.
pub fn within_the_hour(workspace: &Workspace, seed: Seed) -> Result<suite::Report, Error> {
    let skipped = HOURS.iter().flat_map(|name| ["--skip".to_owned(), (*name).to_owned()]);
    let filters: Vec<_> = filters(&[]).into_iter().chain(skipped).collect();
    suite::run(workspace, suite::WORKSPACE, &OPTIONS, &filters, seed, &[(VARIABLE, "1")])
}

/// Runs the long loops, those named by `names` or all, and says last what ran; none at all is a failure.
pub fn run(names: &[String]) -> Result<bool, Error> {
    let workspace = Workspace::load()?;
    let seed = Seed::of_run()?;
    let mut filters = filters(names);
    println!("soak: seed {seed} (COUNTERSIGN_SEED={seed} repeats it)");
    // A loop too long even for three rounds is marked ignored and runs only here.
    filters.push("--include-ignored".to_owned());
    let report = suite::run(&workspace, suite::WORKSPACE, &OPTIONS, &filters, seed, &[(VARIABLE, "1")])?;
    report.skips.iter().for_each(|skip| println!("SKIPPED: {skip}"));
    report.failures.iter().for_each(|failure| println!("FAILED: {failure}"));
    let tally = report.tally;
    if tally.passed + tally.failed == 0 {
        println!("soak: nothing ran; is there a test whose name begins with {}?", filters[0]);
    }
    println!("soak: {} tests passed, {} failed, seed {seed}", tally.passed, tally.failed);
    Ok(tally.failed == 0 && tally.passed > 0)
}

/// The filters for libtest: a name is meant as what follows `soak_` unless it is written out.
fn filters(names: &[String]) -> Vec<String> {
    if names.is_empty() {
        return vec!["soak_".to_owned()];
    }
    names.iter().map(|name| if name.contains("soak_") { name.clone() } else { format!("soak_{name}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::filters;

    #[test]
    fn only_long_loops_are_asked_for() {
        assert_eq!(filters(&[]), ["soak_"]);
        assert_eq!(filters(&["kill".to_owned(), "soak_fold".to_owned()]), ["soak_kill", "soak_fold"]);
    }
}
