//! The story of an engine, from its first release to the refusals around rollbacks.

use crate::world::{End, GO, MINUTE_MS, No, OMAR, OPAL, SAUL, World, accepted, refused};
use control::{Effect, EngineEvent, Inadmissible, Refusal, Verdict, blocked};
use model::{KindName, Status};
use signed::Act;

const DEPLOYMENT: KindName = KindName::Deployment;
const ROLLBACK: KindName = KindName::Rollback;

#[test]
fn deploy_deploy_roll_back_and_no_further() {
    let mut world = World::new();
    let (old, new) = (world.publish("2026.02", 64), world.publish("2026.03.1", 64));
    let first = world.running(DEPLOYMENT, old);
    let words = world.carry_out(first, |_, _| End::Done);
    let fresh = ["check-held", "check-capacity", "check-engine", "check-bindings", "place", "start", "switch"];
    assert_eq!(words[..7], fresh);
    assert_eq!(words[7..], ["check-bindings", "soak"], "nothing served before, so nothing is stopped");
    let second = world.running(DEPLOYMENT, new);
    let words = world.carry_out(second, |_, _| End::Done);
    assert_eq!(words[..7], fresh);
    assert_eq!(words[7..], ["check-bindings", "soak", "stop", "unplace"]);
    assert_eq!((world.serving(), world.stack()), (Some(new), vec![old, new]));

    let back = world.effective(ROLLBACK, old);
    assert_eq!((world.serving(), world.stack()), (Some(old), vec![old]));
    assert_eq!((world.state.engines[&world.engine].generation, world.locked_by()), (3, None));
    let by: Vec<_> = world.change(back).approvals.values().map(|approval| approval.person).collect();
    assert_eq!(by, [world.id(OMAR), world.id(SAUL)]);

    for target in [old, new] {
        let again = world.drafted(ROLLBACK, target);
        refused(world.seal(OPAL, again), "rollback.nothing_below");
    }
    assert_eq!(world.refold(), world.state);
}

#[test]
fn a_failed_deployment_is_taken_back_and_never_a_target() {
    let mut world = World::new();
    let [a, b, c] = ["a", "b", "c"].map(|version| world.publish(version, 64));
    world.deploy(a);
    let failed = world.running(DEPLOYMENT, b);
    let words =
        world.carry_out(
            failed,
            |word, undo| if word == "start" && !undo { End::Refused("probe_failed") } else { End::Done },
        );
    assert_eq!(words.last().map(String::as_str), Some("undo:unplace"), "{words:?}");
    assert_eq!((world.status(failed), world.serving()), (Status::Failed, Some(a)));
    assert_eq!(world.locked_by(), None);
    world.deploy(c);
    assert_eq!(world.stack(), [a, c]);

    let never = world.drafted(ROLLBACK, b);
    refused(world.seal(OPAL, never), "rollback.not_last_certified");
    let change = world.change(never);
    assert_eq!(blocked(&world.state, change, world.now), Some(Refusal::NotLastCertified { certified: a }));
    world.effective(ROLLBACK, a);
    assert_eq!(world.stack(), [a]);
}

#[test]
fn a_stand_by_rollback_waits_for_its_deployment() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    let lone = world.drafted(ROLLBACK, a);
    refused(world.seal(OPAL, lone), "rollback.nothing_below");

    let deployment = world.approved(DEPLOYMENT, b);
    let stand_by = world.approved(ROLLBACK, a);
    assert_eq!(blocked(&world.state, world.change(stand_by), world.now), Some(Refusal::AlreadyServing {}));
    refused(world.run(OPAL, stand_by), "rollback.already_serving");
    accepted(world.run(OPAL, deployment));
    world.carry_until(deployment, "stop");
    assert_eq!(world.serving(), Some(b));
    refused(world.run(OPAL, stand_by), "run.locked");
    world.carry_out(deployment, |_, _| End::Done);
    assert_eq!(blocked(&world.state, world.change(stand_by), world.now), None);
    accepted(world.run(OMAR, stand_by));
    world.carry_out(stand_by, |_, _| End::Done);
    assert_eq!((world.serving(), world.stack()), (Some(a), vec![a]));
}

#[test]
fn a_stand_by_does_not_run_when_its_base_came_about_by_another_way() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(b);
    world.deploy(a);
    // B is drafted again, so a rollback to A may stand by for it; but it is a rollback that brings B.
    world.drafted(DEPLOYMENT, b);
    let stand_by = world.approved(ROLLBACK, a);
    world.effective(ROLLBACK, b);
    assert_eq!((world.serving(), world.stack()), (Some(b), vec![b]));
    refused(world.run(OPAL, stand_by), "rollback.nothing_below");
}

/// Then the stack is not what serves: whatever is named, it waits for the end.
#[test]
fn no_rollback_is_sealed_between_a_switch_and_the_end() {
    let mut world = World::new();
    let [x, a, b] = ["x", "a", "b"].map(|version| world.publish(version, 64));
    world.deploy(x);
    world.deploy(a);
    let deployment = world.running(DEPLOYMENT, b);
    world.carry_until(deployment, "stop");
    for target in [x, a] {
        let early = world.drafted(ROLLBACK, target);
        refused(world.seal(OPAL, early), "run.locked");
    }
    world.carry_out(deployment, |_, _| End::Done);
    let too_low = world.drafted(ROLLBACK, x);
    refused(world.seal(OPAL, too_low), "rollback.not_last_certified");
    world.effective(ROLLBACK, a);
    assert_eq!((world.serving(), world.stack()), (Some(a), vec![x, a]));
}

