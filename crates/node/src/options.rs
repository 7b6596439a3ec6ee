//! What Node Runtime is started with.

use control::KeepRule;
use follower::{OwnNode, ServiceOptions};

/// Memory for engines where nobody says otherwise, MiB.
pub const MEMORY_MIB: u32 = 2_048;

/// What Node Runtime is started with.
pub struct NodeOptions {
    pub service: ServiceOptions,
    /// Which node this is: it places nothing for any other.
    pub node: OwnNode,
    /// Base URL of Platform Services, as `http://127.0.0.1:8090`.
    pub platform: String,
    /// Memory there is for engines, MiB ([`MEMORY_MIB`]).
    pub memory_mib: u32,
    /// What it keeps of its releases, and for how long.
    pub keep: KeepRule,
}
