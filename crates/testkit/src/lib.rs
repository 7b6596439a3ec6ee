//! What tests of several crates share: a founded ledger with its people, a small release, and a Governance that can
//! be told to lie.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::missing_panics_doc, reason = "a test fails by panicking")]

mod double;
pub mod release;
pub mod thrice;
mod until;

pub use double::{Double, Failure, Lie, Store, World, shop, shop_profile};
pub use release::{packed, program};
pub use until::until;