#[test]
fn the_same_bundle_deployed_again_is_one_bundle_of_the_stack() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    world.deploy(b);
    let again = world.running(DEPLOYMENT, b);
    world.carry_until(again, "unplace");
    let leaf = world.step(again, End::Done);
    assert!(
        !leaf
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Engine { event: EngineEvent::Certified { .. }, .. }))
    );
    assert_eq!(world.stack(), [a, b]);
    world.effective(ROLLBACK, a);
    assert_eq!(world.stack(), [a]);
}

#[test]
fn no_room_on_the_node_blocks_the_seal_and_says_so() {
    let mut world = World::new();
    let big = world.publish("big", 2_000);
    let id = world.drafted(DEPLOYMENT, big);
    let wanted = Refusal::PlacementInsufficient { needed_mib: 2_000, free_mib: 1_024 };
    assert_eq!(blocked(&world.state, world.change(id), world.now), Some(wanted));
    refused(world.seal(OPAL, id), "placement.insufficient");
    // Room is found and observed again: the same draft can be sealed.
    world.free_mib = 2_000;
    let package = world.change(id).package.clone();
    refused(world.open(OPAL, &package), "change.status");
    accepted(world.verb(OPAL, "observe", id));
    assert_eq!(world.change(id).revision, 1, "the same bytes are the same revision");
    world.observe_all(id);
    accepted(world.seal(OPAL, id));
}

#[test]
fn two_changes_approved_on_one_engine_run_one_at_a_time_and_the_second_is_planned_again() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    let (first, second) = (world.approved(DEPLOYMENT, a), world.approved(DEPLOYMENT, b));
    accepted(world.run(OPAL, first));
    refused(world.run(OPAL, second), "run.locked");
    world.carry_out(first, |_, _| End::Done);
    refused(world.run(OPAL, second), "base.drifted");
    // Planned again, in new bytes: a new revision without approvals.
    let package = world.package(second, DEPLOYMENT, b);
    accepted(world.open(OPAL, &package));
    assert_eq!((world.change(second).revision, world.change(second).approvals.len()), (2, 0));
    world.observe_all(second);
    accepted(world.seal(OPAL, second));
    world.approve_all(second);
    accepted(world.run(OMAR, second));
    world.carry_out(second, |_, _| End::Done);
    assert_eq!(world.stack(), [a, b]);
}

/// Who is kept out hears how it stands with what keeps them out, and whose word it waits for.
#[test]
fn what_keeps_an_engine_is_named_as_it_stands_with_the_way_out() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    let (first, second) = (world.approved(DEPLOYMENT, a), world.approved(DEPLOYMENT, b));
    accepted(world.run(OPAL, first));
    let hears = |world: &mut World, what: &str, ways: &[&str]| {
        let leaf = world.run(OPAL, second).unwrap();
        let Verdict::Refused(refusal @ Refusal::Locked { .. }) = &leaf.verdict else { panic!("{:?}", leaf.verdict) };
        let (message, next) = refusal.message(&|person| format!("person {person}"));
        assert!(message.contains(what), "{message}");
        assert!(ways.iter().all(|way| next.contains(&format!("{way} {}", first.short()))), "{next}");
    };
    hears(&mut world, "is being carried out here", &["change show"]);
    let saul = world.id(SAUL);
    accepted(world.verb(SAUL, "hold", first));
    hears(&mut world, &format!("is held by person {saul}"), &["change release", "change abort"]);
    accepted(world.sign_and_submit(OMAR, Act::Release { change: first, revision: 1, of: saul }));
    world.carry_until(first, "start");
    world.step(first, End::Unknown);
    hears(&mut world, "ended without anybody knowing how", &["change reconcile"]);
}

/// What has ended stays so: a person's word about it leaves no leaf, and it is asked for as another change.
fn has_ended(world: &mut World, id: model::ChangeId, artifact: model::Digest) {
    let ended = || Err(No::Inadmissible(Inadmissible::Ended(world.change(id).last)));
    let (last, package) = (ended(), world.change(id).package.clone());
    let size = world.state.size;
    assert_eq!(world.open(OPAL, &package), last);
    let other = world.package(id, DEPLOYMENT, artifact);
    assert_eq!(world.open(OMAR, &other), last);
    assert_eq!(world.approve(OMAR, id, GO), last);
    assert_eq!(world.verb(SAUL, "hold", id), last);
    assert_eq!(world.state.size, size);
    world.approved(DEPLOYMENT, artifact);
}

#[test]
fn an_early_check_that_refuses_has_changed_nothing_and_ends_the_change() {
    let mut world = World::new();
    let a = world.publish("a", 64);
    let id = world.running(DEPLOYMENT, a);
    world.carry_until(id, "check-engine");
    world.step(id, End::Refused("drifted"));
    assert_eq!((world.status(id), world.locked_by()), (Status::Invalidated, None));
    has_ended(&mut world, id, a);
}

#[test]
fn an_expired_change_is_expired_with_and_without_the_sweeper() {
    let mut world = World::new();
    let a = world.publish("a", 64);
    let id = world.sealed(DEPLOYMENT, a);
    world.advance(72 * 60 * MINUTE_MS + 1);
    assert_eq!(world.status(id), Status::Expired);
    has_ended(&mut world, id, a);
    accepted(world.clock(control::ClockAct::Settle {}));
    has_ended(&mut world, id, a);
}
