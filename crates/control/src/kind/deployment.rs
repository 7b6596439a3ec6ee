//! Deployment: a bundle is put in place and serves.

use super::engine_plan::{self, OBSERVERS, Seen, Start};
use super::{Answers, Detail, Field, FormError, Governs, Input, Kind, OnStack, Slot, Words};
use crate::event::EventName;
use crate::state::Engine;
use crate::{
    Body, Change, Document, Effect, EngineEvent, Fragment, Inadmissible, Lock, Package, Plan, Refusal, State, Subject,
};
use model::{Bundle, Category, Digest, Instant, KindName, Resource, Role, Service, Severity};

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
        let Body::Deployment { engine, proven_on, .. } = &package.body else { return Ok(()) };
        let other = proven_on.is_none_or(|on| on != *engine && state.engines.contains_key(&on));
        if !other {
            return Err(Refusal::ProvenOnUnknown {});
        }
        engine_plan::names_known(state, package)
    }

    fn observers(&self) -> &'static [Service] {
        OBSERVERS
    }

    fn plan(&self, state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal> {
        let seen = Seen::of(change, self.may_be_unchecked(), now)?;
        let (id, engine) = engine_plan::engine(state, change, &seen)?;
        let start = Start::of(id, engine);
        proven(state, &change.package.body)?;
        engine_plan::lease_stands(state, change, now)?;
        engine_plan::serve(state, change, &seen, &start, change.package.body.bundle())
    }

    fn runnable(&self, state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
        self.still_binds(state, change, now)?;
        proven(state, &change.package.body)
    }

    fn still_binds(&self, state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
        engine_plan::still_ready(state, change)?;
        engine_plan::lease_stands(state, change, now)
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
        let release = text("The same release and config must be effective and certified on ");
        vec![Detail::Note(vec![release, Fragment::Engine(*on), text(" first.")])]
    }

    fn form(&self) -> &'static [Field] {
        const FIELDS: &[Field] = &[
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
                help: "The published release, by version or digest; left out, the one that serves.",
                required: false,
                input: Input::Artifact,
            },
            bound("config", "Config", "The published config; left out, the one that serves.", Resource::Config),
            Field {
                name: "lease",
                label: "AI lease",
                help: "The AI lease it may use, by the id of the change that granted it; left out, the one that serves.",
                required: false,
                input: Input::Lease,
            },
            bound("theme", "Client theme", "The published theme; left out, the one that serves.", Resource::Theme),
            bound(
                "retention",
                "Retention policy",
                "The published policy; left out, the one that serves.",
                Resource::Retention,
            ),
            Field {
                name: "proven-on",
                label: "Proven on",
                help: "Another engine on which the same release must be effective and certified first.",
                required: false,
                input: Input::Engine,
            },
        ];
        FIELDS
    }

    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let (engine, known) = engine_plan::asked_about(state, answers)?;
        let bundle = bundle(known, answers)?;
        Ok(Body::Deployment { engine, node: known.node, bundle, proven_on: answers.engine_if("proven-on")? })
    }
}

const fn bound(name: &'static str, label: &'static str, help: &'static str, resource: Resource) -> Field {
    Field { name, label, help, required: false, input: Input::Resource(resource) }
}

/// The bundle that is asked for: what is left out stays as it serves, or as it was certified last.
fn bundle(known: &Engine, answers: &Answers) -> Result<Bundle, FormError> {
    let before = known.bundle().or(known.stack.last().map(|top| top.bundle));
    let digest = |name: &'static str, kept: Option<Digest>| -> Result<Option<Digest>, FormError> {
        if answers.is_nothing(name) { Ok(None) } else { Ok(answers.digest_if(name)?.or(kept)) }
    };
    let artifact = digest("artifact", before.map(|before| before.artifact))?.ok_or(FormError::Missing("artifact"))?;
    let lease = if answers.is_nothing("lease") {
        None
    } else {
        answers.change_if("lease")?.or(before.and_then(|before| before.lease))
    };
    Ok(Bundle {
        artifact,
        config: digest("config", before.and_then(|before| before.config))?,
        lease,
        theme: digest("theme", before.and_then(|before| before.theme))?,
        retention: digest("retention", before.and_then(|before| before.retention))?,
    })
}

/// The same artifact and config are effective and certified on the engine that the package names.
fn proven(state: &State, body: &Body) -> Result<(), Refusal> {
    let Body::Deployment { bundle, proven_on: Some(on), .. } = body else { return Ok(()) };
    let engine = state.engines.get(on);
    let top = engine.and_then(|engine| Some((engine.bundle()?, engine.stack.last()?.bundle)));
    let same = |other: Bundle| (other.artifact, other.config) == (bundle.artifact, bundle.config);
    let proven = top.is_some_and(|(serving, certified)| serving == certified && same(serving));
    if proven { Ok(()) } else { Err(Refusal::NotProven { on: *on }) }
}
