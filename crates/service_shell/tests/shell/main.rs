//! The shell as a caller meets it: a real listener on port 0, raw HTTP/1.1 over TCP.
#![expect(clippy::unwrap_used, reason = "clippy allows it only inside test functions; a failure here is a failed test")]

mod answers;
mod limits;
mod log;
mod server;
mod shutdown;
