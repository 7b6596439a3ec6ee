//! Deployment: a bundle is put in place and serves.

use super::engine_plan::{self, OBSERVERS, Seen, Start};
use super::{Answers, Detail, Field, FormError, Governs, Input, Kind, OnStack, Slot, Words};
use crate::event::EventName;
use crate::{
    Body, Change, Document, Effect, EngineEvent, Fragment, Inadmissible, Lock, Package, Plan, Refusal, State, Subject,
};
use model::{Category, Instant, KindName, Role, Service, Severity};

pub(super) struct Deployment;

impl Governs for Deployment {
    fn name(&self) -> KindName {
        KindName::Deployment
    }

    fn row(&self) -> Kind {
        let slots = vec![Slot::of(Role::GovernanceOperator), Slot::of(Role::FinanceReviewer)];
        Kind { soak_ms: 5_000, ..Kind::usual(self.name(), slots) }
    }

    fn soaks(&self) -> bool {
        true
    }

    fn category(&self) -> Category {
        Category::DeploymentPackage
    }

    fn subject(&self, state: &State, body: &Body) -> Result<Subject, Inadmissible> {
        engine_plan::subject(state, body)
    }

    fn locks(&self, body: &Body) -> Vec<Lock> {
        engine_plan::locks(body)
    }

    fn draft(&self, state: &State, package: &Package, _: Option<&Document>) -> Result<(), Refusal> {
        let Body::Deployment { engine, bundle, proven_on, .. } = &package.body else { return Ok(()) };
        let other = proven_on.is_none_or(|on| on != *engine && state.engines.contains_key(&on));
        if !other {
            return Err(Refusal::ProvenOnUnknown {});
        }
        engine_plan::artifact(state, *bundle).map(|_| ())
    }

    fn observers(&self) -> &'static [Service] {
        OBSERVERS
    }

    fn plan(&self, state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal> {
        let seen = Seen::of(change, self.may_be_unchecked(), now)?;
        let (id, engine) = engine_plan::engine(state, change, &seen)?;
        let start = Start::of(id, engine);
        proven(state, &change.package.body)?;
        engine_plan::serve(state, change, &seen, &start, change.package.body.bundle())
    }

    fn runnable(&self, state: &State, change: &Change, _: Instant) -> Result<(), Refusal> {
        engine_plan::not_recalled(state, change)?;
        proven(state, &change.package.body)
    }

    fn effective(&self, state: &State, change: &Change, _: Instant) -> Vec<Effect> {
        let (Some((engine, node)), Some(bundle)) = (change.package.body.engine(), change.package.body.bundle()) else {
            return vec![];
        };
        // Deployed again, it is still one bundle: twice on the stack it would lie below itself, and
        // no rollback could get past it.
        let top = state.engines.get(&engine).and_then(|engine| engine.stack.last());
        if top.is_some_and(|top| top.bundle == bundle) {
            return vec![];
        }
        vec![Effect::Engine { engine, node, event: EngineEvent::Certified { bundle: bundle.digest() } }]
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let (title, sentence, severity) = match event {
            EventName::Approved => (
                "Deployment package approved for {engine}",
                "{people} approved the storefront package for {node}.",
                Severity::Medium,
            ),
            EventName::Effective => {
                ("Deployment package effective for {engine}", "The new release serves on {node}.", Severity::Medium)
            }
            _ => return None,
        };
        Some(Words { title, sentence, severity })
    }

    fn on_stack(&self) -> Option<OnStack> {
        Some(OnStack::Certifies)
    }

    fn details<'a>(&self, _: &State, change: &'a Change) -> Vec<Detail<'a>> {
        let Body::Deployment { proven_on: Some(on), .. } = &change.package.body else { return vec![] };
        let text = |words: &str| Fragment::Text(words.to_owned());
        let release = text("The same release must be effective and certified on ");
        vec![Detail::Note(vec![release, Fragment::Engine(*on), text(" first.")])]
    }

    fn form(&self) -> &'static [Field] {
        &[
            Field {
                name: "engine",
                label: "Engine",
                help: "The engine that shall serve the release.",
                required: true,
                input: Input::Engine,
            },
            Field {
                name: "artifact",
                label: "Artifact",
                help: "The published release, by version or digest.",
                required: true,
                input: Input::Artifact,
            },
            Field {
                name: "proven-on",
                label: "Proven on",
                help: "Another engine on which the same release must be effective and certified first.",
                required: false,
                input: Input::Engine,
            },
        ]
    }

    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let engine = answers.engine("engine")?;
        let node = state.engines.get(&engine).ok_or(FormError::Unknown("engine"))?.node;
        let bundle = crate::Bundle { artifact: answers.digest("artifact")? };
        Ok(Body::Deployment { engine, node, bundle, proven_on: answers.engine_if("proven-on")? })
    }
}

/// The same bundle is effective and certified on the engine that the package names.
fn proven(state: &State, body: &Body) -> Result<(), Refusal> {
    let Body::Deployment { bundle, proven_on: Some(on), .. } = body else { return Ok(()) };
    let engine = state.engines.get(on);
    let top = engine.and_then(|engine| Some((engine.bundle()?, engine.stack.last()?.bundle)));
    if top == Some((*bundle, *bundle)) { Ok(()) } else { Err(Refusal::NotProven { on: *on }) }
}
