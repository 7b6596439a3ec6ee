//! Why a command of ours could not be carried out.

use std::path::PathBuf;

/// A command that could not be carried out; a check that merely fails is not one of these.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The arguments are not a command.
    #[error("{0}")]
    Usage(String),
    /// A program did not start.
    #[error("`{command}` did not start: {source}; is it installed and on the path?")]
    Start {
        /// The command line, as it would be typed.
        command: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program started and ended badly, so what it was asked for is not known.
    #[error("`{command}` failed: {said}")]
    Ended {
        /// The command line, as it would be typed.
        command: String,
        /// Its own last words, trimmed.
        said: String,
    },
    /// A file of the repository, or one of ours under `target`, was not readable or writable.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `cargo metadata` answered something else than its documented format.
    #[error("`cargo metadata` answered without {0}; is this cargo newer than format version 1?")]
    Metadata(&'static str),
    /// `CHROMIUM` names no program.
    #[error("CHROMIUM is `{path}`, and there is no such program; name a browser, or unset it", path = .0.display())]
    Browser(PathBuf),
    /// `COUNTERSIGN_SEED` is no number.
    #[error("COUNTERSIGN_SEED is `{0}`; give a whole number from 0 to 18446744073709551615, or unset it")]
    Seed(String),
    /// The bench binary is not there.
    #[error("package `testkit` has no binary `bench`; add crates/testkit/src/bin/bench.rs, then run this again")]
    NoBench,
    /// What a command with a browser needs is not there.
    #[error("{0}")]
    Unready(String),
    /// The script that measures the page wrote something else than it should.
    #[error("the figures of the page have no `{0}`; does e2e/bench/page.mjs still write it?")]
    Figures(&'static str),
}
