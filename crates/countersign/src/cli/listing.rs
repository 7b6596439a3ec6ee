//! What every listing takes.

use clap::Args;

/// How much a listing shows.
#[derive(Debug, Clone, Copy, Args)]
pub struct ListArgs {
    /// Most rows.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}
