//! A change that ended without anybody knowing how: what is said of it must be what is seen.

use crate::scenes::{DEPLOYMENT, indeterminate, running};
use crate::world::{End, FAYE, MINUTE_MS, No, OMAR, OPAL, SAUL, World, accepted, refused};
use control::{ClockAct, Effect, Leaf, StepEvent};
use model::{ChangeId, Digest, Service, Side, Status};
use signed::{Act, Observation, Reconciled, Report, Served};

fn reconcile(world: &mut World, who: usize, change: ChangeId, outcome: Reconciled) -> Result<Leaf, No> {
    world.sign_and_submit(who, Act::Reconcile { change, revision: 1, outcome })
}

fn seen(world: &mut World, change: ChangeId, generation: u64, serving: Option<Digest>) {
    let serving = serving.map(|artifact| Served { side: Side::Blue, artifact });
    let observation = Observation::Engine { generation, serving };
    accepted(world.report(Service::Engine, Report::Observed { change, revision: 1, observation }));
}

#[test]
fn one_holder_of_each_slot_says_the_same_and_it_is_so() {
    let (mut world, id) = indeterminate();
    accepted(world.observe(id, Service::Engine));
    accepted(reconcile(&mut world, OPAL, id, Reconciled::AsBase));
    accepted(reconcile(&mut world, OMAR, id, Reconciled::AsBase));
    assert_eq!(world.status(id), Status::Indeterminate, "two operators do not fill the reviewer's slot");
    accepted(reconcile(&mut world, FAYE, id, Reconciled::AsBase));
    assert_eq!((world.status(id), world.locked_by(), world.serving()), (Status::Closed, None, None));
    assert!(!world.state.engines[&world.engine].unverified);
}

#[test]
fn nothing_is_said_to_serve_that_is_not_seen_to() {
    let (mut world, id) = indeterminate();
    let planned = Digest::of_object("manifest", b"2026.02");
    let another = world.publish("another", 64);
    // Something else than base or plan: neither may be said.
    seen(&mut world, id, 1, Some(another));
    for outcome in [Reconciled::AsBase, Reconciled::AsPlanned] {
        refused(reconcile(&mut world, OPAL, id, outcome), "reconcile.observed_otherwise");
    }
    // The planned one under another generation than planned.
    seen(&mut world, id, 3, Some(planned));
    refused(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned), "reconcile.observed_otherwise");
    seen(&mut world, id, 1, Some(planned));
    refused(reconcile(&mut world, OPAL, id, Reconciled::AsBase), "reconcile.observed_otherwise");
    accepted(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned));
    accepted(reconcile(&mut world, FAYE, id, Reconciled::AsPlanned));
    let engine = &world.state.engines[&world.engine];
    assert_eq!((world.status(id), world.serving(), engine.generation), (Status::Closed, Some(planned), 1));
    assert!(world.stack().is_empty(), "it never certifies");
}

#[test]
fn of_an_engine_that_does_not_answer_only_the_base_may_be_said_and_it_is_unverified() {
    let (mut world, id) = indeterminate();
    refused(reconcile(&mut world, OPAL, id, Reconciled::AsBase), "reconcile.observed_otherwise");
    world.advance(2 * MINUTE_MS);
    refused(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned), "reconcile.observed_otherwise");
    accepted(reconcile(&mut world, OPAL, id, Reconciled::AsBase));
    accepted(reconcile(&mut world, FAYE, id, Reconciled::AsBase));
    assert!(world.state.engines[&world.engine].unverified);
    assert_eq!((world.status(id), world.locked_by()), (Status::Closed, None));
}

/// Signed before it stopped, played afterwards: it says nothing of what was left.
#[test]
fn an_observation_from_before_it_stopped_is_worth_nothing() {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let id = world.running(DEPLOYMENT, artifact);
    world.carry_until(id, "start");
    let observation = world.sight(Service::Engine);
    let early = world.receipt(Service::Engine, Report::Observed { change: id, revision: 1, observation });
    world.step(id, End::Unknown);
    refused(world.submit(early), "receipt.seen_too_early");
    accepted(world.verb(SAUL, "observe", id));
    accepted(world.observe(id, Service::Engine));
    accepted(reconcile(&mut world, OPAL, id, Reconciled::AsBase));
}

#[test]
fn the_word_of_who_has_lost_their_key_since_is_not_counted() {
    let (mut world, id) = indeterminate();
    accepted(world.observe(id, Service::Engine));
    accepted(reconcile(&mut world, FAYE, id, Reconciled::AsBase));
    let (person, key) = (world.id(FAYE), world.people[FAYE].key_id);
    accepted(world.sign_and_submit(FAYE, Act::Suspend { person, key }));
    accepted(reconcile(&mut world, OPAL, id, Reconciled::AsBase));
    assert_eq!(world.status(id), Status::Indeterminate);
}

/// Past *stop*, which has no undo, Node Runtime is gone before it says that it gives the place back.
#[test]
fn a_step_that_nobody_begins_leaves_the_change_to_people_after_an_hour() {
    let (mut world, id) = running();
    world.carry_until(id, "soak");
    world.advance(61 * MINUTE_MS);
    assert_eq!(world.status(id), Status::Indeterminate, "whether or not it was written down");
    accepted(world.observe(id, Service::Engine));
    accepted(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned));
    accepted(reconcile(&mut world, FAYE, id, Reconciled::AsPlanned));
    assert_eq!((world.status(id), world.locked_by()), (Status::Closed, None));
}

#[test]
fn a_held_change_does_not_wait_for_its_executor_and_its_release_gives_it_an_hour() {
    let (mut world, id) = running();
    world.carry_until(id, "soak");
    accepted(world.sign_and_submit(SAUL, Act::Hold { change: id, revision: 1 }));
    world.advance(120 * MINUTE_MS);
    assert_eq!(world.status(id), Status::Executing, "it is kept from beginning by a person");
    let of = world.people[SAUL].id;
    accepted(world.sign_and_submit(SAUL, Act::Release { change: id, revision: 1, of }));
    world.advance(59 * MINUTE_MS);
    assert_eq!(world.status(id), Status::Executing);
    world.advance(2 * MINUTE_MS);
    let leaf = accepted(world.clock(ClockAct::Settle {}));
    assert!(matches!(leaf.effects[0], Effect::Step { event: StepEvent::Silent {}, .. }), "{:?}", leaf.effects);
    assert_eq!((world.change(id).step_due(), world.status(id)), (None, Status::Indeterminate));
}
