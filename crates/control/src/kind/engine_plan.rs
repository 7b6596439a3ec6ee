//! What plans about an engine share: what executors saw, checks, and the steps that make a bundle
//! serve or nothing. A rollback is planned by the same code as a deployment.

use crate::plan::{Fact, Needs, Plan, Step};
use crate::state::{Engine, Serving};
use crate::{Action, Body, Bundle, Change, EngineAction, Inadmissible, IntegrationAction, Lock, NodeAction};
use crate::{PlatformAction, Refusal, State, Subject};
use model::{Digest, EngineId, Instant, NodeId, Service, Side};
use signed::{Observation, Served};

/// Executors that every change of an engine asks.
pub(super) const OBSERVERS: &[Service] = &[Service::Platform, Service::Node, Service::Engine, Service::Integration];

/// A draft whose executor stays silent for this long may leave it unchecked, where its kind allows
/// that, milliseconds.
pub const UNCHECKED_AFTER_MS: i64 = 60_000;

pub(super) fn subject(state: &State, body: &Body) -> Result<Subject, Inadmissible> {
    let (id, node) = body.engine().ok_or(Inadmissible::OtherPackage)?;
    let engine = state.engines.get(&id).ok_or(Inadmissible::UnknownObject)?;
    if engine.node != node {
        return Err(Inadmissible::OtherPackage);
    }
    Ok(Subject { tenants: vec![engine.tenant], engine: Some(id), node: Some(node) })
}

pub(super) fn locks(body: &Body) -> Vec<Lock> {
    body.engine().map(|(engine, _)| Lock::Engine(engine)).into_iter().collect()
}

/// An artifact that packages may name.
pub(super) fn artifact(state: &State, bundle: Bundle) -> Result<&crate::Artifact, Refusal> {
    let known = state.artifacts.get(&bundle.artifact).ok_or(Refusal::ArtifactUnknown {})?;
    if state.recalled.contains(&bundle.artifact) { Err(Refusal::ArtifactRecalled {}) } else { Ok(known) }
}

/// A plan that was sealed before a recall names the artifact no more than a new one.
pub(super) fn not_recalled(state: &State, change: &Change) -> Result<(), Refusal> {
    change.package.body.bundle().map_or(Ok(()), |bundle| artifact(state, bundle).map(|_| ()))
}

/// What the executors saw. A service that the plan does without is absent.
pub(super) struct Seen {
    pub(super) artifact_held: Option<bool>,
    pub(super) memory_free_mib: u32,
    pub(super) generation: u64,
    pub(super) serving: Option<Served>,
    pub(super) bindings: Option<Digest>,
    pub(super) unchecked: Vec<Service>,
}

impl Seen {
    pub(super) fn of(change: &Change, may_be_unchecked: &[Service], now: Instant) -> Result<Self, Refusal> {
        let silent = now.millis_since(change.opened_at) >= UNCHECKED_AFTER_MS;
        let optional = |service| silent && may_be_unchecked.contains(&service);
        let get = |service| match change.observed.get(&service) {
            Some(observed) => Ok(Some(&observed.observation)),
            None if optional(service) => Ok(None),
            None => Err(Refusal::ObservationMissing { service }),
        };
        let (platform, node) = (get(Service::Platform)?, get(Service::Node)?);
        let (engine, integration) = (get(Service::Engine)?, get(Service::Integration)?);
        // INVARIANT: observations are stored under the service they name (`apply`), and Node and
        // Engine Runtime are never optional.
        let (Some(Observation::Node { memory_free_mib, .. }), Some(Observation::Engine { generation, serving })) =
            (node, engine)
        else {
            return Err(Refusal::ObservationMissing { service: Service::Engine });
        };
        let artifact_held = platform.and_then(|seen| match seen {
            Observation::Platform { artifact_held } => Some(*artifact_held),
            _ => None,
        });
        let bindings = integration.and_then(|seen| match seen {
            Observation::Integration { bindings } => Some(*bindings),
            _ => None,
        });
        let missing = [(Service::Platform, artifact_held.is_none()), (Service::Integration, bindings.is_none())];
        let unchecked = missing.into_iter().filter(|(_, missing)| *missing).map(|(service, _)| service).collect();
        Ok(Self {
            artifact_held,
            memory_free_mib: *memory_free_mib,
            generation: *generation,
            serving: *serving,
            bindings,
            unchecked,
        })
    }
}

/// The engine of a change, if it is as the ledger says.
pub(super) fn engine<'a>(state: &'a State, change: &Change, seen: &Seen) -> Result<(EngineId, &'a Engine), Refusal> {
    let id = change.subject.engine.ok_or(Refusal::BaseDrifted {})?;
    let engine = state.engines.get(&id).ok_or(Refusal::BaseDrifted {})?;
    let recorded = engine.serving.map(|serving| serving.served());
    if (seen.generation, seen.serving) != (engine.generation, recorded) {
        return Err(Refusal::BaseDrifted {});
    }
    Ok((id, engine))
}

/// What a plan about an engine starts from.
pub(super) struct Start {
    pub(super) id: EngineId,
    pub(super) generation: u64,
    pub(super) serving: Option<Serving>,
}

impl Start {
    pub(super) fn of(id: EngineId, engine: &Engine) -> Self {
        Self { id, generation: engine.generation, serving: engine.serving }
    }
}

