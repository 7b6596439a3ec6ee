//! A change that ended without anybody knowing how: what is said of it must be what is seen.

use crate::scenes::{DEPLOYMENT, indeterminate, running};
use crate::world::{End, FAYE, MINUTE_MS, No, OMAR, OPAL, SAUL, World, accepted, refused};
use control::{ClockAct, Effect, EngineEvent, Leaf, Plan, StepEvent};
use model::{Bundle, ChangeId, Digest, KindName, Service, Side, Status};
use signed::{Act, Observation, Reconciled, Report, Served};

fn reconcile(world: &mut World, who: usize, change: ChangeId, outcome: Reconciled) -> Result<Leaf, No> {
    world.sign_and_submit(who, Act::Reconcile { change, revision: 1, outcome })
}

fn seen(world: &mut World, change: ChangeId, generation: u64, serving: Option<Digest>) {
    let serving = serving.map(|artifact| Served { side: Side::Blue, bundle: Bundle::of(artifact) });
    let observation = Observation::Engine { generation, serving, missing: vec![] };
    accepted(world.report(Service::Engine, Report::Observed { change, revision: 1, observation }));
    // The others see the same: what serves is placed.
    let placed = serving.map(|served| served.placed());
    let node = Observation::Node { memory_free_mib: 512, placed: placed.into_iter().collect() };
    accepted(world.report(Service::Node, Report::Observed { change, revision: 1, observation: node }));
    for service in [Service::Platform, Service::Integration] {
        accepted(world.observe(change, service));
    }
}

/// A deployment of this artifact whose switch went through, though Engine Runtime cannot tell, and
/// which people reconciled to what was planned.
fn reconciled_as_planned(world: &mut World, kind: KindName, artifact: Digest) -> ChangeId {
    let id = world.running(kind, artifact);
    world.carry_until(id, "switch");
    world.step(id, End::Unknown);
    accepted(world.verb(SAUL, "observe", id));
    let (_, after) = world.change(id).plan.as_ref().and_then(Plan::engine).unwrap();
    let at = after.serving.unwrap();
    let placed = vec![at.placed()];
    let seen = [
        (Service::Engine, Observation::Engine { generation: after.generation, serving: Some(at), missing: vec![] }),
        (Service::Node, Observation::Node { memory_free_mib: 512, placed }),
    ];
    for (service, observation) in seen {
        accepted(world.report(service, Report::Observed { change: id, revision: 1, observation }));
    }
    for service in [Service::Platform, Service::Integration] {
        accepted(world.observe(id, service));
    }
    for who in [OPAL, FAYE, SAUL] {
        if world.status(id) == Status::Indeterminate {
            accepted(reconcile(world, who, id, Reconciled::AsPlanned));
        }
    }
    assert_eq!((world.status(id), world.serving()), (Status::Closed, Some(artifact)));
    id
}

/// Reconciling certifies nothing, so what serves then lies on no stack: the way back is open all the same.
#[test]
fn what_was_reconciled_and_never_certified_is_rolled_back_to_the_last_certified_release() {
    let mut world = World::new();
    let [old, good, bad] = ["old", "good", "bad"].map(|version| world.publish(version, 64));
    world.deploy(old);
    world.deploy(good);
    reconciled_as_planned(&mut world, DEPLOYMENT, bad);
    assert_eq!(world.stack(), [old, good], "it never certifies");
    let too_far = world.drafted(KindName::Rollback, old);
    refused(world.seal(OPAL, too_far), "rollback.not_last_certified");
    accepted(world.verb(OPAL, "cancel", too_far));
    let fallback = world.state.engines[&world.engine].fallback().map(|certified| certified.bundle.artifact);
    assert_eq!(fallback, Some(good));
    world.effective(KindName::Rollback, good);
    assert_eq!((world.serving(), world.stack()), (Some(good), vec![old, good]), "nothing certified was left");
    world.effective(KindName::Rollback, old);
    assert_eq!((world.serving(), world.stack()), (Some(old), vec![old]));
}

