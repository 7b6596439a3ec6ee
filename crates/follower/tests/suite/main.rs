//! A follower and an executor against a Governance that can lie.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bench;
mod brake;
mod crash;
mod executor;
mod follow;
mod late;
mod lies;
mod replica;
mod snapshot;
