//! What a service keeps beside the state: it sees every leaf, not only what the fold still knows.

use control::{Leaf, State};

/// Sees the leaves in order, each once it is verified and folded. Called while the fold goes on, so it
/// must be quick; it may be one try ahead of [`Follower::state`](crate::Follower::state), never behind.
pub trait LeafObserver: Send + Sync + 'static {
    /// Leaf 0 comes next: what was noted before is void.
    fn begin(&self);

    /// Whether it needs the leaves that were folded before this start, too. Else the start may go on from a stored
    /// state, and it sees what comes after that.
    fn needs_past(&self) -> bool {
        true
    }

    /// The leaf at this index of the control log, and the state after it.
    fn leaf(&self, index: u64, leaf: &Leaf, state: &State);
}
