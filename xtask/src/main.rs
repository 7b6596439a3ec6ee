//! The repository's own commands: `cargo xtask test | tidy | soak | bench | screenshots`.
//!
//! Exit codes: 0 all is well, 1 something checked has failed, 2 the command could not be carried out.

mod apt;
mod bench;
mod browser;
mod cargo;
mod error;
mod recipes;
mod screenshots;
mod seed;
mod skips;
mod soak;
mod suite;
mod tally;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use error::Error;

const USAGE: &str = "\
cargo xtask test [FLAGS] [-- NAME…]
                              format, clippy, tidy, every test and the browser; the last line is the counts
                              with a NAME: only the tests of crates whose name contains it
                              with --install: installs a browser where none is
                              with --full: within an hour also the long loops at full length (but for the model's million
                              transitions: `soak model`), and cargo-deny, known advisories included
cargo xtask tidy              the house rules as a check
cargo xtask soak [NAME]       the long loops at full length; NAME narrows them
cargo xtask bench [ARGS…]     release figures: durable appends, run to serving
cargo xtask bench page [N]    the console's page in a browser, with N events in the ledger (100,000): each goal with its
                              limit; 1 when one is missed
cargo xtask bench lease [ARGS…]
                              AI leases, reserve and post, beside PostgreSQL with row locks; 1 when a goal is missed
cargo xtask screenshots [--out DIR]
                              pictures of every page, live, in an outage and empty (docs/screenshots)

Environment: COUNTERSIGN_SEED repeats a run's random choices; CARGO names the cargo to use; CHROMIUM names the browser;
with CI=true a machine without a browser fails.
Exit codes: 0 all is well, 1 a check failed, 2 could not be carried out.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(2)
        }
    }
}

/// Carries out one command; `Ok(false)` when something that was checked has failed.
fn dispatch(args: &[String]) -> Result<bool, Error> {
    let Some((command, rest)) = args.split_first() else {
        return Err(Error::Usage(USAGE.to_owned()));
    };
    match command.as_str() {
        "test" => {
            let (flags, filters) = flags(rest);
            test::run(after_dashes(filters), flags)
        }
        "tidy" if rest.is_empty() => tidy::run(),
        "soak" => soak::run(after_dashes(rest)),
        "bench" => match after_dashes(rest).split_first() {
            Some((what, rest)) if what == "page" => bench::page::run(rest),
            Some((what, rest)) if what == "lease" => bench::lease(rest),
            _ => bench::run(after_dashes(rest)),
        },
        "screenshots" => screenshots::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(true)
        }
        other => Err(Error::Usage(format!("no command `{other}` with these arguments; use one of\n\n{USAGE}"))),
    }
}

/// The flags of `test` in front of its filters.
fn flags(mut args: &[String]) -> (test::Flags, &[String]) {
    let mut flags = test::Flags::default();
    while let Some((first, rest)) = args.split_first() {
        match first.as_str() {
            "--install" => flags.install = true,
            "--full" => flags.full = true,
            _ => break,
        }
        args = rest;
    }
    (flags, args)
}

/// The arguments without a leading `--`, so that `test -- NAME` and `test NAME` mean the same.
fn after_dashes(args: &[String]) -> &[String] {
    match args.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => args,
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, after_dashes, dispatch};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn flags_stand_in_front_of_the_filters_in_any_order() {
        let args = words(&["--full", "--install", "--", "fold"]);
        let (flags, rest) = super::flags(&args);
        assert!(flags.full && flags.install);
        assert_eq!(rest, words(&["--", "fold"]));
        assert_eq!(super::flags(&words(&["fold", "--full"])).0, super::test::Flags::default());
    }

    #[test]
    fn a_leading_double_dash_is_dropped_once() {
        assert_eq!(after_dashes(&words(&["--", "fold", "--exact"])), words(&["fold", "--exact"]));
        assert_eq!(after_dashes(&words(&["fold"])), words(&["fold"]));
        assert!(after_dashes(&[]).is_empty());
    }

    #[test]
    fn an_unknown_command_is_refused_with_the_commands_there_are() {
        for args in [words(&[]), words(&["tset"]), words(&["tidy", "extra"])] {
            let Err(Error::Usage(text)) = dispatch(&args) else { panic!("{args:?} was taken") };
            assert!(text.contains("cargo xtask soak"), "{text}");
        }
    }
}
