//! Undrain: what was certified last serves again after a drain.

use super::engine_plan::{self, OBSERVERS, Seen, Start};
use super::{Answers, Field, FormError, Governs, Input, Kind, Slot, Words};
use crate::event::EventName;
use crate::{Body, Change, Document, Effect, Inadmissible, Lock, Package, Plan, Refusal, State, Subject};
use model::{Category, Instant, KindName, Role, Service, Severity};

pub(super) struct Undrain;

impl Governs for Undrain {
    fn name(&self) -> KindName {
        KindName::Undrain
    }

    fn row(&self) -> Kind {
        Kind { soak_ms: 5_000, ..Kind::usual(self.name(), vec![Slot::of(Role::GovernanceOperator)]) }
    }

    fn soaks(&self) -> bool {
        true
    }

    fn category(&self) -> Category {
        Category::Retirement
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
        let seen = Seen::of(change, self.may_be_unchecked(), now)?;
        let (id, engine) = engine_plan::engine(state, change, &seen)?;
        if engine.serving.is_some() {
            return Err(Refusal::NotDrained {});
        }
        let top = engine.stack.last().map(|top| top.bundle).ok_or(Refusal::NothingCertified {})?;
        if change.package.body.bundle() != Some(top) {
            return Err(Refusal::NotLastCertified { certified: top.artifact });
        }
        engine_plan::serve(state, change, &seen, &Start::of(id, engine), Some(top))
    }

    fn runnable(&self, state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
        self.still_binds(state, change, now)
    }

    fn still_binds(&self, state: &State, change: &Change, _: Instant) -> Result<(), Refusal> {
        engine_plan::still_ready(state, change)
    }

    fn effective(&self, _: &State, _: &Change, _: Instant) -> Vec<Effect> {
        vec![]
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let effective = Words {
            title: "{engine} undrained",
            sentence: "Its last certified bundle serves again on {node}.",
            severity: Severity::Medium,
        };
        (event == EventName::Effective).then_some(effective)
    }

    fn form(&self) -> &'static [Field] {
        &[Field {
            name: "engine",
            label: "Engine",
            help: "The drained engine that shall serve again.",
            required: true,
            input: Input::Engine,
        }]
    }

    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let (id, engine) = engine_plan::asked_about(state, answers)?;
        let top = engine.stack.last().ok_or(FormError::Refused(Refusal::NothingCertified {}))?;
        Ok(Body::Undrain { engine: id, node: engine.node, bundle: top.bundle })
    }
}
