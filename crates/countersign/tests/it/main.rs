//! The product as its users have it: real processes of the real binary, over the public API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by failing")]

mod advice;
mod demo;
mod flow;
mod keys;
mod kill;
mod kinds;
mod lies;
mod log;
mod log_key;
mod login;
mod lost_key;
mod manners;
mod moment;
mod moved;
mod oracle;
mod plane;
mod private;
mod refusals;
mod roster;
mod seed;
mod shop;
mod shortened;
mod stack;
mod stdout;
mod story;
mod tamper;
mod terminals;
mod token;
mod unsafe_keys;
mod verify;
mod visitor;
mod warrant;
mod whose;
mod wire;
mod words;
