//! `secret`: what an engine is given and nobody else reads.

use super::{ListArgs, Who};
use clap::Subcommand;
use std::path::PathBuf;

/// `secret`.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Deposit a secret on an engine's node: from a file, or from standard input.
    ///
    /// It is never an argument, which others on the machine could read. What is printed names it: a config refers to it
    /// by that digest, and does nothing by itself. One line end at its end is not part of it.
    #[command(
        after_help = "Examples:\n  countersign secret put db.txt --tenant acme --key ada\n  openssl rand -hex 32 | countersign secret put --engine alpha --key ada"
    )]
    Put {
        /// The file that holds it (default: standard input).
        file: Option<PathBuf>,
        /// Whose engines alone are given it: a name, or an id (default: the only tenant).
        #[arg(long, conflicts_with = "engine")]
        tenant: Option<String>,
        /// The same, by one of the tenant's engines; its node is the default, too.
        #[arg(long)]
        engine: Option<String>,
        /// On which node: a name, or an id (default: the only one).
        #[arg(long)]
        node: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// List what may be known of those on a node: digest, last four characters, since when.
    Ls {
        /// On which node: a name, or an id (default: the only one).
        #[arg(long)]
        node: Option<String>,
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        who: Who,
    },
}
