//! Why the journal says no: a stable code, what is missing, and what to do.

use crate::{CYCLES_MAX, HOLD_MAX_MS, KNOWN_IN_ALL, KNOWN_MAX, OPEN_MAX};
use model::{ChangeId, Instant};

/// Why the journal says no. Nothing was recorded, and nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More than the cap leaves.
    #[error(
        "of {cap} cycles until {until}, {posted} are used and {open} are reserved; {asked} more are not left, but {left}"
    )]
    CapReached {
        /// The cap in force.
        cap: u64,
        posted: u64,
        open: u64,
        asked: u64,
        left: u64,
        /// End of the period.
        until: Instant,
    },
    /// The id stands for another question.
    #[error("this id already stands for a reservation of {cycles} cycles of lease {lease}, held for {hold_ms} ms")]
    Conflict {
        /// That reservation's lease.
        lease: ChangeId,
        cycles: u64,
        hold_ms: u64,
    },
    /// Another number was posted before.
    #[error("{posted} cycles were posted for this reservation already, and {asked} are not those")]
    PostedOther { posted: u64, asked: u64 },
    /// Never granted to this engine under this lease, or long ended.
    #[error(
        "this engine has no reservation of this id under lease {lease}: none was granted, or it ended long ago (an \
         ended one is known for 48 hours, or until {KNOWN_MAX} others of this engine have ended; earlier where all \
         engines together have more than {KNOWN_IN_ALL})"
    )]
    Unknown { lease: ChangeId },
    /// Its time is over: it is void.
    #[error("the reservation was held until {expires} and is void since then")]
    Expired { expires: Instant },
    /// It was posted, so it cannot be given back.
    #[error("{cycles} cycles were posted for this reservation already")]
    Posted { cycles: u64 },
    /// It was given back, so nothing can be posted.
    #[error("the reservation was voided at {at}")]
    Voided { at: Instant },
    /// More was used than was reserved.
    #[error("{asked} cycles cannot be posted: {reserved} were reserved")]
    TooMuch { reserved: u64, asked: u64 },
    /// Not a number of cycles.
    #[error("{0} is no number of cycles to reserve: 1 to {CYCLES_MAX} are")]
    Cycles(u64),
    /// Not a time to hold.
    #[error("{0} ms is no time to hold a reservation: 1 to {HOLD_MAX_MS} ms are")]
    Hold(u64),
    /// Too many are open.
    #[error("{OPEN_MAX} reservations of this lease are open, which is the most")]
    TooMany,
    /// The entry's instant lies outside the period that was named.
    #[error("the period has turned: it is {now}")]
    PeriodTurned {
        /// The writer's instant.
        now: Instant,
    },
    /// The lease was over, and the total of this period is final.
    #[error("the lease is over: the total of its period until {until} is final")]
    Closed { until: Instant },
    /// A total is final only after its period.
    #[error("the period runs until {until}")]
    PeriodRunning { until: Instant },
    /// A total is final only once nothing is open.
    #[error("{open} reservations of the period are open, the last until {until}")]
    PeriodOpen { open: u32, until: Instant },
    /// The lease has been used in a period that overlaps the one named, and is not it.
    #[error("the lease has a period from {from} until {until}, which is another one")]
    PeriodOther { from: Instant, until: Instant },
    /// A bug: said, and nothing recorded.
    #[error("something went wrong inside this service, nothing was recorded")]
    Internal,
}

impl Refusal {
    /// The stable name: programs decide on this, never on the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CapReached { .. } => "lease.cap_reached",
            Self::Conflict { .. } | Self::PostedOther { .. } => "reservation.conflict",
            Self::Unknown { .. } => "reservation.unknown",
            Self::Expired { .. } => "reservation.expired",
            Self::Posted { .. } => "reservation.posted",
            Self::Voided { .. } => "reservation.voided",
            Self::TooMuch { .. } => "reservation.too_much",
            Self::Cycles(_) => "cycles.malformed",
            Self::Hold(_) => "hold.malformed",
            Self::TooMany => "reservations.too_many",
            Self::PeriodTurned { .. } => "period.turned",
            Self::Closed { .. } => "lease.ended",
            Self::PeriodRunning { .. } => "period.running",
            Self::PeriodOpen { .. } => "period.open",
            Self::PeriodOther { .. } => "period.other",
            Self::Internal => "internal",
        }
    }

    /// What the caller can do next.
    pub fn next(&self) -> String {
        match self {
            Self::CapReached { left: 0, until, .. } => {
                format!("wait until {until} or until a reservation ends, or have the cap raised by a lease override")
            }
            Self::CapReached { left, until, .. } => {
                format!("ask for {left} at most, wait until {until}, or have the cap raised by a lease override")
            }
            Self::Conflict { .. } => "choose a new random id for a new reservation".to_owned(),
            Self::PostedOther { posted, .. } => {
                format!("{posted} cycles stand; for what was used beyond them, reserve and post again under a new id")
            }
            Self::Unknown { .. } => "reserve first, with the token and the lease that you post with".to_owned(),
            Self::Expired { .. } => {
                "reserve again under a new id and post what was used there; ask for a longer hold".to_owned()
            }
            Self::Posted { .. } => "nothing: what was posted stands".to_owned(),
            Self::Voided { .. } => "reserve again under a new id".to_owned(),
            Self::TooMuch { reserved, .. } => {
                format!("post {reserved}, and reserve and post the rest under a new id")
            }
            Self::Cycles(_) | Self::Hold(_) => "correct the number".to_owned(),
            Self::TooMany => "post or void some of them, and reserve more cycles at once".to_owned(),
            Self::PeriodTurned { .. } => "ask again".to_owned(),
            Self::Closed { .. } => "ask for a new lease, and have it bound to the engine".to_owned(),
            Self::PeriodRunning { until } | Self::PeriodOpen { until, .. } => format!("ask again after {until}"),
            Self::PeriodOther { from, until } => format!("name the period from {from} until {until}"),
            Self::Internal => "ask again; if it stays, look into this service's log".to_owned(),
        }
    }
}
