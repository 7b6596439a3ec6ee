//! The services that act, each with the act that shows.

use control::Action;
use model::Service;

/// A service that acts.
pub struct Column {
    /// Which.
    pub service: Service,
    /// Its act: the first of its steps that changes something, or its only one.
    pub act: fn(&Action) -> bool,
}

pub const PLATFORM: Column =
    Column { service: Service::Platform, act: |action| matches!(action, Action::CheckArtifact { .. }) };

pub const NODE: Column = Column { service: Service::Node, act: |action| matches!(action, Action::Place { .. }) };

pub const ENGINE: Column = Column { service: Service::Engine, act: |action| matches!(action, Action::Start { .. }) };

pub const INTEGRATION: Column =
    Column { service: Service::Integration, act: |action| matches!(action, Action::CheckBindings { .. }) };
