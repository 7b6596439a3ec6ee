//! Who carries something out.

use model::{NodeId, Service};
use serde::{Deserialize, Serialize};

/// Who asks: a service, and the node it is on where it is one of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Executor {
    pub service: Service,
    pub node: Option<NodeId>,
}

impl Executor {
    /// A service that serves all nodes.
    pub fn of(service: Service) -> Self {
        Self { service, node: None }
    }

    /// A service of one node.
    pub fn on(service: Service, node: NodeId) -> Self {
        Self { service, node: Some(node) }
    }
}
