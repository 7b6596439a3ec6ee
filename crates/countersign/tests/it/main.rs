//! The product as its users have it: real processes of the real binary, over the public API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod kill;
mod lies;
mod plane;
mod refusals;
mod shop;
mod stack;
mod story;
mod visitor;
