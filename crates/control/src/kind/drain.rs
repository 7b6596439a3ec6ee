//! Drain: nothing serves on an engine; what was certified stays so.

use super::engine_plan::{self, OBSERVERS, Seen, Start};
use super::{Answers, Field, FormError, Governs, Input, Kind, Slot, Words};
use crate::event::EventName;
use crate::{Body, Change, Document, Effect, Inadmissible, Lock, Package, Plan, Refusal, State, Subject};
use model::{Category, Instant, KindName, Role, Service, Severity};

pub(super) struct Drain;

impl Governs for Drain {
    fn name(&self) -> KindName {
        KindName::Drain
    }

    fn row(&self) -> Kind {
        Kind::usual(self.name(), vec![Slot::of(Role::GovernanceOperator)])
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

    fn draft(&self, _: &State, _: &Package, _: Option<&Document>) -> Result<(), Refusal> {
        Ok(())
    }

    fn observers(&self) -> &'static [Service] {
        OBSERVERS
    }

    fn plan(&self, state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal> {
        let seen = Seen::of(change, self.may_be_unchecked(), now)?;
        let (id, engine) = engine_plan::engine(state, change, &seen)?;
        if engine.serving.is_none() {
            return Err(Refusal::NothingServes {});
        }
        engine_plan::serve(state, change, &seen, &Start::of(id, engine), None)
    }

    fn effective(&self, _: &State, _: &Change, _: Instant) -> Vec<Effect> {
        vec![]
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let effective = Words {
            title: "{engine} drained",
            sentence: "Nothing serves on {node}; its last certified bundle can serve again after an undrain.",
            severity: Severity::Medium,
        };
        (event == EventName::Effective).then_some(effective)
    }

    fn form(&self) -> &'static [Field] {
        &[Field {
            name: "engine",
            label: "Engine",
            help: "The engine that shall stop serving.",
            required: true,
            input: Input::Engine,
        }]
    }

    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let (engine, known) = engine_plan::asked_about(state, answers)?;
        Ok(Body::Drain { engine, node: known.node })
    }
}
