//! What a caller asks of the writer, and gets.

use model::{Digest, Instant};

/// How long a caller waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// Until the leaf is flushed to disk.
    Durable,
    /// Until a signed checkpoint that covers the leaf is durable and published.
    Published,
}

/// Where a command was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its leaf's index, for ever.
    pub index: u64,
    /// Its leaf hash (RFC 6962 §2.1).
    pub leaf_hash: Digest,
    /// The instant the writer stamped it with.
    pub now: Instant,
}

/// A decided command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered<A> {
    /// The machine's answer.
    pub answer: A,
    /// Its leaf, when it left one.
    pub recorded: Option<Recorded>,
}

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The lane, or this principal's share of it, is full. Nothing was decided.
    #[error("too many commands are waiting; try again in a moment")]
    Busy,
    /// No disk space could be reserved. Nothing was decided.
    #[error("the ledger's disk is full; nothing was decided, free some space and try again")]
    DiskFull,
    /// The writer does not believe its clock. Nothing was decided.
    #[error("{0}")]
    Clock(String),
    /// The writer failed with this command in its hands: it may or may not be recorded.
    #[error("it is unknown whether this was recorded; ask again with the same key after the restart")]
    Unknown,
    /// The writer has ended. Nothing was decided.
    #[error("the ledger no longer takes commands: {0}")]
    Stopped(String),
    /// A first leaf for a log that has one.
    #[error("this ledger already has its first entry")]
    Begun,
    /// A first leaf the machine does not accept.
    #[error("the first entry is refused: {0}")]
    Refused(String),
}
