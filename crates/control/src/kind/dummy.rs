//! A kind that only this test knows, over the body of another. It is registered in [`super::governs`] and
//! nowhere else, and guards, clocks, plans, rows and forms are its own all the same.

use super::{Answer, Answers, Field, FormError, Governs, Input, Kind, Slot, Words, engine_plan};
use crate::event::EventName;
use crate::plan::{Fact, Plan};
use crate::world::{FAYE, FR, HOUR_MS, OMAR, OPAL, SA, SAUL, World, accepted, refused};
use crate::{Body, Change, Document, Effect, Fragment, Inadmissible, Lock, Package, Refusal, Setting, State, Subject};
use model::{Category, Instant, KindName, Role, Severity, Status};
use std::cell::Cell;

/// In whose place it is registered: its body is that of a drain.
const PLACE: KindName = KindName::Drain;

thread_local! {
    static REGISTERED: Cell<bool> = const { Cell::new(false) };
}

/// The dummy, where this thread's test has registered it.
pub(super) fn registered(kind: KindName) -> Option<&'static dyn Governs> {
    (kind == PLACE && REGISTERED.get()).then_some(&Inspection)
}

/// An auditor looks at what serves, an operator confirms it, and nothing is touched.
struct Inspection;

impl Governs for Inspection {
    fn name(&self) -> KindName {
        PLACE
    }

    fn row(&self) -> Kind {
        let slots = vec![Slot::of(Role::FinanceReviewer), Slot::of(Role::GovernanceOperator)];
        Kind { author: vec![Role::SupportAuditor], cooling_ms: HOUR_MS, ..Kind::usual(PLACE, slots) }
    }

    fn category(&self) -> Category {
        Category::PrivilegedAccess
    }

    fn subject(&self, state: &State, body: &Body) -> Result<Subject, Inadmissible> {
        engine_plan::subject(state, body)
    }

    fn locks(&self, _: &Body) -> Vec<Lock> {
        vec![]
    }

    fn draft(&self, _: &State, _: &Package, _: Option<&Document>) -> Result<(), Refusal> {
        Ok(())
    }

    fn plan(&self, state: &State, change: &Change, _: Instant) -> Result<Plan, Refusal> {
        let id = change.subject.engine.ok_or(Refusal::BaseDrifted {})?;
        let engine = state.engines.get(&id).ok_or(Refusal::BaseDrifted {})?;
        let seen = vec![Fact::Engine { engine: id, generation: engine.generation, serving: engine.serving }];
        Ok(Plan::of_ledger(change.ids(), seen.clone(), seen, None))
    }

    fn effective(&self, _: &State, _: &Change, _: Instant) -> Vec<Effect> {
        vec![]
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let words = Words { title: "{engine} inspected", sentence: "{people} looked at it.", severity: Severity::Low };
        (event == EventName::Effective).then_some(words)
    }

    fn form(&self) -> &'static [Field] {
        &[Field {
            name: "inspected",
            label: "Inspected engine",
            help: "What is looked at.",
            required: true,
            input: Input::Engine,
        }]
    }

    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let engine = answers.engine("inspected")?;
        let node = state.engines.get(&engine).ok_or(FormError::Unknown("inspected"))?.node;
        Ok(Body::Drain { engine, node })
    }
}

#[test]
fn a_kind_over_another_s_body_is_registered_and_carried_from_draft_to_effective() {
    REGISTERED.set(true);
    // Founded with its row, which another document of kinds then changes.
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    world.deploy(artifact);
    let mut table = world.state.kinds.clone();
    table.kinds.iter_mut().find(|row| row.name == PLACE).expect("its row").slots = vec![Slot::of(FR)];
    world.change_setting(&Setting::Kinds(table));

    // Its form asks, and its author may.
    let form = super::governs(PLACE).form();
    assert_eq!((form.len(), form[0].label), (1, "Inspected engine"));
    let answers = Answers::default().with(form[0].name, Answer::Engine(world.engine));
    let body = super::governs(PLACE).body(&world.state, world.now, &answers).expect("it is answered");
    let change = model::ChangeId(world.fresh());
    let package = world.package_of(change, body);
    refused(world.open(OPAL, &package), "role.missing");
    accepted(world.open(SAUL, &package));
    accepted(world.seal(SAUL, change));
    let row = world.change(change).requirement.clone().expect("it is sealed");
    assert_eq!((row.author, row.slots), (vec![SA], vec![Slot::of(FR)]), "frozen from the document");
    accepted(world.approve(FAYE, change, FR));
    refused(world.run(OMAR, change), "run.cooling");
    world.advance(HOUR_MS);

    // Without steps it is effective in the leaf of its run, in its own words.
    let leaf = accepted(world.run(OMAR, change));
    assert_eq!((world.status(change), world.serving()), (Status::Effective, Some(artifact)));
    let rows = crate::rows(&leaf);
    let effective = rows.iter().find(|row| row.category == Category::PrivilegedAccess && row.severity == Severity::Low);
    let said =
        |fragments: &[Fragment]| fragments.iter().any(|f| matches!(f, Fragment::Text(t) if t.contains("inspected")));
    assert!(effective.is_some_and(|row| said(&row.title)), "{rows:?}");
}
