//! What is no command to decide.

use crate::Unsound;
use model::{Instant, Span};

/// Why a command leaves no leaf at all: it is not one to decide. A ledger that holds such a leaf
/// is broken at that leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inadmissible {
    /// Leaf 0 exists already, or does not yet.
    #[error("the ledger is founded by its first leaf and only by that")]
    Genesis,
    /// The genesis does not hold together.
    #[error("the genesis is not acceptable: {0}")]
    Founding(Unsound),
    /// The genesis lists a key that must not be listed.
    #[error("the genesis is not acceptable: {0}")]
    Key(::signed::SignedError),
    /// The genesis names a log key that is no valid verifier key, or is another log's.
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
