//! What is used of AI leases: the routes of engines, before the journal.
//!
//! Using what was granted is no governed act: nothing here changes what is allowed, and no entry of the ledger comes of
//! it. Who asks, and what the lease allows, is read in the service's own verified state, behind [`LeaseRights`].

mod bodies;
mod clock;
mod context;
mod counts;
mod decided;
mod pace;
mod problems;
mod rights;
mod routes;
mod totals;

pub use bodies::{EndingView, LeaseUsage, LeasesUsage, PeriodUsage, PostRequest, ReservationView, ReserveRequest};
pub(crate) use clock::BesideLedger;
pub use context::Leases;
pub(crate) use decided::Decided;
pub use rights::{Caller, LeaseRights, NoRight};
pub(crate) use totals::{ended, keep, shown};
