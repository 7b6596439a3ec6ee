//! `settings`: the documents that rule the ledger.

use super::{Asking, ListArgs};
use clap::Subcommand;
use model::SettingName;
use std::path::PathBuf;

/// `settings`.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// List them, with the digests in force.
    Ls(ListArgs),
    /// Print one as JSON, as it is in force in this machine's verified copy.
    Show {
        /// rules, kinds, recalls or tenant-terms.
        name: SettingName,
    },
    /// Ask for another document in its place.
    Change {
        /// rules, kinds, recalls or tenant-terms.
        name: SettingName,
        /// The whole document that replaces it, as `settings show` prints it.
        file: PathBuf,
        #[command(flatten)]
        asking: Asking,
    },
}
