//! What is sent and answered. Cycles are whole numbers up to 2^53 − 1.

use lease_journal::{Ending, How, Reservation, Usage};
use model::{ChangeId, EngineId, Id, Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Cycles to set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveRequest {
    /// 128 random bits of the caller's choosing, as 32 hexadecimal digits. Asked again with the same id and content, the
    /// answer is the same; with another content it is refused.
    #[schema(value_type = String)]
    pub id: Id,
    /// How many cycles, from 1.
    pub cycles: u64,
    /// How long they are held, milliseconds, up to a day: what is neither posted nor voided by then is void.
    pub hold_ms: u64,
}

/// Cycles that were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostRequest {
    /// How many, 0 to what was reserved; the rest is free again.
    pub cycles: u64,
}

/// A reservation as it was granted, whatever became of it since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservationView {
    /// The caller's id.
    #[schema(value_type = String)]
    pub id: Id,
    /// The lease.
    #[schema(value_type = String)]
    pub lease: ChangeId,
    /// The engine.
    #[schema(value_type = String)]
    pub engine: EngineId,
    /// How many cycles.
    pub cycles: u64,
    /// When it was granted.
    #[schema(value_type = String)]
    pub made: Instant,
    /// From here on it is void.
    #[schema(value_type = String)]
    pub expires: Instant,
    /// First instant of the period that it counts in.
    #[schema(value_type = String)]
    pub from: Instant,
    /// First instant after that period.
    #[schema(value_type = String)]
    pub until: Instant,
    /// Its entry in the lease journal.
    pub journal_entry: u64,
}

/// A reservation that its engine ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndingView {
    /// The caller's id.
    #[schema(value_type = String)]
    pub id: Id,
    /// The lease.
    #[schema(value_type = String)]
    pub lease: ChangeId,
    /// How many cycles were posted; 0 when it was voided.
    pub posted: u64,
    /// When.
    #[schema(value_type = String)]
    pub at: Instant,
    /// The entry in the lease journal that ended it.
    pub journal_entry: u64,
}

/// What was used in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeriodUsage {
    /// First instant.
    #[schema(value_type = String)]
    pub from: Instant,
    /// First instant after it.
    #[schema(value_type = String)]
    pub until: Instant,
    /// Cycles that were used.
    pub posted: u64,
    /// Cycles that are set aside.
    pub reserved: u64,
    /// By how many reservations.
    pub reservations: u32,
    /// The entry in the lease journal that made the total final, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal_entry: Option<u64>,
}

/// What was used of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaseUsage {
    /// The lease.
    #[schema(value_type = String)]
    pub lease: ChangeId,
    /// Its last periods in which anything was reserved, the newest first.
    pub periods: Vec<PeriodUsage>,
    /// Entries of the lease journal that this is read from, or more.
    pub journal_size: u64,
}

/// What was used of every lease that stands, or that is over and not yet accounted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeasesUsage {
    /// The newest grants first, at most 1,000.
    pub leases: Vec<LeaseUsage>,
    /// How many older ones were left off.
    #[serde(default)]
    pub left_off: usize,
}

impl From<Reservation> for ReservationView {
    fn from(granted: Reservation) -> Self {
        let Reservation { ask, made, expires, period, entry } = granted;
        let (id, engine) = (ask.key.id, ask.key.engine);
        let (from, until) = (period.from, period.until);
        Self { id, lease: ask.lease, engine, cycles: ask.cycles, made, expires, from, until, journal_entry: entry }
    }
}

impl From<Ending> for EndingView {
    fn from(ending: Ending) -> Self {
        let Ending { reservation, how, at, entry } = ending;
        let posted = if let How::Posted(cycles) = how { cycles } else { 0 };
        let (id, lease) = (reservation.ask.key.id, reservation.ask.lease);
        Self { id, lease, posted, at, journal_entry: entry }
    }
}

impl From<Usage> for PeriodUsage {
    fn from(usage: Usage) -> Self {
        let Usage { period, posted, open, reservations, committed, .. } = usage;
        let (from, until) = (period.from, period.until);
        Self { from, until, posted, reserved: open, reservations, journal_entry: committed }
    }
}
