//! The plan: a fixed list of steps, a pure function of package, state and observations.
//!
//! No choice is left for later: ports, slots, generations and the compensation of each step are
//! named here, and people approve the digest. A rollback is built by the same code as a deployment.

use crate::{Bundle, Change, Engine, Refusal, State};
use model::{ChangeId, Digest, EngineId, Instant, KindName, NodeId, Service, canon};
use serde::{Deserialize, Serialize};
use warrant::Observation;

/// What the plan expects to find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Generation of the engine's route.
    pub generation: u64,
    /// What serves; absent when nothing does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serving: Option<Bundle>,
    /// Digest of the outside bindings, which the change leaves as they are.
    pub bindings: Digest,
}

/// What the plan leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Generation of the engine's route.
    pub generation: u64,
    /// What serves.
    pub bundle: Bundle,
}

/// What an executor does in one step. Names, ports and digests only: no text, nothing to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Platform Services: the artifact is held and whole.
    CheckArtifact {
        /// Which.
        artifact: Digest,
    },
    /// Node Runtime: there is room.
    CheckCapacity {
        /// How much is needed, MiB.
        memory_mib: u32,
    },
    /// Engine Runtime: the base is as planned.
    CheckEngine {
        /// Generation.
        generation: u64,
        /// Artifact that serves.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        serving: Option<Digest>,
    },
    /// Integration Control: the outside bindings are as planned (read before and after).
    CheckBindings {
        /// Digest of the set.
        bindings: Digest,
    },
    /// Node Runtime: fetch, verify and keep the artifact, reserve memory for a slot.
    Place {
        /// Which.
        artifact: Digest,
        /// How much, MiB.
        memory_mib: u32,
        /// For which slot (0 or 1).
        slot: u8,
    },
    /// Node Runtime: give a slot's reservation back.
    Unplace {
        /// Which slot.
        slot: u8,
    },
    /// Engine Runtime: start the release in a slot and probe it until it is healthy.
    Start {
        /// Which release.
        artifact: Digest,
        /// In which slot.
        slot: u8,
        /// On which port.
        port: u16,
    },
    /// Engine Runtime: drain a slot and stop it.
    Stop {
        /// Which slot.
        slot: u8,
    },
    /// Engine Runtime: the front's route goes from one generation to the next, to this slot.
    Switch {
        /// From.
        generation: u64,
        /// To.
        next: u64,
        /// Which slot; absent: no slot serves afterwards.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        slot: Option<u8>,
        /// Artifact that serves afterwards.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        artifact: Option<Digest>,
    },
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Who carries it out.
    pub executor: Service,
    /// What is done.
    pub action: Action,
    /// What takes it back; absent where there is nothing to take back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undo: Option<Action>,
}

/// The plan people approve by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Of which change.
    pub change: ChangeId,
    /// Of which package.
    pub package: Digest,
    /// For which engine.
    pub engine: EngineId,
    /// On which node.
    pub node: NodeId,
    /// Before.
    pub base: Base,
    /// After.
    pub target: Target,
    /// In this order.
    pub steps: Vec<Step>,
}

impl Action {
    /// Whether it only looks.
    pub fn is_check(&self) -> bool {
        matches!(
            self,
            Self::CheckArtifact { .. }
                | Self::CheckCapacity { .. }
                | Self::CheckEngine { .. }
                | Self::CheckBindings { .. }
        )
    }

    /// The action in a word or two, for screens and file names.
    pub fn word(&self) -> &'static str {
        match self {
            Self::CheckArtifact { .. } => "check-artifact",
            Self::CheckCapacity { .. } => "check-capacity",
            Self::CheckEngine { .. } => "check-engine",
            Self::CheckBindings { .. } => "check-bindings",
            Self::Place { .. } => "place",
            Self::Unplace { .. } => "unplace",
            Self::Start { .. } => "start",
            Self::Stop { .. } => "stop",
            Self::Switch { .. } => "switch",
        }
    }
}

impl Plan {
    /// Its identity.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("plan", self)
    }
}

struct Seen {
    artifact_held: bool,
    memory_free_mib: u32,
    generation: u64,
    serving: Option<Digest>,
    bindings: Digest,
}

fn seen(change: &Change) -> Result<Seen, Refusal> {
    let get = |service| {
        let observed = change.observed.get(&service).map(|observed| &observed.observation);
        observed.ok_or(Refusal::ObservationMissing { service })
    };
    match (get(Service::Platform)?, get(Service::Node)?, get(Service::Engine)?, get(Service::Integration)?) {
        (
            Observation::Platform { artifact_held },
            Observation::Node { memory_free_mib, .. },
            Observation::Engine { generation, serving },
            Observation::Integration { bindings, .. },
        ) => Ok(Seen {
            artifact_held: *artifact_held,
            memory_free_mib: *memory_free_mib,
            generation: *generation,
            serving: *serving,
            bindings: *bindings,
        }),
        // INVARIANT: observations are stored under the service they name (`apply`).
        _ => Err(Refusal::ObservationMissing { service: Service::Engine }),
    }
}

