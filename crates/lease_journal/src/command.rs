//! What the journal is asked.

use crate::Period;
use model::{ChangeId, EngineId, Id};

/// Most cycles of anything: every number stays exact in JSON.
pub const CYCLES_MAX: u64 = (1 << 53) - 1;
/// Longest a reservation is held, milliseconds: the totals of a period wait for its last one.
pub const HOLD_MAX_MS: u64 = 86_400_000;
/// Most reservations of one lease that are open at once.
pub const OPEN_MAX: u32 = 65_536;

/// A reservation's name: the client's own 128 random bits, apart for each engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReservationKey {
    /// Whose it is.
    pub engine: EngineId,
    /// What that engine calls it; asked again with the same id, a question is the same question.
    pub id: Id,
}

/// The cap in force, and how many entries of the control log say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cap {
    /// Cycles a period.
    pub cycles: u64,
    /// Size of the control log in whose verified state it was read.
    pub control_size: u64,
}

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The lease, by the change that granted it.
    pub lease: ChangeId,
    /// The reservation's name.
    pub key: ReservationKey,
    /// How many cycles, 1 to [`CYCLES_MAX`].
    pub cycles: u64,
    /// How long they are held, 1 to [`HOLD_MAX_MS`] milliseconds from the entry on.
    pub hold_ms: u64,
}

/// What a client asks for, with what its lease allows now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserve {
    /// What is asked for.
    pub ask: Ask,
    /// The period that it counts in.
    pub period: Period,
    /// The cap in force.
    pub cap: Cap,
}

/// What the journal is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Set cycles aside.
    Reserve(Reserve),
    /// That many of them were used; the rest is free again.
    Post {
        lease: ChangeId,
        key: ReservationKey,
        /// Used, 0 to what was reserved.
        cycles: u64,
    },
    /// None were used.
    Void { lease: ChangeId, key: ReservationKey },
    /// Void whatever is past its time, as many as one entry takes.
    Expire,
    /// The period is over: its total is final.
    Commit { lease: ChangeId, period: Period },
    /// The lease is over: the total of its period is final, though the period still runs.
    Close { lease: ChangeId, period: Period },
}
