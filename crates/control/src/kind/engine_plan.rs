//! What plans about an engine share: what executors saw, checks, and the steps that make a bundle
//! serve or nothing. A rollback is planned by the same code as a deployment.

use super::{Answers, FormError, bound};
use crate::plan::{Fact, Needs, Plan, Step};
use crate::state::Engine;
use crate::{Action, Body, Change, EngineAction, Inadmissible, IntegrationAction, Lock, Merged, NodeAction, Package};
use crate::{PlatformAction, Refusal, State, Subject};
use model::{Bundle, Digest, EngineId, Instant, NodeId, Service, Side};
use signed::{Observation, Served};

/// Executors that every change of an engine asks.
pub(super) const OBSERVERS: &[Service] = &[Service::Platform, Service::Node, Service::Engine, Service::Integration];

/// A draft whose executor stays silent for this long may leave it unchecked, where its kind allows
/// that, milliseconds.
pub const UNCHECKED_AFTER_MS: i64 = 60_000;

/// The engine that a form names.
pub(super) fn asked_about<'a>(state: &'a State, answers: &Answers) -> Result<(EngineId, &'a Engine), FormError> {
    let id = answers.engine("engine")?;
    Ok((id, state.engines.get(&id).ok_or(FormError::Unknown("engine"))?))
}

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

/// Whether a draft may name its bundle.
pub(super) fn names_known(state: &State, package: &Package) -> Result<(), Refusal> {
    let engine = package.body.engine().and_then(|(engine, _)| state.engines.get(&engine));
    let named = engine.zip(package.body.bundle());
    named.map_or(Ok(()), |(engine, bundle)| bound::known(state, engine.tenant, bundle))
}

/// Whether what was sealed may still be put on its engine: a plan that was sealed before a recall names no more than a
/// new one.
pub(super) fn still_ready(state: &State, change: &Change) -> Result<(), Refusal> {
    let engine = change.subject.engine.and_then(|engine| state.engines.get(&engine));
    let named = engine.zip(change.package.body.bundle());
    named.map_or(Ok(()), |(engine, bundle)| bound::ready(state, engine, bundle).map(|_| ()))
}

/// Whether the AI lease of what is deployed stands.
pub(super) fn lease_stands(state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
    let engine = change.subject.engine.and_then(|engine| state.engines.get(&engine));
    let named = engine.zip(change.package.body.bundle());
    named.map_or(Ok(()), |(engine, bundle)| bound::lease_stands(state, engine.tenant, bundle, now))
}

/// What the executors saw. A service that the plan does without is absent.
pub(super) struct Seen {
    /// What of the bundle Platform Services does not hold.
    pub(super) missing: Option<Vec<Digest>>,
    /// Secrets of its config that are not deposited.
    pub(super) secrets_missing: Vec<Digest>,
    pub(super) memory_free_mib: u32,
    pub(super) generation: u64,
    pub(super) serving: Option<Served>,
    pub(super) bindings: Option<Digest>,
    pub(super) unchecked: Vec<Service>,
}

impl Seen {
    pub(super) fn of(change: &Change, may_be_unchecked: &[Service], now: Instant) -> Result<Self, Refusal> {
        Self::found(change, may_be_unchecked, now, true)
    }

    /// The same of a kind that asks nobody about outside bindings.
    pub(super) fn without_bindings(change: &Change, now: Instant) -> Result<Self, Refusal> {
        Self::found(change, &[], now, false)
    }

    fn found(change: &Change, may_be_unchecked: &[Service], now: Instant, asks: bool) -> Result<Self, Refusal> {
        let silent = now.millis_since(change.opened_at) >= UNCHECKED_AFTER_MS;
        let optional = |service| silent && may_be_unchecked.contains(&service);
        let get = |service| match change.observed.get(&service) {
            Some(observed) => Ok(Some(&observed.observation)),
            None if optional(service) => Ok(None),
            None => Err(Refusal::ObservationMissing { service }),
        };
        let (platform, node) = (get(Service::Platform)?, get(Service::Node)?);
        let engine = get(Service::Engine)?;
        let integration = if asks { get(Service::Integration)? } else { None };
        // INVARIANT: observations are stored under the service they name (`apply`), and Node and
        // Engine Runtime are never optional.
        let (
            Some(Observation::Node { memory_free_mib, .. }),
            Some(Observation::Engine { generation, serving, missing: secrets_missing }),
        ) = (node, engine)
        else {
            return Err(Refusal::ObservationMissing { service: Service::Engine });
        };
        let missing = platform.and_then(|seen| match seen {
            Observation::Platform { missing, .. } => Some(missing.clone()),
            _ => None,
        });
        let read = integration.and_then(|seen| match seen {
            Observation::Integration { bindings } => Some(*bindings),
            _ => None,
        });
        let without = [(Service::Platform, missing.is_none()), (Service::Integration, asks && read.is_none())];
        let unchecked = without.into_iter().filter(|(_, without)| *without).map(|(service, _)| service).collect();
        Ok(Self {
            missing,
            secrets_missing: secrets_missing.clone(),
            memory_free_mib: *memory_free_mib,
            generation: *generation,
            serving: *serving,
            bindings: read,
            unchecked,
        })
    }
}

