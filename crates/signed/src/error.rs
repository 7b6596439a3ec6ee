//! Why something signed is not what it claims to be.

use model::canon::CanonError;
use model::{KeyFault, PersonId};

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
        fault: KeyFault,
    },
    /// A key of the roster that is listed in other words than its own.
    #[error("the key of person {0} is not listed under its own id, in its one spelling")]
    Listing(PersonId),
    /// Not an SSH signature, or one made for something else.
    #[error("not an ssh signature of the namespace `countersign`: {0}")]
    Signature(String),
    /// A well-formed signature of other bytes or by another key.
    #[error("the signature does not match these bytes and this key")]
    Mismatch,
    /// A value without canonical form.
    #[error(transparent)]
    Canon(#[from] CanonError),
    /// An opening that does not fit its commitment.
    #[error("part {0} does not fit the commitment that was signed")]
    Opening(usize),
    /// Part openings missing or too many.
    #[error("{0} parts are committed to, {1} were given")]
    Parts(usize, usize),
}
