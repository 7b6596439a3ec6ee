//! Whom and what a change concerns: derived from its body, never stored in it.

use model::{ChangeId, EngineId, NodeId, SettingName, TenantId};
use serde::{Deserialize, Serialize};

/// Whom a change concerns: tags of its leaves, and where its steps go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Tenants, sorted; none: the platform's own matter.
    pub tenants: Vec<TenantId>,
    /// The engine, where it is about one.
    pub engine: Option<EngineId>,
    /// The node of that engine.
    pub node: Option<NodeId>,
}

/// What only one running change may touch at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lock {
    Engine(EngineId),
    Roster,
    /// A governed document.
    Setting(SettingName),
    Quota(TenantId),
    /// An AI lease.
    Lease(ChangeId),
}
