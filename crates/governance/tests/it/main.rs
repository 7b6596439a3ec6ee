//! Governance over real HTTP: every promise a user relies on, in temporary directories on port 0.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its world has failed")]

mod ended;
mod events;
mod fixture;
mod formats;
mod founding;
mod log;
mod openapi;
mod raw;
mod reading;
mod refusals;
mod replica;
mod restart;
mod sight;
mod story;
