//! Rehearsal: a bundle is started beside what serves, probed, and stopped again. Nobody is led to it.

use super::engine_plan::{self, Seen, Start};
use super::{Answers, Field, FormError, Governs, Input, Kind, Slot, Words};
use crate::event::EventName;
use crate::{Body, Change, Document, Effect, EngineEvent, Inadmissible, Lock, Package, Plan, Refusal, State, Subject};
use model::{Bundle, Category, Instant, KindName, Role, Service, Severity};

pub(super) struct Rehearsal;

/// It reads no outside bindings: nobody is led to what it starts.
const OBSERVERS: &[Service] = &[Service::Platform, Service::Node, Service::Engine];

impl Governs for Rehearsal {
    fn name(&self) -> KindName {
        KindName::Rehearsal
    }

    fn row(&self) -> Kind {
        Kind::usual(self.name(), vec![Slot::of(Role::GovernanceOperator)])
    }

    fn rehearses(&self) -> bool {
        true
    }

    fn category(&self) -> Category {
        Category::Rollback
    }

    fn subject(&self, state: &State, body: &Body) -> Result<Subject, Inadmissible> {
        engine_plan::subject(state, body)
    }

    fn locks(&self, body: &Body) -> Vec<Lock> {
        engine_plan::locks(body)
    }

    fn draft(&self, state: &State, package: &Package, _: Option<&Document>) -> Result<(), Refusal> {
        engine_plan::names_known(state, package)
    }

    fn observers(&self) -> &'static [Service] {
        OBSERVERS
    }

    fn plan(&self, state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal> {
        let seen = Seen::without_bindings(change, now)?;
        let (id, engine) = engine_plan::engine(state, change, &seen)?;
        let bundle = change.package.body.bundle().ok_or(Refusal::BaseDrifted {})?;
        engine_plan::rehearse(state, change, &seen, &Start::of(id, engine), bundle)
    }

    fn runnable(&self, state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
        self.still_binds(state, change, now)
    }

    fn still_binds(&self, state: &State, change: &Change, _: Instant) -> Result<(), Refusal> {
        engine_plan::still_ready(state, change)
    }

    fn effective(&self, _: &State, change: &Change, _: Instant) -> Vec<Effect> {
        let tried = change.package.body.engine().zip(change.package.body.bundle());
        let event = |bundle: Bundle| EngineEvent::Rehearsed { bundle: bundle.digest() };
        let effect = tried.map(|((engine, node), bundle)| Effect::Engine { engine, node, event: event(bundle) });
        effect.into_iter().collect()
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let effective = Words {
            title: "Rehearsal passed for {engine}",
            sentence: "The bundle was started on {node} beside what serves, was healthy, and was stopped again.",
            severity: Severity::Info,
        };
        (event == EventName::Effective).then_some(effective)
    }

    fn form(&self) -> &'static [Field] {
        &[
            Field {
                name: "engine",
                label: "Engine",
                help: "The engine beside whose release the bundle is tried: with its data, the secrets of its config and what it may connect to.",
                required: true,
                input: Input::Engine,
            },
            Field {
                name: "artifact",
                label: "Artifact",
                help: "The release of the bundle that is tried; left out, the one a rollback would lead to.",
                required: false,
                input: Input::Artifact,
            },
        ]
    }

    /// The bundle that a rollback would lead to; another one that was certified, by its release; else what serves with
    /// that release.
    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let (id, engine) = engine_plan::asked_about(state, answers)?;
        let bundle = match answers.digest_if("artifact")? {
            None => engine.fallback().map(|certified| certified.bundle),
            Some(artifact) => {
                let known = engine.stack.iter().rev().map(|top| top.bundle).find(|known| known.artifact == artifact);
                let beside = engine.bundle().map(|serving| Bundle { artifact, ..serving });
                known.or(beside).or(Some(Bundle::of(artifact)))
            }
        };
        let bundle = bundle.ok_or(FormError::Refused(Refusal::NothingBelow {}))?;
        Ok(Body::Rehearsal { engine: id, node: engine.node, bundle })
    }
}
