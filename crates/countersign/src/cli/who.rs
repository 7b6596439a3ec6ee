//! Who signs.

use clap::Args;
use std::path::PathBuf;

/// Who signs.
#[derive(Debug, Clone, Args)]
pub struct Who {
    /// Private key file of the signer.
    #[arg(long, required_unless_present = "agent")]
    pub key: Option<PathBuf>,
    /// Sign by the ssh-agent at `SSH_AUTH_SOCK`, with this public key file.
    #[arg(long, value_name = "KEY.pub", conflicts_with = "key")]
    pub agent: Option<PathBuf>,
}
