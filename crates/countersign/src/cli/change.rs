//! `change` and its verbs.

use super::Who;
use clap::{Args, Subcommand};
use desk::Fingerprint;
use model::{ChangeId, Digest, KindName, Role};

/// `change`.
#[derive(Debug, Subcommand)]
pub enum ChangeCommand {
    /// Open a draft; the executors observe it at once.
    New {
        /// deployment or rollback.
        #[arg(long)]
        kind: KindName,
        /// The engine, by name or id.
        #[arg(long)]
        engine: String,
        /// The artifact to deploy, by digest.
        #[arg(long)]
        artifact: Option<Digest>,
        /// A line that says what it is.
        #[arg(long)]
        title: Option<String>,
        /// Why (a rollback needs it).
        #[arg(long)]
        reason: Option<String>,
        /// Revise this change instead of opening a new one.
        #[arg(long)]
        change: Option<ChangeId>,
        #[command(flatten)]
        who: Who,
    },
    /// List changes, newest first.
    Ls,
    /// One change: plan, slots, who can fill them, what it waits for.
    Show {
        /// Which.
        change: ChangeId,
        /// Explain what this person can do (default: nobody in particular).
        #[arg(long)]
        person: Option<model::PersonId>,
    },
    /// Seal a draft: this package and plan are what is asked for.
    Seal {
        /// Which.
        change: ChangeId,
        #[command(flatten)]
        read: Read,
        #[command(flatten)]
        who: Who,
    },
    /// Approve: fill a slot.
    Approve {
        /// Which.
        change: ChangeId,
        /// The slot (default: the open one whose role you hold).
        #[arg(long)]
        slot: Option<Role>,
        #[command(flatten)]
        read: Read,
        #[command(flatten)]
        who: Who,
    },
    /// Reject this revision.
    Reject {
        /// Which.
        change: ChangeId,
        /// The slot (default: the open one whose role you hold).
        #[arg(long)]
        slot: Option<Role>,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        read: Read,
        #[command(flatten)]
        who: Who,
    },
    /// Take your own approval back.
    Withdraw(About),
    /// Stop every step that has not begun.
    Hold(About),
    /// Lift a hold.
    Release(About),
    /// End a change that was not run.
    Cancel(About),
    /// Order the approved plan to be carried out, and follow it.
    Run {
        /// Which.
        change: ChangeId,
        /// Do not wait for the end.
        #[arg(long)]
        no_wait: bool,
        #[command(flatten)]
        read: Read,
        #[command(flatten)]
        who: Who,
    },
}

/// A short verb about a change.
#[derive(Debug, Args)]
pub struct About {
    /// Which.
    pub change: ChangeId,
    /// Why.
    #[arg(long)]
    pub reason: Option<String>,
    /// Which package it is about.
    #[command(flatten)]
    pub read: Read,
    #[command(flatten)]
    pub who: Who,
}

/// What was read before it is decided.
#[derive(Debug, Args)]
pub struct Read {
    /// Refuse when the package is not the one you read: its fingerprint or digest.
    ///
    /// 16 hexadecimal digits or more, spaces between them allowed. An author can look for another
    /// package that begins with the same few: paste the whole fingerprint.
    #[arg(long, value_name = "FINGERPRINT")]
    pub package: Option<Fingerprint>,
}
