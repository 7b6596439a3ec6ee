//! `lease` and `quota`: what a tenant may use.

use super::{ListArgs, OpenArgs};
use crate::find::ChangeRef;
use crate::form::{AskedKind, FormOf};
use clap::{Args, Subcommand};

/// A lease grant, as `change new --kind lease-grant` asks for it.
#[derive(Debug, Clone, Default)]
pub struct Grant;

/// An override, as `change new --kind lease-override` asks for it.
#[derive(Debug, Clone, Default)]
pub struct Override;

impl AskedKind for Grant {
    const WORD: &'static str = "lease-grant";
}

impl AskedKind for Override {
    const WORD: &'static str = "lease-override";
}

/// A new change of one kind.
#[derive(Debug, Args)]
pub struct KindArgs<K: AskedKind> {
    #[command(flatten)]
    pub form: FormOf<K>,
    #[command(flatten)]
    pub open: OpenArgs,
}

/// `lease`.
#[derive(Debug, Subcommand)]
pub enum LeaseCommand {
    /// List AI leases: whose, how many cycles, until when, and which engines are bound to them.
    Ls(ListArgs),
    /// One AI lease: what it grants, what raises it, and what is used of it.
    Show {
        /// The change that granted it.
        lease: ChangeRef,
    },
    /// Ask for an AI lease: the same as `change new --kind lease-grant`.
    ///
    /// One outside the tenant's envelope (`settings show tenant-terms`) is flagged, and a Finance Reviewer fills a slot too.
    #[command(
        after_help = "Example:\n  countersign lease grant --tenant acme --class hybrid --cycles 50000 --period month --zone America/New_York \\\n    --purpose merchandising --asked-by acme --key ada"
    )]
    Grant(Box<KindArgs<Grant>>),
    /// Ask for more cycles of a lease for a while: the same as `change new --kind lease-override`.
    ///
    /// Its draft is read-only until it is escalated (`change escalate`); only then can it be sealed.
    #[command(
        after_help = "Example:\n  countersign lease override --lease 7f3a --cycles 80000 --for 7d --reason 'A sale' --key ada"
    )]
    Override(Box<KindArgs<Override>>),
}

/// `quota`.
#[derive(Debug, Subcommand)]
pub enum QuotaCommand {
    /// List tenants: what each uses beside what it may use, and the exceptions that stand.
    #[command(
        after_help = "The limits stand in the terms of tenants (`settings show tenant-terms`). More for a while:\n  countersign change new --kind quota-exception --tenant acme --memory-mib 2048 --for 8h --reason 'A sale' --key ada"
    )]
    Ls(ListArgs),
}
