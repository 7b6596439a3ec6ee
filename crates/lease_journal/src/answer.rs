//! What the journal answers.

use crate::{Ask, Cap, Head, Period};
use model::{ChangeId, Instant};

/// Cycles that were set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// What was asked for.
    pub ask: Ask,
    /// When.
    pub made: Instant,
    /// From here on it is void.
    pub expires: Instant,
    /// The period that it counts in, whenever it is posted.
    pub period: Period,
    /// Index of its entry in the journal.
    pub entry: u64,
}

/// How a reservation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// That many cycles were used.
    Posted(u64),
    /// Its engine gave it back.
    Voided,
    /// Its time was over.
    Expired,
}

/// The end of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The reservation.
    pub reservation: Reservation,
    /// How it ended.
    pub how: How,
    /// When.
    pub at: Instant,
    /// Index of the entry that ended it.
    pub entry: u64,
}

/// What became of a command that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Set aside.
    Granted(Reservation),
    /// Ended as asked.
    Ended(Ending),
    /// So many were past their time and are void now.
    Expired {
        /// How many.
        count: usize,
        /// Whether as many as one entry takes: there may be more.
        more: bool,
    },
    /// A period's total is final; the index of the entry that says so.
    Final {
        /// The period, as it is recorded.
        period: Period,
        /// Its total, cycles.
        posted: u64,
        /// Index of the entry.
        entry: u64,
    },
}

/// What was used of a lease in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The period.
    pub period: Period,
    /// The newest cap that a reservation was granted under; it may have changed since.
    pub cap: Option<Cap>,
    /// Cycles that were used.
    pub posted: u64,
    /// Cycles that are set aside.
    pub open: u64,
    /// By how many reservations.
    pub reservations: u32,
    /// Index of the entry that made the total final, where one did.
    pub committed: Option<u64>,
}

/// A period's final total, and the journal that shows it: what the period's receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The lease.
    pub lease: ChangeId,
    /// The period.
    pub period: Period,
    /// Cycles that were used in it.
    pub posted: u64,
    /// The journal up to the entry that made the total final.
    pub head: Head,
}
