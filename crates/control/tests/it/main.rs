//! The pure core, told as ledgers in memory.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod console;
mod formats;
mod golden;
mod histories;
mod never_panics;
mod questions;
mod refusals;
mod runner;
mod scenes;
mod sight;
mod story;
mod tamper;
mod world;
