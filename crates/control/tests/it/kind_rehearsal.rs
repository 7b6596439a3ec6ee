//! Rehearsals: a bundle is tried beside what serves, and nobody notices.

use crate::world::{End, OMAR, OPAL, SAUL, World, accepted};
use control::{Body, Effect, EngineEvent};
use model::{Bundle, ChangeId, KindName, Service, Side, Status};

/// Two bundles were deployed; the first is to be tried.
fn rehearsing() -> (World, ChangeId, Bundle) {
    let mut world = World::with_dora();
    let first = world.whole_bundle("2026.02");
    world.deploy_bundle(first);
    let second = world.whole_bundle("2026.03");
    world.deploy_bundle(second);
    let (engine, node, bundle) = (world.engine, world.node, first);
    let id = world.draft_of(OPAL, Body::Rehearsal { engine, node, bundle });
    for service in control::governs(KindName::Rehearsal).observers() {
        accepted(world.observe(id, *service));
    }
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
    accepted(world.run(OPAL, id));
    (world, id, first)
}

#[test]
fn a_rehearsal_starts_probes_and_stops_and_leaves_route_and_stack() {
    let (mut world, id, bundle) = rehearsing();
    let before = world.state.engines[&world.engine].clone();
    world.carry_until(id, "stop");
    let beside = world.state.engines[&world.engine].credentials;
    assert!(beside.iter().all(Option::is_some), "both run");
    let words = world.carry_out(id, |_, _| End::Done);
    assert_eq!(words, ["stop", "unplace"]);
    let mut after = world.state.engines[&world.engine].clone();
    let rehearsed = after.rehearsed.take().unwrap();
    assert_eq!((rehearsed.bundle, rehearsed.change), (bundle.digest(), id));
    assert_eq!(after, before, "nothing else is different");
    assert_eq!((world.status(id), world.locked_by()), (Status::Effective, None));
}

#[test]
fn integration_control_is_not_asked() {
    let (world, id, _) = rehearsing();
    let plan = world.change(id).plan.as_ref().unwrap();
    assert!(plan.steps.iter().all(|step| step.action.executor().0 != Service::Integration));
    assert_eq!(plan.base, plan.after);
}

/// What it has begun is taken back from each step on; what it stops itself is there no more.
#[test]
fn a_rehearsal_is_taken_back_after_each_of_its_steps() {
    let (first, id, _) = rehearsing();
    let steps = first.change(id).plan.as_ref().unwrap().steps.len();
    let stop = first.change(id).plan.as_ref().unwrap().steps.iter().position(|step| step.action.word() == "stop");
    for done in 0..steps {
        let (mut world, id, _) = rehearsing();
        let before = world.state.engines[&world.engine].clone();
        (0..done).for_each(|_| drop(world.step(id, End::Done)));
        accepted(world.verb(SAUL, "hold", id));
        let aborts = [OMAR, SAUL].map(|who| world.verb(who, "abort", id).unwrap());
        if stop.is_some_and(|stop| done > stop) {
            assert!(aborts.iter().all(|leaf| crate::world::code(leaf) == Some("abort.not_undoable")));
            continue;
        }
        world.carry_out(id, |_, undo| if undo { End::Done } else { panic!("nothing goes on") });
        assert_eq!(world.status(id), Status::Failed, "after {done} steps");
        assert_eq!(world.state.engines[&world.engine], before, "after {done} steps");
        assert_eq!(world.locked_by(), None);
    }
}

#[test]
fn a_bundle_that_does_not_start_rehearses_nothing() {
    let (mut world, id, _) = rehearsing();
    let start =
        |word: &str, undo: bool| if word == "start" && !undo { End::Refused("probe_failed") } else { End::Done };
    let words = world.carry_out(id, start);
    assert_eq!(words[3..], ["place", "start", "undo:unplace"]);
    assert_eq!((world.status(id), world.state.engines[&world.engine].rehearsed), (Status::Failed, None));
}

/// On an engine where nothing serves it is tried where the first release will be.
#[test]
fn what_never_served_is_rehearsed_before_its_first_deployment() {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let id = world.running(KindName::Rehearsal, artifact);
    world.carry_until(id, "stop");
    let engine = &world.state.engines[&world.engine];
    assert!(engine.credentials[0].is_some() && engine.serving.is_none());
    world.carry_out(id, |_, _| End::Done);
    assert_eq!(world.state.engines[&world.engine].serving, None);
    world.deploy(artifact);
    assert_eq!(world.state.engines[&world.engine].serving.unwrap().side, Side::Blue);
    let leaf = world.leaves.iter().map(|bytes| control::Leaf::decode(bytes).unwrap());
    let rehearsed = |effect: &Effect| matches!(effect, Effect::Engine { event: EngineEvent::Rehearsed { .. }, .. });
    assert_eq!(leaf.flat_map(|leaf| leaf.effects).filter(rehearsed).count(), 1);
}
