//! What people and services sign, and how anyone checks it. Pure: bytes in, verdict out.
//!
//! A *statement* is a person's signed word, a *receipt* a service's. Both are canonical objects
//! bound to one ledger by its genesis digest, so that what was signed for another ledger, or for
//! a copy of this one that went its own way, is worth nothing here.

mod act;
mod console_sign_in;
mod genesis;
mod login;
mod part;
mod possession;
mod receipt;
mod roster;
pub mod ssh;
mod statement;
mod trust;

pub use act::{Act, Binding, Reconciled, Verb};
pub use console_sign_in::ConsoleSignIn;
pub use genesis::{FirstSetting, FounderSignature, Genesis};
pub use login::{ConsoleLogin, LoginRequest};
pub use part::{BODY_MAX_BYTES, ONE_LINE, Opening, PARTS_MAX, Part, PartBody, REASON, commit, event_command};
pub use possession::{Challenge, KeyProof, LogKeyChallenge, Possession};
pub use receipt::{Counted, Observation, Outcome, Placed, Receipt, Report, Served, ServiceKey, StepRef, step_key};
pub use roster::{Deputy, Machine, NodeEntry, Person, PersonKey, Roster, ServiceEntry, log_key_id};
pub use statement::{NOT_AFTER_MAX_MS, Seen, Statement};
pub use trust::Trust;

/// Why something signed is not what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// Not a key of a kind that may sign here.
    #[error("`{0}` is not an ed25519 public key in OpenSSH form; make one with `countersign key new FILE`")]
    Key(String),
    /// A key of the roster that must not be listed.
    #[error("the key of {holder}: {fault}; list another key, as `countersign key new FILE` makes it")]
    UnsafeKey {
        holder: String,
        /// What is wrong with it.
        fault: model::KeyFault,
    },
    /// A key of the roster that is listed in other words than its own.
    #[error("the key of person {0} is not listed under its own id, in its one spelling")]
    Listing(model::PersonId),
    /// Not an SSH signature, or one made for something else.
    #[error("not an ssh signature of the namespace `countersign`: {0}")]
    Signature(String),
    /// A well-formed signature of other bytes or by another key.
    #[error("the signature does not match these bytes and this key")]
    Mismatch,
    /// A value without canonical form.
    #[error(transparent)]
    Canon(#[from] model::canon::CanonError),
    /// An opening that does not fit its commitment.
    #[error("part {0} does not fit the commitment that was signed")]
    Opening(usize),
    /// Part openings missing or too many.
    #[error("{0} parts are committed to, {1} were given")]
    Parts(usize, usize),
}
