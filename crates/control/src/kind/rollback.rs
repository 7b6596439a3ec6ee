//! Rollback: the last certified bundle below the serving one serves again.

use super::engine_plan::{self, OBSERVERS, Seen, Start};
use super::{Answers, Detail, Field, FormError, Governs, Input, Kind, OnStack, Review, ReviewWhen, Slot, Words};
use crate::event::EventName;
use crate::state::Engine;
use crate::{
    Body, Change, Document, Effect, EngineEvent, Fragment, Inadmissible, Lock, Package, Plan, Refusal, State, Subject,
    cap_at,
};
use model::{Bundle, Category, Instant, KindName, Role, Service, Severity};

pub(super) struct Rollback;

impl Governs for Rollback {
    fn name(&self) -> KindName {
        KindName::Rollback
    }

    fn row(&self) -> Kind {
        let slots = vec![Slot::of(Role::GovernanceOperator), Slot::of(Role::SupportAuditor)];
        let review = Review {
            roles: vec![Role::FinanceReviewer, Role::SupportAuditor],
            within_ms: 24 * super::HOUR_MS,
            blocks_author: false,
            when: ReviewWhen::Unchecked,
        };
        Kind {
            reason_required: true,
            review: Some(review),
            soak_ms: 5_000,
            in_catalogue: true,
            ..Kind::usual(self.name(), slots)
        }
    }

    fn soaks(&self) -> bool {
        true
    }

    fn may_be_in_catalogue(&self) -> bool {
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

    fn may_be_unchecked(&self) -> &'static [Service] {
        &[Service::Platform, Service::Integration]
    }

    fn plan(&self, state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal> {
        let seen = Seen::of(change, self.may_be_unchecked(), now)?;
        let (id, engine) = engine_plan::engine(state, change, &seen)?;
        let target = change.package.body.bundle().ok_or(Refusal::NothingBelow {})?;
        let mut start = Start::of(id, engine);
        if engine.bundle() == Some(target) {
            // A stand-by: it starts from the engine as the open deployment would leave it.
            let none = if engine.stack.len() < 2 { Refusal::NothingBelow {} } else { Refusal::AlreadyServing {} };
            let deployment = state.open_on(&id, KindName::Deployment, now).ok_or(none)?;
            let bundle = deployment.package.body.bundle();
            start.generation += 1;
            start.serving = bundle.map(|bundle| engine_plan::served(engine.serving, bundle));
        } else {
            landing(state, engine, change, target, now)?;
        }
        engine_plan::serve(state, change, &seen, &start, Some(target))
    }

    fn runnable(&self, state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
        let engine = change.subject.engine.and_then(|engine| state.engines.get(&engine));
        let (Some(engine), Some(target)) = (engine, change.package.body.bundle()) else {
            return Err(Refusal::BaseDrifted {});
        };
        self.still_binds(state, change, now)?;
        if engine.bundle() == Some(target) {
            return Err(Refusal::AlreadyServing {});
        }
        // The same bundle may have come to serve by another way than the plan foresaw (a rollback
        // instead of the deployment it stood by for): what lies below it decides.
        landing(state, engine, change, target, now)
    }

    fn still_binds(&self, state: &State, change: &Change, _: Instant) -> Result<(), Refusal> {
        engine_plan::still_ready(state, change)
    }

    fn effective(&self, state: &State, change: &Change, _: Instant) -> Vec<Effect> {
        popped(state, change).into_iter().collect()
    }

    /// It certifies nothing, and what was left is as little a target as if it had been seen to end.
    fn reconciled(&self, state: &State, change: &Change) -> Vec<Effect> {
        popped(state, change).into_iter().collect()
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let (title, sentence, severity) = match event {
            EventName::Sealed => (
                "Rollback package staged for {engine}",
                "The last certified SaaS storefront bundle remains available{blocked}.",
                Severity::Medium,
            ),
            EventName::Effective => {
                ("Rollback effective for {engine}", "The last certified bundle serves again.", Severity::Medium)
            }
            _ => return None,
        };
        Some(Words { title, sentence, severity })
    }

    fn on_stack(&self) -> Option<OnStack> {
        Some(OnStack::GoesBack)
    }

    fn stands_by_for<'a>(&self, state: &'a State, change: &Change, now: Instant) -> Option<&'a Change> {
        state.open_on(&change.subject.engine?, KindName::Deployment, now)
    }

    /// What was used up or taken away since does not come back with it. What became of a lease after the run says
    /// nothing of it.
    fn details<'a>(&self, state: &State, change: &'a Change) -> Vec<Detail<'a>> {
        let bundle = change.package.body.bundle().filter(|_| change.run.is_none());
        let lease = bundle.and_then(|bundle| bundle.lease);
        let over = lease.filter(|lease| cap_at(state, lease, state.last).is_none());
        let text = |words: &str| Fragment::Text(words.to_owned());
        let note = |lease| {
            vec![text("The AI lease "), Fragment::Change(lease), text(" is over: it comes back without cycles.")]
        };
        over.map(|lease| Detail::Note(note(lease))).into_iter().collect()
    }

    fn form(&self) -> &'static [Field] {
        &[
            Field {
                name: "engine",
                label: "Engine",
                help: "The engine that goes back to its last certified bundle.",
                required: true,
                input: Input::Engine,
            },
            Field {
                name: "artifact",
                label: "Artifact",
                help: "The release it lands on; left out, the last certified one below what serves.",
                required: false,
                input: Input::Artifact,
            },
        ]
    }

    /// The certified bundle below the serving one; the serving one while a deployment is open (a
    /// stand-by).
    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let (id, engine) = engine_plan::asked_about(state, answers)?;
        let below = engine.fallback().map(|certified| certified.bundle);
        let standby = engine.stack.last().map(|top| top.bundle);
        // Who names a release names the certified bundle that has it: what was bound with it comes back with it.
        let given = answers.digest_if("artifact")?;
        let named = given
            .and_then(|artifact| [below, standby].into_iter().flatten().find(|bundle| bundle.artifact == artifact));
        let bundle = match given {
            Some(artifact) => Some(named.unwrap_or(Bundle::of(artifact))),
            None => below.or(standby),
        };
        let bundle = bundle.ok_or(FormError::Refused(Refusal::NothingBelow {}))?;
        Ok(Body::Rollback { engine: id, node: engine.node, bundle })
    }
}

/// Whether a rollback lands on the last certified bundle: that below the serving one, or, where what
/// serves was never certified, the top of the stack. Between a running change's switch and its end
/// nothing lands.
fn landing(state: &State, engine: &Engine, change: &Change, target: Bundle, now: Instant) -> Result<(), Refusal> {
    if engine.serving.is_none() {
        return Err(Refusal::NothingServes {});
    }
    let running = change.subject.engine.and_then(|engine| state.locked_by(&engine));
    if let Some(by) = running.filter(|_| !engine.serves_certified()) {
        return Err(state.refusal_of_lock(by, now));
    }
    match engine.fallback().map(|certified| certified.bundle) {
        None => Err(Refusal::NothingBelow {}),
        Some(below) if below == target => Ok(()),
        Some(below) => Err(Refusal::NotLastCertified { certified: below.artifact }),
    }
}

/// What was rolled back from is not a target any more. What was never certified is not on the stack.
fn popped(state: &State, change: &Change) -> Option<Effect> {
    let (engine, node) = change.package.body.engine()?;
    let top = state.engines.get(&engine)?.stack.last()?.bundle;
    let event = EngineEvent::Popped { bundle: top.digest() };
    (Some(top) != change.package.body.bundle()).then_some(Effect::Engine { engine, node, event })
}
