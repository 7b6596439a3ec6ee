//! `token`: credentials for programs.

use super::{ListArgs, Who};
use clap::{Subcommand, ValueEnum};

/// `token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make one: it is printed once, and only its hash is recorded.
    #[command(
        after_help = "Examples:\n  countersign token new --scope read --key ada\n  COUNTERSIGN_TOKEN=cs_… countersign audit ls\n  countersign token new --scope ingest --days 90 --agent ben.pub --json\n  curl -H 'authorization: Bearer cs_…' -H 'content-type: application/json' -d @event.json http://127.0.0.1:8080/v1/events"
    )]
    New {
        /// What it is good for.
        #[arg(long)]
        scope: TokenScope,
        /// How many days it lives.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=400))]
        days: u16,
        #[command(flatten)]
        who: Who,
    },
    /// List those that are good now: whose, what for, until when; never one itself, which only its holder has.
    Ls(ListArgs),
}

/// What a program's token is good for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum TokenScope {
    /// To read what the signer may read.
    Read,
    /// To send events.
    Ingest,
}
