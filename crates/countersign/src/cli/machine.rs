//! `machine`: pipelines and agents on the roster.

use super::{Asking, ListArgs, Who};
use clap::Subcommand;
use std::path::PathBuf;

/// `machine`.
#[derive(Debug, Subcommand)]
pub enum MachineCommand {
    /// List them: name, key.
    Ls(ListArgs),
    /// Print an invitation for a machine, which answers it with `key prove`.
    Invite {
        /// Its name, as `ci.release`.
        name: model::Token,
    },
    /// Ask for a roster that lists one more.
    Add {
        /// Its name, as `ci.release`.
        name: model::Token,
        /// The proof that it holds its key, from `key prove`.
        #[arg(long, value_name = "FILE")]
        possession: PathBuf,
        #[command(flatten)]
        asking: Asking,
    },
    /// Ask for a roster without one; its key never returns.
    Remove {
        /// Which: its name, or id.
        machine: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Suspend its key, at once: by two people together.
    Suspend {
        /// Which: its name, or id.
        machine: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        who: Who,
    },
}