/// Else what people had gone back from would lie on top, and the next way back would lead there.
#[test]
fn what_a_reconciled_rollback_left_is_no_target_any_more() {
    let mut world = World::new();
    let [old, good] = ["old", "good"].map(|version| world.publish(version, 64));
    world.deploy(old);
    world.deploy(good);
    reconciled_as_planned(&mut world, KindName::Rollback, old);
    assert_eq!(world.stack(), [old]);
    let again = world.drafted(KindName::Rollback, good);
    refused(world.seal(OPAL, again), "rollback.nothing_below");
}

/// The base was said of what nobody could read; it was the plan that served.
#[test]
fn the_next_observation_that_reads_an_unverified_engine_says_what_serves_there() {
    let (mut world, id) = indeterminate();
    let planned = Digest::of_object("manifest", b"2026.02");
    world.advance(2 * MINUTE_MS);
    accepted(reconcile(&mut world, OPAL, id, Reconciled::AsBase));
    accepted(reconcile(&mut world, FAYE, id, Reconciled::AsBase));
    let next = world.publish("next", 64);
    let draft = world.draft(OPAL, DEPLOYMENT, next);
    accepted(world.observe(draft, Service::Node));
    assert!(world.state.engines[&world.engine].unverified, "Node Runtime does not read what serves");
    let serving = Some(Served { side: Side::Blue, bundle: Bundle::of(planned) });
    let observation = Observation::Engine { generation: 1, serving, missing: vec![] };
    let leaf = accepted(world.report(Service::Engine, Report::Observed { change: draft, revision: 1, observation }));
    let event = EngineEvent::Read { generation: 1, serving };
    assert_eq!(leaf.effects[1], Effect::Engine { engine: world.engine, node: world.node, event });
    let engine = &world.state.engines[&world.engine];
    assert_eq!((engine.unverified, engine.generation, world.serving()), (false, 1, Some(planned)));
    // Said once: it is known from then on, and another reading of it is drift.
    world.observe_all(draft);
    accepted(world.seal(OPAL, draft));
    let leaf = accepted(world.verb(OPAL, "cancel", draft));
    assert_eq!(leaf.effects.len(), 1);
}

/// Whoever has begun a step is asked: of one that is silent only the base may be said.
#[test]
fn every_executor_that_has_begun_a_step_is_asked_before_it_is_said_how_it_ended() {
    for silent in [Service::Platform, Service::Node, Service::Integration] {
        let (mut world, id) = running();
        world.carry_until(id, "soak");
        world.step(id, End::Unknown);
        accepted(world.verb(SAUL, "observe", id));
        for service in Service::ALL.iter().filter(|service| **service != silent && **service != Service::Governance) {
            accepted(world.observe(id, *service));
        }
        refused(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned), "reconcile.observed_otherwise");
        world.advance(2 * MINUTE_MS);
        refused(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned), "reconcile.observed_otherwise");
        accepted(world.observe(id, silent));
        accepted(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned));
    }
}

#[test]
fn what_node_platform_or_integration_see_must_agree_with_what_is_said_too() {
    let otherwise = [
        Observation::Platform { missing: vec![Digest::ZERO], zone: None },
        Observation::Node { memory_free_mib: 512, placed: vec![] },
        Observation::Integration { bindings: Digest::ZERO },
    ];
    for observation in otherwise {
        let (mut world, id) = running();
        world.carry_until(id, "soak");
        world.step(id, End::Unknown);
        accepted(world.verb(SAUL, "observe", id));
        world.observe_all(id);
        let service = observation.service();
        accepted(world.report(service, Report::Observed { change: id, revision: 1, observation }));
        refused(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned), "reconcile.observed_otherwise");
        accepted(world.observe(id, service));
        accepted(reconcile(&mut world, OPAL, id, Reconciled::AsPlanned));
    }
}

#[test]
fn one_holder_of_each_slot_says_the_same_and_it_is_so() {
    let (mut world, id) = indeterminate();
    world.observe_all(id);
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
    world.observe_all(id);
    accepted(reconcile(&mut world, OPAL, id, Reconciled::AsBase));
}

#[test]
fn the_word_of_who_has_lost_their_key_since_is_not_counted() {
    let (mut world, id) = indeterminate();
    world.observe_all(id);
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
    world.observe_all(id);
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
