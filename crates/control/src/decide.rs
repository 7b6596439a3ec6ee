//! The decision: (state, now, command) to a verdict and effects, or to "this cannot be a leaf".

mod change;
mod clock;
mod genesis;
mod open;
mod outcome;
mod receipt;
mod run;
mod session;
mod signed;
mod thing;

pub(crate) use genesis::settings;
pub(crate) use open::package;

use crate::{Blobs, Command, Effect, Guards, Leaf, Refusal, State, Verdict};
use model::{Instant, Span, TenantId};

/// A decided command, before it is a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Accepted or refused.
    pub verdict: Verdict,
    /// What changes.
    pub effects: Vec<Effect>,
    /// Tenants concerned, sorted.
    pub tags: Vec<TenantId>,
    /// The rules it was decided by.
    pub rules: u32,
}

/// Why a command leaves no leaf at all: it is not one to decide. A ledger that holds such a leaf
/// is broken at that leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inadmissible {
    /// Leaf 0 exists already, or does not yet.
    #[error("the ledger is founded by its first leaf and only by that")]
    Genesis,
    /// The genesis does not hold together.
    #[error("the genesis is not acceptable: {0}")]
    Founding(&'static str),
    /// The genesis lists a key that must not be listed.
    #[error("the genesis is not acceptable: {0}")]
    Key(::signed::SignedError),
    /// The genesis names a log key that is none, or is another log's.
    #[error("the genesis is not acceptable: its log key: {0}")]
    LogKey(tlog::TlogError),
    /// Signed for another ledger.
    #[error("signed for another ledger than this one")]
    OtherLedger,
    /// Nobody of the roster.
    #[error("not by a principal of the roster")]
    Stranger,
    /// Recorded already.
    #[error("recorded already, in leaf {0}")]
    Spent(u64),
    /// The change is over: a person's word about it is not recorded.
    #[error("the change has ended, in leaf {0}; `countersign change new --from CHANGE …` copies it")]
    Ended(u64),
    /// About nothing that exists.
    #[error("about something this ledger does not know")]
    UnknownObject,
    /// A governing blob is not there.
    #[error("the governing blob it names is not there")]
    MissingBlob,
    /// A governing blob says something else than the command.
    #[error("the package it names is for something else")]
    OtherPackage,
    /// Nothing is due, nothing is new.
    #[error("there is nothing to record")]
    NoChange,
    /// Rules that this binary does not know.
    #[error("this binary does not know the rules {0}; get a newer one")]
    NewerRules(u32),
    /// A field outside its bounds.
    #[error("out of bounds: {0}")]
    Bounds(&'static str),
    /// A credential that ends before the ledger's clock, or too long after it.
    #[error(
        "{bounds}: this one would end at {expires}, {} {} the ledger's clock ({now})",
        Span(expires.millis_since(*now)), if expires < now { "before" } else { "after" }
    )]
    Lifetime {
        /// How long one may live.
        bounds: &'static str,
        /// When it would end.
        expires: Instant,
        /// The ledger's clock.
        now: Instant,
    },
}

impl Decided {
    fn accepted(effects: Vec<Effect>, tags: Vec<TenantId>) -> Self {
        Self { verdict: Verdict::Accepted, effects, tags, rules: 0 }
    }

    fn refused(refusal: Refusal, tags: Vec<TenantId>) -> Self {
        Self { verdict: Verdict::Refused(refusal), effects: vec![], tags, rules: 0 }
    }

    /// The leaf that records it.
    pub fn into_leaf(self, now: Instant, command: Command) -> Leaf {
        Leaf { rules: self.rules, now, command, verdict: self.verdict, effects: self.effects, tags: self.tags }
    }
}

/// Decides a command whose authority was checked ([`crate::check_authority`]).
///
/// # Errors
/// When the command is not one to decide: no leaf may record it.
pub fn decide(state: &State, blobs: &dyn Blobs, now: Instant, command: &Command) -> Result<Decided, Inadmissible> {
    decide_under(&Guards::default(), state, blobs, now, command)
}

/// [`decide`] with some guards switched off: for tests of what each guard is for.
///
/// # Errors
/// As [`decide`].
pub fn decide_under(
    guards: &Guards,
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    command: &Command,
) -> Result<Decided, Inadmissible> {
    let rules = crate::rules::in_force(state).ok_or(Inadmissible::NewerRules(state.rules))?;
    let decided = (rules.decide)(guards, state, blobs, now, command)?;
    Ok(Decided { rules: rules.number, ..decided })
}

/// The decision under the rules that this build carries. A number whose behaviour differs has its
/// own function in [`crate::rules`]; guards that came later say so in their row.
pub(crate) fn decide_0(
    guards: &Guards,
    state: &State,
    blobs: &dyn Blobs,
    now: Instant,
    command: &Command,
) -> Result<Decided, Inadmissible> {
    match command {
        Command::Genesis { genesis, signatures } => genesis::decide(state, blobs, genesis, signatures),
        _ if !state.is_founded() => Err(Inadmissible::Genesis),
        Command::Signed { statement, .. } => signed::decide(guards, state, blobs, now, statement),
        Command::Receipt { receipt, .. } => receipt::decide(state, now, receipt),
        Command::Session(session) => session::decide(state, now, session),
        Command::Clock { act } => clock::decide(guards, state, now, act),
    }
}
