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

/// Of `engine readiness`.
#[derive(Debug, Args)]
pub struct ReadinessArgs {
    /// Its name, or an id.
    pub engine: String,
    /// Have every byte of what it would go back to hashed again first, where it is kept.
    #[arg(long)]
    pub verify: bool,
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
        /// Its front's port. The ports 1000 and 2000 above are taken too: its two sides listen there.
        #[arg(long)]
        port: u16,
        /// Its node: a name, or an id (default: the only one).
        #[arg(long)]
        node: Option<String>,
        /// The sort of engine: only packages made for it can be deployed on it. The sample shop is made for `storefront`;
        /// a program of one's own for `web`, where its countersign.toml names no other. Any word will do: it is compared,
        /// letter by letter, with `runtime` of a package's countersign.toml.
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
    /// End every engine and the front of this data directory on this machine, once `serve` has ended.
    ///
    /// Engines outlive the services on purpose. This is what switching the machine off does, and decides nothing: what
    /// serves by the ledger serves again with the next `serve`. Refused while the directory is served.
    StopAll,
    /// Print one: how far it is from registration to launch, what is bound to it, and its last rehearsal.
    Show {
        /// Its name, or an id.
        engine: String,
    },
    /// Print whether a rollback could be carried out now, and what keeps it from being so.
    ///
    /// Each cause is one for which a rollback would be refused. Exit code 5 where one stands, or was not read.
    #[command(
        after_help = "Examples:\n  countersign engine readiness alpha\n  countersign engine readiness alpha --verify --json"
    )]
    Readiness(ReadinessArgs),
    /// Print what an engine printed.
    ///
    /// For people who may see its tenant: with `COUNTERSIGN_TOKEN`, or the credential of a key that signed something here.
    #[command(
        after_help = "Examples:\n  countersign engine logs alpha\n  countersign engine logs alpha -f\n  countersign engine logs alpha --side blue --lines 1000"
    )]
    Logs(LogsArgs),
}
