//! What an executor does in one step. Names, ports and digests only: no text, nothing to choose.

mod words;

pub use words::StepWords;

use model::{Bundle, Digest, EngineId, NodeId, Service, Side};
use serde::{Deserialize, Serialize};
use signed::Served;

/// One action, with whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Of Platform Services.
    Platform(PlatformAction),
    /// Of Node Runtime on this node.
    Node { node: NodeId, engine: EngineId, action: NodeAction },
    /// Of Engine Runtime on this node.
    Engine { node: NodeId, engine: EngineId, action: EngineAction },
    /// Of Integration Control.
    Integration { engine: EngineId, action: IntegrationAction },
}

/// What Platform Services does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PlatformAction {
    /// The bundle's artifact and theme are held and whole.
    CheckHeld { bundle: Bundle },
}

/// What Node Runtime does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NodeAction {
    /// There is room.
    CheckCapacity {
        /// How much is needed, MiB.
        memory_mib: u32,
    },
    /// Fetch, verify and keep the artifact and the theme, reserve memory for a side.
    Place {
        artifact: Digest,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        theme: Option<Digest>,
        /// How much, MiB.
        memory_mib: u32,
        side: Side,
    },
    /// Give a side's reservation back.
    Unplace { side: Side },
}

/// What Engine Runtime does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EngineAction {
    /// The base is as planned, and the secrets are there that will be needed.
    Check {
        generation: u64,
        /// What serves.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        serving: Option<Served>,
        /// Keyed digests, sorted.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        secrets: Vec<Digest>,
    },
    /// Start the bundle's program on a side and probe it until it is healthy.
    Start {
        bundle: Bundle,
        side: Side,
        port: u16,
        /// How much memory it may use, MiB.
        memory_mib: u32,
        /// Until when it must be healthy, milliseconds from its start.
        start_within_ms: u32,
    },
    /// Drain a side and stop it.
    Stop { side: Side },
    /// The front's route goes from one generation to the next.
    Switch {
        generation: u64,
        next: u64,
        /// What serves afterwards; absent: nothing does.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        serving: Option<Served>,
    },
    /// What serves stays healthy for a while.
    Soak {
        /// Generation it serves under.
        generation: u64,
        /// What serves.
        serving: Served,
        /// How long, milliseconds.
        soak_ms: i64,
    },
}

/// What Integration Control does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum IntegrationAction {
    /// The outside bindings are as planned (read before and after).
    CheckBindings {
        /// Digest of the set.
        bindings: Digest,
    },
}

/// What moves an engine's route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    pub node: NodeId,
    pub engine: EngineId,
    /// To which generation.
    pub next: u64,
    /// What serves afterwards; none: nothing does.
    pub serving: Option<Served>,
}

/// What a node keeps on a side of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placing {
    /// On which side.
    pub side: Side,
    /// What it is; nothing: it is given back.
    pub kept: Option<Kept>,
}

/// What is kept, and how much memory it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub artifact: Digest,
    pub theme: Option<Digest>,
    pub memory_mib: u32,
}

impl Action {
    /// The move of an engine's route, if it is one.
    pub fn switch(&self) -> Option<Switch> {
        match self {
            Self::Engine { node, engine, action: EngineAction::Switch { next, serving, .. } } => {
                Some(Switch { node: *node, engine: *engine, next: *next, serving: *serving })
            }
            _ => None,
        }
    }

    /// The side of an engine whose process it starts or stops, and whether it starts it.
    pub(crate) fn process(&self) -> Option<(EngineId, NodeId, Side, bool)> {
        match self {
            Self::Engine { node, engine, action: EngineAction::Start { side, .. } } => {
                Some((*engine, *node, *side, true))
            }
            Self::Engine { node, engine, action: EngineAction::Stop { side } } => Some((*engine, *node, *side, false)),
            _ => None,
        }
    }

    /// What a node keeps on a side of the engine after it, if it changes that.
    pub fn placing(&self) -> Option<Placing> {
        match self {
            Self::Node { action: NodeAction::Place { artifact, theme, memory_mib, side }, .. } => {
                let kept = Kept { artifact: *artifact, theme: *theme, memory_mib: *memory_mib };
                Some(Placing { side: *side, kept: Some(kept) })
            }
            Self::Node { action: NodeAction::Unplace { side }, .. } => Some(Placing { side: *side, kept: None }),
            _ => None,
        }
    }

    /// How long what serves must stay healthy, milliseconds, if it is that.
    pub fn soak_ms(&self) -> Option<i64> {
        match self {
            Self::Engine { action: EngineAction::Soak { soak_ms, .. }, .. } => Some(*soak_ms),
            _ => None,
        }
    }

    /// Who carries it out, and on which node.
    pub fn executor(&self) -> (Service, Option<NodeId>) {
        match self {
            Self::Platform(_) => (Service::Platform, None),
            Self::Node { node, .. } => (Service::Node, Some(*node)),
            Self::Engine { node, .. } => (Service::Engine, Some(*node)),
            Self::Integration { .. } => (Service::Integration, None),
        }
    }

    /// Whether it only looks.
    pub fn is_check(&self) -> bool {
        match self {
            Self::Platform(PlatformAction::CheckHeld { .. })
            | Self::Node { action: NodeAction::CheckCapacity { .. }, .. }
            | Self::Engine { action: EngineAction::Check { .. } | EngineAction::Soak { .. }, .. }
            | Self::Integration { action: IntegrationAction::CheckBindings { .. }, .. } => true,
            Self::Node { .. } | Self::Engine { .. } => false,
        }
    }

    /// How long it may take by its own terms, beyond what any step may; a soak's length is the plan's.
    pub fn may_take_ms(&self) -> i64 {
        match self {
            Self::Engine { action: EngineAction::Start { start_within_ms, .. }, .. } => i64::from(*start_within_ms),
            _ => 0,
        }
    }

    /// The action in a word or two, for screens and file names.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Platform(PlatformAction::CheckHeld { .. }) => "check-held",
            Self::Node { action, .. } => match action {
                NodeAction::CheckCapacity { .. } => "check-capacity",
                NodeAction::Place { .. } => "place",
                NodeAction::Unplace { .. } => "unplace",
            },
            Self::Engine { action, .. } => match action {
                EngineAction::Check { .. } => "check-engine",
                EngineAction::Start { .. } => "start",
                EngineAction::Stop { .. } => "stop",
                EngineAction::Switch { .. } => "switch",
                EngineAction::Soak { .. } => "soak",
            },
            Self::Integration { action: IntegrationAction::CheckBindings { .. }, .. } => "check-bindings",
        }
    }
}
