//! `warrant`: what another system may carry out, once.

use super::Who;
use crate::find::ChangeRef;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `warrant`.
#[derive(Debug, Subcommand)]
pub enum WarrantCommand {
    /// Write the warrant of a change that was run to a file, from this machine's own verified copy.
    ///
    /// The file holds every entry of the ledger up to now (no names, no texts): give it only to who may
    /// read those.
    Export {
        /// The change.
        change: ChangeRef,
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check a warrant file offline, and whether it allows what you are about to do.
    ///
    /// Without `--ask` nothing is known of a use or a revocation after the file was written.
    Check(CheckArgs),
    /// Say, as the machine identity that carries it out, that the warrant is used now. It is good once.
    ///
    /// Name what you are about to do, and where: a warrant for anything else is then left unused.
    Use {
        /// The change.
        change: ChangeRef,
        #[command(flatten)]
        compared: Compared,
        #[command(flatten)]
        who: Who,
    },
}

/// What is about to be done, compared with what the warrant allows.
#[derive(Debug, Args)]
pub struct Compared {
    /// SHA-256 of what would be carried out, as sha256:… or 64 hexadecimal digits.
    #[arg(long, conflicts_with = "file")]
    pub digest: Option<String>,
    /// What would be carried out: a file, whose SHA-256 is compared.
    #[arg(long, value_name = "ARTIFACT")]
    pub file: Option<PathBuf>,
    /// Where it would be carried out, as the package names it.
    #[arg(long)]
    pub target: Option<model::Token>,
}

/// `warrant check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The warrant file.
    pub warrant: PathBuf,
    /// What was pinned beforehand (default: trust.json of the data directory).
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    #[command(flatten)]
    pub compared: Compared,
    /// Also look in the data directory's own copy of the ledger, brought up to date, whether the warrant
    /// was used or revoked since.
    #[arg(long)]
    pub ask: bool,
}
