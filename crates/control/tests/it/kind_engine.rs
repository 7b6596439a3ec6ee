//! Drain, undrain, and a deployment proven elsewhere.

use crate::world::{End, OPAL, World, accepted, refused};
use control::Body;
use model::{Bundle, KindName, Side, Status};

#[test]
fn a_drained_engine_serves_nothing_keeps_its_stack_and_serves_again_after_an_undrain() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    world.deploy(b);
    let drain = world.running(KindName::Drain, b);
    let words = world.carry_out(drain, |_, _| End::Done);
    assert_eq!(words[words.len() - 3..], ["check-bindings", "stop", "unplace"], "{words:?}");
    assert_eq!((world.status(drain), world.serving(), world.stack()), (Status::Effective, None, vec![a, b]));
    // A rollback needs something that serves.
    let back = world.drafted(KindName::Rollback, a);
    refused(world.seal(OPAL, back), "engine.nothing_serves");
    let wrong = world.drafted(KindName::Undrain, a);
    refused(world.seal(OPAL, wrong), "rollback.not_last_certified");
    world.effective(KindName::Undrain, b);
    let side = world.state.engines[&world.engine].serving.unwrap().side;
    assert_eq!((world.serving(), world.stack(), side), (Some(b), vec![a, b], Side::Blue));
    world.effective(KindName::Rollback, a);
    assert_eq!((world.serving(), world.stack()), (Some(a), vec![a]));
}

#[test]
fn a_deployment_proven_elsewhere_waits_until_it_is_and_does_not_run_once_it_is_no_more() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    let (first, second, node) = (world.engine, world.second_engine(), world.node);
    let bundle = Bundle::of(a);
    world.deploy(a);
    world.engine = second;
    let body = Body::Deployment { engine: second, node, bundle, proven_on: Some(first) };
    let id = world.draft_of(OPAL, body);
    world.observe_all(id);
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
    world.engine = first;
    world.deploy(b);
    world.engine = second;
    refused(world.run(OPAL, id), "deployment.not_proven");
    world.engine = first;
    world.effective(KindName::Rollback, a);
    world.engine = second;
    accepted(world.run(OPAL, id));
}
