//! The shop over real HTTP.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod running;
mod visit;
mod worn;
