//! The journal's machine against a plain model, and the journal on a disk.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod at_once;
mod desk;
mod histories;
mod journal;
mod model;
mod reopened;
mod rules;
