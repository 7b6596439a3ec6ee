//! `log-key`: the keys that the ledger's own log is signed with.

use super::Asking;
use clap::Subcommand;
use std::path::PathBuf;

/// `log-key`.
#[derive(Debug, Subcommand)]
pub enum LogKeyCommand {
    /// List those in force, the oldest first.
    Ls,
    /// Make a further key in Governance's directory and print the proof that it is there. It signs
    /// nothing until a roster lists it.
    New,
    /// Ask for a roster that lists one more.
    Add {
        /// The proof that Governance holds it, from `log-key new`.
        #[arg(long, value_name = "FILE")]
        possession: PathBuf,
        #[command(flatten)]
        asking: Asking,
    },
    /// Ask for a roster without one; it never returns.
    Remove {
        /// Which: the key as `log-key ls` shows it, whole or by its id.
        #[arg(value_name = "KEY")]
        log_key: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Print what verifiers pin, with the log keys that are in force now: the next `trust.json`.
    Trust,
}
