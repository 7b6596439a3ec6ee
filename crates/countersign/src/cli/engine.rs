//! `engine`: what a tenant is served by.

use super::{ListArgs, Who};
use clap::Subcommand;

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
        #[command(flatten)]
        who: Who,
    },
    /// List them.
    Ls(ListArgs),
}
