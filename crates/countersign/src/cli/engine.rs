//! `engine`: what a tenant is served by.

use super::{ListArgs, Who};
use clap::{Args, Subcommand};

/// Of `engine logs`.
#[derive(Debug, Args)]
pub struct LogsArgs {
    /// Its name, or an id.
    pub engine: String,
    /// Go on printing what comes.
    #[arg(long, short)]
    pub follow: bool,
    /// How many of the last lines.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(..=10_000))]
    pub lines: u16,
    /// Of which side: blue or green (default: the one that printed last).
    #[arg(long)]
    pub side: Option<String>,
}

/// `engine`.
#[derive(Debug, Subcommand)]
pub enum EngineCommand {
    /// Register one.
    New {
        /// Its name.
        name: String,
        /// Its tenant: a name, or an id.
        #[arg(long)]
        tenant: String,
        /// Its front's port.
        #[arg(long)]
        port: u16,
        /// Its node: a name, or an id (default: the only one).
        #[arg(long)]
        node: Option<String>,
        /// The sort of engine: only artifacts that were packed for it can be deployed on it.
        #[arg(long, default_value = "storefront")]
        runtime: model::Token,
        /// The most memory that one process on it may be given, MiB.
        #[arg(long, default_value_t = 4_096)]
        memory_mib: u32,
        /// A host name that it may answer under, as `shop.example.com`; may be given again.
        #[arg(long)]
        host: Vec<model::Token>,
        #[command(flatten)]
        who: Who,
    },
    /// List them.
    Ls(ListArgs),
    /// Print what an engine printed.
    ///
    /// For people who may see its tenant: with `COUNTERSIGN_TOKEN`, or the credential of a key that signed something here.
    #[command(
        after_help = "Examples:\n  countersign engine logs alpha\n  countersign engine logs alpha -f\n  countersign engine logs alpha --side blue --lines 1000"
    )]
    Logs(LogsArgs),
}
