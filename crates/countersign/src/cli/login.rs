//! `login`.

use super::Who;
use clap::Args;
use std::path::PathBuf;

/// `login`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The console, by the name it calls itself (default: the one of the data directory).
    #[arg(long, value_name = "URL")]
    pub console: Option<String>,
    /// What was pinned beforehand (default: trust.json of the data directory).
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    #[command(flatten)]
    pub who: Who,
}
