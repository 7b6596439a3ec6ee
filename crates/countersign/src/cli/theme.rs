//! `theme`.

use super::{ListArgs, Who};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `theme`.
#[derive(Debug, Subcommand)]
pub enum ThemeCommand {
    /// Check whether a folder is a client theme; nothing is sent and no key is needed.
    ///
    /// Each fault is one line: file, line and column (or byte), a code that stays, and what to do.
    #[command(after_help = "Example:\n  countersign theme check themes/acme-native/2026.03")]
    Check {
        /// The folder with `theme.css`.
        dir: PathBuf,
    },
    /// Check a theme, upload it, and publish its digest.
    #[command(
        disable_version_flag = true,
        after_help = "Examples:\n  countersign theme publish themes/acme-native --product acme-native --version 2026.03 --tenant acme --key ada\n  countersign theme publish acme-native-2026.03.tar --name 'Acme Native 2026.03' --key ada"
    )]
    Publish(ThemeArgs),
    /// List those that are published.
    Ls(ListArgs),
}

/// Of `theme publish`.
#[derive(Debug, Args)]
pub struct ThemeArgs {
    /// A folder with `theme.css`, which is packed first; or a packed theme.
    pub source: PathBuf,
    /// Its name, as people read it (default: product and version).
    #[arg(long)]
    pub name: Option<String>,
    /// Of a folder: what it is, in a word (default: as its `countersign.toml` says).
    #[arg(long)]
    pub product: Option<String>,
    /// Of a folder: its version (default: as its `countersign.toml` says).
    #[arg(long)]
    pub version: Option<String>,
    /// Whose engines alone may be bound to it: a tenant's name, or an id.
    #[arg(long)]
    pub tenant: Option<String>,
    #[command(flatten)]
    pub who: Who,
}
