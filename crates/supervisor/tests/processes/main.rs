//! The supervisor with real child processes.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "clippy allows it only inside test functions; a failure here is a failed test")]

mod children;
mod end;
mod fixture;
mod orphans;
mod requests;
