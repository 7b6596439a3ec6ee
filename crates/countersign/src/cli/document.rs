//! `config` and `retention`: documents that an engine is bound to.

use super::{ListArgs, Who};
use clap::{Args, Subcommand};
use model::Token;
use std::path::PathBuf;

/// What a document is published as.
#[derive(Debug, Args)]
pub struct DocumentArgs {
    /// The document: TOML, or JSON where its name ends so.
    pub file: PathBuf,
    /// What it is of, in a word, as `storefront-alpha`.
    #[arg(long)]
    pub product: Token,
    /// Its version.
    #[arg(long)]
    pub version: Token,
    /// Its name, as people read it (default: product and version).
    #[arg(long)]
    pub name: Option<String>,
    /// Whose engines alone may be bound to it: a tenant's name, or an id.
    #[arg(long)]
    pub tenant: Option<String>,
    #[command(flatten)]
    pub who: Who,
}

/// `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Publish a config: variables, references to secrets, where an engine may connect to, its host names, its limits.
    ///
    /// It is checked in itself here, and against the program that it is bound with when that is sealed. Everything in it
    /// may be read by whoever reads the ledger, for good: a secret is deposited (`secret put`) and named by its digest. A plain
    /// value whose name a published program declares a secret, or reads like one, is refused unless `--public` names it.
    #[command(
        disable_version_flag = true,
        after_help = "Example of a file:\n  memory_mib = 512\n  start_within_s = 20\n  soak_s = 60\n  outbound = [5432]\n  hosts = [\"shop.example.com\"]\n\n  [values]\n  WORKERS = 4\n\n  [secrets]\n  DATABASE_URL = \"the digest that `secret put` printed\"\n\nExample:\n  countersign config publish alpha.toml --product storefront-alpha --version 3 --tenant acme --key ada"
    )]
    Publish {
        #[command(flatten)]
        document: DocumentArgs,
        /// A variable whose value everybody may read though its name reads like a secret's; may be given again.
        #[arg(long, value_name = "KEY")]
        public: Vec<String>,
    },
    /// List those that are published.
    Ls(ListArgs),
    /// One of them, as it was published.
    Show {
        /// Its name, version or digest.
        config: String,
    },
}

/// `retention`.
#[derive(Debug, Subcommand)]
pub enum RetentionCommand {
    /// Publish a retention policy: what is kept, handed over and destroyed once an engine is retired.
    #[command(
        disable_version_flag = true,
        after_help = "Example of a file:\n  [audit]\n  years = 7\n\n  [billing]\n  by = \"finance-reviewer\"\n  within_days = 30\n  statements = [\"ai-lease-usage\", \"memory\"]\n\n  [export]\n  formats = [\"csv\", \"json\"]\n  days = 90\n\n  [data]\n  then = \"hand_over\"   # or keep, or destroy\n  days = 30\n\nExample:\n  countersign retention publish standard.toml --product retention-standard --version 1 --key ada"
    )]
    Publish(DocumentArgs),
    /// List those that are published.
    Ls(ListArgs),
    /// One of them, rule by rule.
    Show {
        /// Its name, version or digest.
        policy: String,
    },
}
