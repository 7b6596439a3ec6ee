//! The pure core, told as ledgers in memory.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod golden;
mod questions;
mod refusals;
mod scenes;
mod story;
mod tamper;
mod world;
