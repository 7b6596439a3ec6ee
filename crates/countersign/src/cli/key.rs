//! `key`: keys of people, machines and services.

use super::Who;
use clap::Subcommand;
use model::Digest;
use std::path::PathBuf;

/// `key`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key for this product: an ed25519 SSH key, private half mode 0600.
    New {
        /// Where; the public half is written beside it as FILE.pub.
        file: PathBuf,
        /// A comment inside the public half.
        #[arg(long, default_value = "countersign")]
        comment: String,
        /// A receipt key for a service on another machine instead.
        #[arg(long)]
        service: bool,
    },
    /// Prove that you hold a key, for a roster that shall list it; prints the proof.
    Prove {
        /// The invitation you were given, from `person invite`.
        #[arg(long, value_name = "FILE", required_unless_present = "person")]
        invitation: Option<PathBuf>,
        /// For one more key of somebody who is on the roster: their name, or id.
        #[arg(long, conflicts_with = "invitation")]
        person: Option<String>,
        /// The ledger, by the digest of its genesis, where no data directory is: with the whole id of a person.
        #[arg(long, value_name = "DIGEST", requires = "person")]
        ledger: Option<Digest>,
        #[command(flatten)]
        who: Who,
    },
}
