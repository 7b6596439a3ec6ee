//! Who asks, and what a lease allows.

use control::ReadScope;
use follower::Asking;
use lease_journal::{Head, Right};
use model::{ChangeId, Digest, EngineId, Instant};
use service_shell::Problem;

/// Answered from the service's own verified state, at the instant of its own clock.
pub trait LeaseRights: Send + Sync + 'static {
    /// The newest head of the lease journal that this state shows.
    ///
    /// # Errors
    /// Why nothing is granted by this state yet: it may miss what takes away.
    fn shown(&self) -> Result<Option<Head>, String>;

    /// The process whose own token has this SHA-256; none when it is nobody's, or has ended.
    fn caller(&self, token: &Digest) -> Option<Caller>;

    /// The lease of the bundle that serves on that engine.
    fn bound(&self, engine: &EngineId) -> Option<ChangeId>;

    /// What a lease allows that engine now: its cap in force, with the size of the control log that says so, and the
    /// periods in which it counts.
    ///
    /// # Errors
    /// When it allows that engine nothing.
    fn right(&self, lease: &ChangeId, engine: &EngineId) -> Result<Right, NoRight>;

    /// Whether who asks may see what is used of the lease: an engine of the tenant that it was granted to, and whoever
    /// may read of that tenant.
    fn may_see(&self, asking: &Asking, lease: &ChangeId) -> bool;

    /// What may be read by who asks.
    ///
    /// # Errors
    /// What is to be answered to who may read nothing here.
    fn sight(&self, asking: &Asking) -> Result<ReadScope, Problem>;

    /// The leases that are granted, with those that are over and not yet accounted for, of what may be read; the newest
    /// first.
    fn granted(&self, sight: &ReadScope) -> Vec<ChangeId>;
}

/// A process of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub engine: EngineId,
    /// Whether visitors are led to it. A process that is prepared, or was served from before, sets nothing aside; what
    /// it has reserved it may still post or give back.
    pub serves: bool,
}

/// Why a lease allows an engine nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRight {
    /// No lease, or none of that engine's.
    Unknown,
    /// It has ended. What was reserved under it can still be posted.
    Ended {
        /// Since when.
        at: Instant,
    },
}
