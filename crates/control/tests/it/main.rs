//! The pure core, told as ledgers in memory.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod approval;
mod brake;
mod console;
mod ended;
mod formats;
mod golden;
mod hold;
mod kind_engine;
mod kind_external;
mod kind_rollback;
mod log_key;
mod model;
mod mutations;
mod never_panics;
mod questions;
mod quota;
mod receipt;
mod reconcile;
mod refusals;
mod roster;
mod rows;
mod rules_page;
mod runner;
mod scenes;
mod schedule;
mod settings;
mod sight;
mod stored;
mod story;
mod tamper;
mod vectors;
mod weak_keys;
mod world;
