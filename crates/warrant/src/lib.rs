//! A warrant as a file: that a change was sealed, countersigned and run, for a tool that holds
//! nothing but `trust.json`. Pure: bytes in, findings out.
//!
//! The file holds the control log up to a signed checkpoint, with the governing blobs that it names.
//! Checking it decides every leaf again, as a verifier of the whole ledger does. So it proves all that a
//! verification proves, up to that checkpoint; of what came later, a use or a revocation, it knows nothing.

mod check;
mod error;
mod file;

pub use check::{Approved, Checked, Intended, check, stands};
pub use error::WarrantError;
pub use file::{MAX_BYTES, WarrantFile};