/// The engine of a change, if it is as the ledger says.
pub(super) fn engine<'a>(state: &'a State, change: &Change, seen: &Seen) -> Result<(EngineId, &'a Engine), Refusal> {
    let id = change.subject.engine.ok_or(Refusal::BaseDrifted {})?;
    let engine = state.engines.get(&id).ok_or(Refusal::BaseDrifted {})?;
    let recorded = engine.serving;
    if (seen.generation, seen.serving) != (engine.generation, recorded) {
        return Err(Refusal::BaseDrifted {});
    }
    Ok((id, engine))
}

/// What a plan about an engine starts from.
pub(super) struct Start {
    pub(super) id: EngineId,
    pub(super) generation: u64,
    pub(super) serving: Option<Served>,
}

impl Start {
    pub(super) fn of(id: EngineId, engine: &Engine) -> Self {
        Self { id, generation: engine.generation, serving: engine.serving }
    }
}

/// The side whose process is the bundle's already, if there is one: then nothing is started for it.
fn stays(serving: Option<Served>, bundle: Bundle) -> Option<Side> {
    // The very same bundle again is a new start of it.
    let same = serving.filter(|serving| serving.bundle != bundle && serving.bundle.runs_like(&bundle));
    same.map(|serving| serving.side)
}

/// The bundle where it will serve, after what serves now.
pub(super) fn served(serving: Option<Served>, bundle: Bundle) -> Served {
    let other = serving.map_or(Side::Blue, |serving| serving.side.other());
    Served { side: stays(serving, bundle).unwrap_or(other), bundle }
}

/// The plan that makes `bundle` serve, or nothing. Where the process that serves can be the bundle's already, it stays:
/// only the route names another bundle.
///
/// # Errors
/// When something of the bundle is unknown, recalled, not certified or not held, or there is no room.
pub(super) fn serve(
    state: &State,
    change: &Change,
    seen: &Seen,
    start: &Start,
    bundle: Option<Bundle>,
) -> Result<Plan, Refusal> {
    let engine = state.engines.get(&start.id).ok_or(Refusal::BaseDrifted {})?;
    let merged = bundle.map(|bundle| placeable(state, engine, seen, bundle)).transpose()?;
    let stays = bundle.and_then(|bundle| stays(start.serving, bundle));
    let memory_mib = merged.map_or(0, |merged| merged.memory_mib);
    if stays.is_none() && memory_mib > seen.memory_free_mib {
        return Err(Refusal::PlacementInsufficient { needed_mib: memory_mib, free_mib: seen.memory_free_mib });
    }
    let next = bundle.map(|bundle| served(start.serving, bundle));
    let soak_ms = if stays.is_some() { 0 } else { soak_ms(state, change, merged) };
    let fact = |generation, serving| Fact::Engine { engine: start.id, generation, serving };
    let mut base = vec![fact(start.generation, start.serving)];
    base.extend(seen.bindings.map(|digest| Fact::Bindings { engine: start.id, digest }));
    let secrets = bundle.map(|bundle| bound::secrets(state, bundle)).unwrap_or_default();
    let (node, id, new_process) = (engine.node, start.id, stays.is_none());
    let builder = Steps { node, id, engine, start, next, merged, soak_ms, secrets, new_process };
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
        needs: needs(merged),
    })
}

/// The plan that starts `bundle` beside what serves, probes it and stops it again.
///
/// # Errors
/// As [`serve`].
pub(super) fn rehearse(
    state: &State,
    change: &Change,
    seen: &Seen,
    start: &Start,
    bundle: Bundle,
) -> Result<Plan, Refusal> {
    let engine = state.engines.get(&start.id).ok_or(Refusal::BaseDrifted {})?;
    let merged = placeable(state, engine, seen, bundle)?;
    if merged.memory_mib > seen.memory_free_mib {
        return Err(Refusal::PlacementInsufficient { needed_mib: merged.memory_mib, free_mib: seen.memory_free_mib });
    }
    let side = start.serving.map_or(Side::Blue, |serving| serving.side.other());
    let serves = Fact::Engine { engine: start.id, generation: start.generation, serving: start.serving };
    let (next, secrets) = (Some(Served { side, bundle }), bound::secrets(state, bundle));
    let (node, id, merged) = (engine.node, start.id, Some(merged));
    let builder = Steps { node, id, engine, start, next, merged, soak_ms: 0, secrets, new_process: true };
    let mut steps = builder.checks(seen);
    steps.extend(builder.prepare());
    steps.extend(builder.end_of(side));
    Ok(Plan {
        change: change.package.change,
        package: change.package_digest,
        base: vec![serves.clone()],
        after: vec![serves],
        unchecked: vec![],
        loses_reach: vec![],
        steps,
        soak_ms: 0,
        for_ms: None,
        needs: needs(merged),
    })
}