/// The plan that makes `bundle` serve, or nothing.
///
/// # Errors
/// When the artifact is unknown, recalled or not held, or there is no room.
pub(super) fn serve(
    state: &State,
    change: &Change,
    seen: &Seen,
    start: &Start,
    bundle: Option<Bundle>,
) -> Result<Plan, Refusal> {
    let engine = state.engines.get(&start.id).ok_or(Refusal::BaseDrifted {})?;
    let memory_mib = match bundle {
        None => 0,
        Some(bundle) => {
            let artifact = artifact(state, bundle)?;
            if seen.artifact_held == Some(false) {
                return Err(Refusal::ArtifactNotHeld {});
            }
            artifact.memory_mib
        }
    };
    if memory_mib > seen.memory_free_mib {
        return Err(Refusal::PlacementInsufficient { needed_mib: memory_mib, free_mib: seen.memory_free_mib });
    }
    let side = start.serving.map_or(Side::Blue, |serving| serving.side.other());
    let next = bundle.map(|bundle| Serving { side, bundle });
    let soak_ms = if bundle.is_some() { change.required(state).map_or(0, |row| row.soak_ms) } else { 0 };
    let fact = |generation, serving| Fact::Engine { engine: start.id, generation, serving };
    let mut base = vec![fact(start.generation, start.serving)];
    base.extend(seen.bindings.map(|digest| Fact::Bindings { engine: start.id, digest }));
    let builder = Steps { node: engine.node, id: start.id, engine, start, next, memory_mib, soak_ms };
    Ok(Plan {
        change: change.package.change,
        package: change.package_digest,
        base,
        after: vec![fact(start.generation + 1, next)],
        unchecked: seen.unchecked.clone(),
        loses_reach: vec![],
        steps: builder.steps(seen),
        soak_ms,
        for_ms: None,
        needs: Needs { memory_mib, engines: u32::from(bundle.is_some()) },
    })
}

struct Steps<'a> {
    node: NodeId,
    id: EngineId,
    engine: &'a Engine,
    start: &'a Start,
    next: Option<Serving>,
    memory_mib: u32,
    soak_ms: i64,
}

impl Steps<'_> {
    fn node(&self, action: NodeAction) -> Action {
        Action::Node { node: self.node, engine: self.id, action }
    }

    fn on_engine(&self, action: EngineAction) -> Action {
        Action::Engine { node: self.node, engine: self.id, action }
    }

    fn steps(&self, seen: &Seen) -> Vec<Step> {
        let bindings = seen.bindings.map(|digest| Step {
            action: Action::Integration {
                engine: self.id,
                action: IntegrationAction::CheckBindings { bindings: digest },
            },
            undo: None,
            expect: Some(digest),
        });
        let mut steps = self.checks(seen);
        steps.extend(bindings.clone());
        steps.extend(self.prepare());
        steps.push(self.switch());
        steps.extend(bindings);
        steps.extend(self.soak());
        steps.extend(self.give_back());
        steps
    }

    /// One check for each executor, before anything is touched.
    fn checks(&self, seen: &Seen) -> Vec<Step> {
        let check = |action| Step { action, undo: None, expect: None };
        let mut steps = vec![];
        if let (Some(next), Some(_)) = (self.next, seen.artifact_held) {
            let artifact = next.bundle.artifact;
            let action = Action::Platform(PlatformAction::CheckArtifact { artifact });
            steps.push(Step { action, undo: None, expect: Some(artifact) });
        }
        steps.push(check(self.node(NodeAction::CheckCapacity { memory_mib: self.memory_mib })));
        let serving = self.start.serving.map(|serving| serving.served());
        steps.push(check(self.on_engine(EngineAction::Check { generation: self.start.generation, serving })));
        steps
    }

    fn prepare(&self) -> Vec<Step> {
        let Some(next) = self.next else { return vec![] };
        let (artifact, side, memory_mib) = (next.bundle.artifact, next.side, self.memory_mib);
        let port = self.engine.side_port(side);
        vec![
            Step {
                action: self.node(NodeAction::Place { artifact, memory_mib, side }),
                undo: Some(self.node(NodeAction::Unplace { side })),
                expect: None,
            },
            Step {
                action: self.on_engine(EngineAction::Start { artifact, side, port }),
                undo: Some(self.on_engine(EngineAction::Stop { side })),
                expect: None,
            },
        ]
    }

    fn switch(&self) -> Step {
        let generation = self.start.generation;
        let to = |generation, next, serving: Option<Serving>| {
            let serving = serving.map(|serving| serving.served());
            self.on_engine(EngineAction::Switch { generation, next, serving })
        };
        Step {
            action: to(generation, generation + 1, self.next),
            undo: Some(to(generation + 1, generation + 2, self.start.serving)),
            expect: None,
        }
    }

    fn soak(&self) -> Option<Step> {
        let next = self.next.filter(|_| self.soak_ms > 0)?;
        let (generation, serving) = (self.start.generation + 1, next.served());
        let action = self.on_engine(EngineAction::Soak { generation, serving, soak_ms: self.soak_ms });
        Some(Step { action, undo: None, expect: None })
    }

    /// The side that no longer serves is drained, stopped and given back.
    fn give_back(&self) -> Vec<Step> {
        let Some(before) = self.start.serving else { return vec![] };
        let step = |action| Step { action, undo: None, expect: None };
        vec![
            step(self.on_engine(EngineAction::Stop { side: before.side })),
            step(self.node(NodeAction::Unplace { side: before.side })),
        ]
    }
}
