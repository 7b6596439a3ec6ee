//! `change` and its verbs.

use super::Who;
use crate::find::ChangeRef;
use crate::form::FormArgs;
use crate::when::Future;
use clap::{Args, Subcommand, ValueEnum};
use desk::{Fingerprint, SlotChoice};
use model::{Digest, KindName, Status, Token};
use std::path::PathBuf;

/// `change`.
#[derive(Debug, Subcommand)]
pub enum ChangeCommand {
    /// Open a draft; it enables nothing.
    ///
    /// A deployment keeps whatever is left out as it serves now, or as it was certified last: a new config, theme, lease or
    /// policy goes alone, and `none` binds none any more.
    New(Box<NewArgs>),
    /// List changes, newest first.
    #[command(
        after_help = "Examples:\n  countersign change ls --status awaiting-approval\n  countersign change ls --mine --key ada\n  countersign change ls --engine alpha --kind rollback --limit 5"
    )]
    Ls(LsArgs),
    /// One change: plan, slots, what is missing.
    Show {
        /// The change.
        change: ChangeRef,
        /// What this person could do about it: a name, or an id.
        #[arg(long)]
        person: Option<String>,
    },
    /// Write what people signed of a change into a directory: package, plan and requirement, byte by byte.
    #[command(
        after_help = "Examples:\n  countersign change export 8005 --out signed\n  countersign change export 8005 --revision 1 --out before"
    )]
    Export {
        /// The change.
        change: ChangeRef,
        /// Of which revision (default: the newest).
        #[arg(long, value_name = "N")]
        revision: Option<u32>,
        /// The directory they are written to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Seal a draft for approval.
    Seal {
        /// The change.
        change: ChangeRef,
        #[command(flatten)]
        read: Read,
        #[command(flatten)]
        who: Who,
    },
    /// Fill a slot.
    Approve {
        /// The change.
        change: ChangeRef,
        /// Which slot: a role, or its position (default: the first open one of your roles).
        #[arg(long)]
        slot: Option<SlotChoice>,
        /// For a person whose deputy you are: a name, or an id.
        #[arg(long, value_name = "PERSON")]
        on_behalf_of: Option<String>,
        #[command(flatten)]
        read: Read,
        #[command(flatten)]
        who: Who,
    },
    /// Reject it; it can never be run.
    Reject {
        /// The change.
        change: ChangeRef,
        /// In which slot: a role, or its position.
        #[arg(long)]
        slot: Option<SlotChoice>,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        read: Read,
        #[command(flatten)]
        who: Who,
    },
    /// Take back one's own approval.
    Withdraw(About),
    /// Keep an approved or running change from going on.
    Hold(About),
    /// Let a held change go on.
    Release {
        /// Whose hold (default: your own, or the only one): a name, or an id.
        #[arg(long, value_name = "PERSON")]
        of: Option<String>,
        #[command(flatten)]
        about: About,
    },
    /// Give it up before it is run.
    Cancel(About),
    /// Ask every service to look again.
    Observe(About),
    /// Let a draft that needs it go on towards approval.
    Escalate(About),
    /// Name the evidence of one item of its checklist.
    Attach {
        /// The item, as `change show` prints it.
        #[arg(long)]
        item: Token,
        /// SHA-256 of the evidence.
        #[arg(long, value_name = "DIGEST")]
        evidence: Digest,
        #[command(flatten)]
        about: About,
    },
    /// End what it granted, at once.
    Revoke(About),
    /// Say that you have looked at what was done.
    Review(About),
    /// Take a held, running change back; needs two people.
    Abort(About),
    /// Say how a change ended that nobody could tell; needs one holder of each of its slots.
    Reconcile {
        /// What is there now.
        #[arg(long, value_enum)]
        outcome: Ended,
        #[command(flatten)]
        about: About,
    },
    /// Carry it out, and follow it.
    Run {
        /// The change.
        change: ChangeRef,
        /// Do not wait for its end.
        #[arg(long)]
        no_wait: bool,
        /// Not before this time; the ledger's clock starts it then: `2h`, `2026-03-08T18:00`.
        #[arg(long, value_name = "TIME")]
        not_before: Option<Future>,
        #[command(flatten)]
        read: Read,
        #[command(flatten)]
        who: Who,
    },
}

/// `change new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Which kind.
    #[arg(long, required_unless_present = "from")]
    pub kind: Option<KindName>,
    /// Ask for the same as this change did, which may have ended; with `--change` of the same one, as a new revision.
    #[arg(long, value_name = "CHANGE", conflicts_with = "kind")]
    pub from: Option<ChangeRef>,
    #[command(flatten)]
    pub form: FormArgs,
    #[command(flatten)]
    pub open: OpenArgs,
}

/// What is said of a new change of any kind.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// A line that says what it is.
    #[arg(long)]
    pub title: Option<String>,
    /// Why.
    #[arg(long)]
    pub reason: Option<String>,
    /// It may be run from this time on: `2h`, `tomorrow`, `2026-03-08T18:00`.
    #[arg(long, value_name = "TIME", requires = "window_until")]
    pub window_from: Option<Future>,
    /// It may be run until this time.
    #[arg(long, value_name = "TIME", requires = "window_from")]
    pub window_until: Option<Future>,
    /// The open change that it ends and replaces once it is sealed.
    #[arg(long, value_name = "CHANGE")]
    pub supersedes: Option<ChangeRef>,
    /// Open this change again as a new revision.
    #[arg(long)]
    pub change: Option<ChangeRef>,
    #[command(flatten)]
    pub who: Who,
}

/// `change ls`.
#[derive(Debug, Args)]
pub struct LsArgs {
    /// Only those that stand so, as `awaiting-approval`.
    #[arg(long)]
    pub status: Option<Status>,
    /// Only this kind.
    #[arg(long)]
    pub kind: Option<KindName>,
    /// Only this engine's: a name, or an id.
    #[arg(long)]
    pub engine: Option<String>,
    /// Only those that you asked for or decided, or have an open slot of yours; needs `--key` or `--agent`.
    #[arg(long)]
    pub mine: bool,
    /// Most changes.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Your private key file, for `--mine`; nothing is signed.
    #[arg(long, value_name = "KEY", requires = "mine")]
    pub key: Option<std::path::PathBuf>,
    /// Your public key file, for `--mine`.
    #[arg(long, value_name = "KEY.pub", conflicts_with = "key", requires = "mine")]
    pub agent: Option<std::path::PathBuf>,
}

/// What is there after a change that ended without anybody knowing how.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Ended {
    /// As before it.
    AsBase,
    /// As its plan says.
    AsPlanned,
}

/// A short verb about a change.
#[derive(Debug, Args)]
pub struct About {
    /// The change.
    pub change: ChangeRef,
    /// Why.
    #[arg(long)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub read: Read,
    #[command(flatten)]
    pub who: Who,
}

/// What was read of a change before it is decided.
#[derive(Debug, Args)]
pub struct Read {
    /// Refuse when the package is not the one you read: its fingerprint or digest.
    ///
    /// 16 hexadecimal digits or more, spaces between them allowed. An author can look for another
    /// package that begins with the same few: paste the whole fingerprint.
    #[arg(long, value_name = "FINGERPRINT")]
    pub package: Option<Fingerprint>,
}