/// What its program and config come to, where the bundle is certified, held and has its secrets.
fn placeable(state: &State, engine: &Engine, seen: &Seen, bundle: Bundle) -> Result<Merged, Refusal> {
    let merged = bound::ready(state, engine, bundle)?;
    let missing = |digest: Digest| seen.missing.iter().flatten().any(|missing| *missing == digest);
    if let Some((resource, _)) = bundle.archives().find(|(_, digest)| missing(*digest)) {
        return Err(Refusal::ResourceNotHeld { resource });
    }
    seen.secrets_missing.first().map_or(Ok(merged), |secret| Err(Refusal::SecretMissing { secret: *secret }))
}

/// What the kind's row asks for, or the config where that is longer.
fn soak_ms(state: &State, change: &Change, merged: Option<Merged>) -> i64 {
    let row_ms = change.required(state).map_or(0, |row| row.soak_ms);
    merged.map_or(0, |merged| row_ms.max(merged.soak_ms))
}

fn needs(merged: Option<Merged>) -> Needs {
    merged.map_or(Needs::default(), |merged| Needs {
        memory_mib: merged.memory_mib,
        engines: 1,
        storage_mib: merged.storage_mib,
    })
}

struct Steps<'a> {
    node: NodeId,
    id: EngineId,
    engine: &'a Engine,
    start: &'a Start,
    next: Option<Served>,
    merged: Option<Merged>,
    soak_ms: i64,
    secrets: Vec<Digest>,
    /// Whether what serves next is started for it.
    new_process: bool,
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
        if self.new_process {
            steps.extend(self.start.serving.map(|before| self.end_of(before.side)).into_iter().flatten());
        }
        steps
    }

    /// One check for each executor, before anything is touched.
    fn checks(&self, seen: &Seen) -> Vec<Step> {
        let check = |action| Step { action, undo: None, expect: None };
        let mut steps = vec![];
        if let (Some(next), Some(_)) = (self.next, &seen.missing) {
            let action = Action::Platform(PlatformAction::CheckHeld { bundle: next.bundle });
            steps.push(Step { action, undo: None, expect: Some(next.bundle.digest()) });
        }
        let memory_mib = self.merged.filter(|_| self.new_process).map_or(0, |merged| merged.memory_mib);
        steps.push(check(self.node(NodeAction::CheckCapacity { memory_mib })));
        let (generation, serving) = (self.start.generation, self.start.serving);
        let secrets = if self.new_process { self.secrets.clone() } else { vec![] };
        steps.push(check(self.on_engine(EngineAction::Check { generation, serving, secrets })));
        steps
    }

    fn prepare(&self) -> Vec<Step> {
        let (Some(next), Some(merged), true) = (self.next, self.merged, self.new_process) else { return vec![] };
        let (side, bundle, port) = (next.side, next.bundle, self.engine.side_port(next.side));
        let (memory_mib, start_within_ms) = (merged.memory_mib, merged.start_within_ms);
        let place = NodeAction::Place { artifact: bundle.artifact, theme: bundle.theme, memory_mib, side };
        let start = EngineAction::Start { bundle, side, port, memory_mib, start_within_ms };
        vec![
            Step { action: self.node(place), undo: Some(self.node(NodeAction::Unplace { side })), expect: None },
            Step {
                action: self.on_engine(start),
                undo: Some(self.on_engine(EngineAction::Stop { side })),
                expect: None,
            },
        ]
    }

    fn switch(&self) -> Step {
        let generation = self.start.generation;
        let to = |generation, next, serving| self.on_engine(EngineAction::Switch { generation, next, serving });
        Step {
            action: to(generation, generation + 1, self.next),
            undo: Some(to(generation + 1, generation + 2, self.start.serving)),
            expect: None,
        }
    }

    fn soak(&self) -> Option<Step> {
        let next = self.next.filter(|_| self.soak_ms > 0)?;
        let (generation, serving) = (self.start.generation + 1, next);
        let action = self.on_engine(EngineAction::Soak { generation, serving, soak_ms: self.soak_ms });
        Some(Step { action, undo: None, expect: None })
    }

    /// A side that serves nobody is drained, stopped and given back.
    fn end_of(&self, side: Side) -> Vec<Step> {
        let step = |action| Step { action, undo: None, expect: None };
        vec![step(self.on_engine(EngineAction::Stop { side })), step(self.node(NodeAction::Unplace { side }))]
    }
}
