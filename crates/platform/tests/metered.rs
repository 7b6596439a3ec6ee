//! AI leases at Platform Services, the whole service over HTTP, by what a ledger in the test decides.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "metered/closed.rs"]
mod closed;
#[path = "metered/current.rs"]
mod current;
#[path = "metered/raised.rs"]
mod raised;
#[path = "metered/running.rs"]
mod running;
#[path = "metered/set_back.rs"]
mod set_back;
