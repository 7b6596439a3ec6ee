//! `brake`: stop something at the services themselves.

use super::{ListArgs, Who};
use crate::find::ChangeRef;
use clap::Subcommand;
use std::path::PathBuf;

/// `brake`.
#[derive(Debug, Subcommand)]
pub enum BrakeCommand {
    /// Begin no further step of a change.
    Hold {
        /// The change.
        change: ChangeRef,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// End what a change granted.
    Revoke {
        /// The change.
        change: ChangeRef,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// Suspend a key: your own, or another's together with a second person.
    Suspend {
        /// Which key (default: the one you sign with): the beginning of its id, as `person ls` and `machine ls`
        /// print it.
        #[arg(long, value_name = "ID")]
        of_key: Option<String>,
        /// The private key file of the second person, for somebody else's key.
        #[arg(long, value_name = "KEY", requires = "of_key")]
        with: Option<PathBuf>,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// What stands at each service, and what was lifted within a day.
    Ls(ListArgs),
}
