//! `node`: production nodes, and the keys of services.

use super::{Asking, ListArgs};
use crate::child::Child;
use clap::Subcommand;
use std::path::PathBuf;

/// `node`.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// List them, with the keys of their services.
    Ls(ListArgs),
    /// Ask for a roster with one more node.
    Add {
        /// Its name.
        name: model::Token,
        /// Public key of its Node Runtime (`key new --service`).
        #[arg(long, value_name = "KEY.pub")]
        node_key: PathBuf,
        /// Public key of its Engine Runtime.
        #[arg(long, value_name = "KEY.pub")]
        engine_key: PathBuf,
        #[command(flatten)]
        asking: Asking,
    },
    /// Ask for a roster with another key of a service, or of the console.
    Key {
        /// Which: governance, platform, node, engine, integration or console.
        service: Child,
        /// Its new public key (`key new --service`).
        public: PathBuf,
        /// On which node: a name, or an id (default: the only one).
        #[arg(long)]
        node: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
}
