//! What a person at a desk relies on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set up its world has failed")]

mod opened;
mod outcome;
mod reason;
mod shown;
mod unchecked;
