//! The services that act, each with the act that shows.

use control::{Action, EngineAction, IntegrationAction, NodeAction, PlatformAction};
use model::Service;

/// A service that acts.
pub struct Column {
    /// Which.
    pub service: Service,
    /// Its act: the first of its steps that changes something, or its only one.
    pub act: fn(&Action) -> bool,
}

pub const PLATFORM: Column =
    Column { service: Service::Platform, act: |a| matches!(a, Action::Platform(PlatformAction::CheckHeld { .. })) };

pub const NODE: Column = Column {
    service: Service::Node,
    act: |action| matches!(action, Action::Node { action: NodeAction::Place { .. }, .. }),
};

pub const ENGINE: Column = Column {
    service: Service::Engine,
    act: |action| matches!(action, Action::Engine { action: EngineAction::Start { .. }, .. }),
};

pub const INTEGRATION: Column = Column {
    service: Service::Integration,
    act: |a| matches!(a, Action::Integration { action: IntegrationAction::CheckBindings { .. }, .. }),
};
