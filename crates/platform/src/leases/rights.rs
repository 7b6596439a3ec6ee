//! Who asks, and what a lease allows.

use lease_journal::Right;
use model::{ChangeId, Digest, EngineId, Instant};

/// Answered from the service's own verified state, at the instant of its own clock.
pub trait LeaseRights: Send + Sync + 'static {
    /// The process whose own token has this SHA-256; none when it is nobody's, or has ended.
    fn caller(&self, token: &Digest) -> Option<Caller>;

    /// What a lease allows that engine now: its cap in force, with the size of the control log that says so, and the
    /// periods in which it counts.
    ///
    /// # Errors
    /// When it allows that engine nothing.
    fn right(&self, lease: &ChangeId, engine: &EngineId) -> Result<Right, NoRight>;

    /// Whether the holder of this token may see what is used of the lease: an engine that it was granted to, and
    /// whoever may read of its tenant.
    fn may_see(&self, token: &Digest, lease: &ChangeId) -> bool;
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