/// What the change starts from: the engine as it is, or, for a rollback staged while a deployment
/// is open, the engine as that deployment would leave it.
fn base(state: &State, change: &Change, engine: &Engine, bindings: Digest, instant: Instant) -> Result<Base, Refusal> {
    let now = Base { generation: engine.generation, serving: engine.serving, bindings };
    if change.kind != KindName::Rollback {
        return Ok(now);
    }
    let target = change.bundle();
    if engine.serving == Some(target) {
        let none = if engine.stack.len() < 2 { Refusal::NothingBelow {} } else { Refusal::AlreadyServing {} };
        let deployment = state.open_deployment(&change.package.engine, instant).ok_or(none)?;
        let serving = Some(deployment.bundle());
        return Ok(Base { generation: engine.generation + 1, serving, ..now });
    }
    landing(state, engine, change).map(|()| now)
}

/// Whether a rollback lands on the last certified bundle below the serving one. Between a running
/// change's switch and its end the stack is one behind what serves.
pub(crate) fn landing(state: &State, engine: &Engine, change: &Change) -> Result<(), Refusal> {
    let settled = engine.stack.last().map(|top| top.bundle) == engine.serving;
    let running =
        engine.locked_by.filter(|_| !settled).and_then(|id| state.changes.get(&id)).map(|running| running.kind);
    let above = match running {
        None => 2,
        Some(KindName::Deployment) => 1,
        Some(KindName::Rollback) => 3,
    };
    let below = engine.stack.len().checked_sub(above).map(|below| engine.stack[below].bundle);
    match below {
        None => Err(Refusal::NothingBelow {}),
        Some(below) if below == change.bundle() => Ok(()),
        Some(below) => Err(Refusal::NotLastCertified { certified: below.artifact }),
    }
}

/// The plan of a change, from its package, the state and what the executors saw.
///
/// # Errors
/// The refusal that says why there is none: an observation missing, the engine not as recorded,
/// an unknown or missing artifact, no room on the node, nothing to go back to.
pub fn plan(state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal> {
    let package = &change.package;
    let engine = state.engines.get(&package.engine).ok_or(Refusal::BaseDrifted {})?;
    let seen = seen(change)?;
    let serving = engine.serving.map(|bundle| bundle.artifact);
    if (seen.generation, seen.serving) != (engine.generation, serving) {
        return Err(Refusal::BaseDrifted {});
    }
    let artifact = state.artifacts.get(&package.bundle.artifact).ok_or(Refusal::ArtifactUnknown {})?;
    if !seen.artifact_held {
        return Err(Refusal::ArtifactNotHeld {});
    }
    let base = base(state, change, engine, seen.bindings, now)?;
    if artifact.memory_mib > seen.memory_free_mib {
        let (needed_mib, free_mib) = (artifact.memory_mib, seen.memory_free_mib);
        return Err(Refusal::PlacementInsufficient { needed_mib, free_mib });
    }
    let target = Target { generation: base.generation + 1, bundle: package.bundle };
    let steps = steps(engine, &base, &target, artifact.memory_mib);
    Ok(Plan {
        change: package.change,
        package: change.package_digest,
        engine: package.engine,
        node: package.node,
        base,
        target,
        steps,
    })
}

/// The slot a generation serves from: the two take turns.
pub(crate) fn slot_of(generation: u64) -> u8 {
    u8::from(generation % 2 == 1)
}

fn steps(engine: &Engine, base: &Base, target: &Target, memory_mib: u32) -> Vec<Step> {
    let artifact = target.bundle.artifact;
    let serving = base.serving.map(|bundle| bundle.artifact);
    let (old, new) = (slot_of(base.generation), slot_of(target.generation));
    let port = engine.slot_ports[usize::from(new)];
    let check_bindings = Action::CheckBindings { bindings: base.bindings };
    let step = |executor, action, undo| Step { executor, action, undo };
    let mut steps = vec![
        step(Service::Platform, Action::CheckArtifact { artifact }, None),
        step(Service::Node, Action::CheckCapacity { memory_mib }, None),
        step(Service::Engine, Action::CheckEngine { generation: base.generation, serving }, None),
        step(Service::Integration, check_bindings.clone(), None),
        step(Service::Node, Action::Place { artifact, memory_mib, slot: new }, Some(Action::Unplace { slot: new })),
        step(Service::Engine, Action::Start { artifact, slot: new, port }, Some(Action::Stop { slot: new })),
        step(
            Service::Engine,
            Action::Switch {
                generation: base.generation,
                next: target.generation,
                slot: Some(new),
                artifact: Some(artifact),
            },
            Some(Action::Switch {
                generation: target.generation,
                next: target.generation + 1,
                slot: serving.map(|_| old),
                artifact: serving,
            }),
        ),
        step(Service::Integration, check_bindings, None),
    ];
    if serving.is_some() {
        steps.push(step(Service::Engine, Action::Stop { slot: old }, None));
        steps.push(step(Service::Node, Action::Unplace { slot: old }, None));
    }
    steps
}
