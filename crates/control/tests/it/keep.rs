//! What a store keeps: whatever serves, whatever a rollback reaches, whatever is named by something open.

use crate::world::{OPAL, SAUL, World, accepted};
use control::{KeepRule, NeededFor};
use model::{Digest, KindName};

fn why(world: &World, artifact: Digest) -> Option<NeededFor> {
    let rule = KeepRule { unneeded_ms: 0, certified: 2 };
    rule.needed(&world.state).get(&artifact).copied()
}

#[test]
fn what_serves_and_what_is_within_reach_of_a_rollback_is_needed_and_what_lies_below_is_not() {
    let mut world = World::new();
    let engine = *world.state.engines.keys().next().unwrap();
    let [a, b, c] = ["a", "b", "c"].map(|version| world.publish(version, 64));
    assert_eq!(why(&world, a), None, "what is published alone is needed for nothing");
    for artifact in [a, b, c] {
        world.deploy(artifact);
    }
    let found = [a, b, c].map(|artifact| why(&world, artifact));
    assert_eq!(found, [None, Some(NeededFor::Certified(engine, 2)), Some(NeededFor::Serving(engine))]);
    let more = KeepRule { unneeded_ms: 0, certified: 3 }.needed(&world.state);
    assert_eq!(more.get(&a), Some(&NeededFor::Certified(engine, 3)));
    // Fewer than a rollback needs is no rule.
    let fewer = KeepRule { unneeded_ms: 0, certified: 0 }.needed(&world.state);
    assert_eq!(fewer.get(&b), Some(&NeededFor::Certified(engine, 2)));
}

#[test]
fn what_a_change_names_is_needed_from_its_draft_to_its_end_however_it_ends() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    let draft = world.drafted(KindName::Deployment, b);
    assert_eq!(why(&world, b), Some(NeededFor::Change(draft)));
    accepted(world.verb(OPAL, "cancel", draft));
    assert_eq!(why(&world, b), None);
    let running = world.running(KindName::Deployment, b);
    assert_eq!(why(&world, b), Some(NeededFor::Change(running)));
    world.carry_until(running, "stop");
    // It serves, and the change still leads back to what served.
    assert!(matches!(why(&world, b), Some(NeededFor::Serving(_))));
    assert!(why(&world, a).is_some());
    world.carry_out(running, |_, _| crate::world::End::Done);
    assert!(world.state.changes.get(&running).is_none());
}

#[test]
fn what_is_rehearsed_is_needed_until_that_is_over() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    let rehearsal = world.running(KindName::Rehearsal, b);
    assert_eq!(why(&world, b), Some(NeededFor::Change(rehearsal)));
    accepted(world.verb(SAUL, "hold", rehearsal));
    assert_eq!(why(&world, b), Some(NeededFor::Change(rehearsal)), "held, it is still open");
    accepted(world.verb(SAUL, "release", rehearsal));
    world.carry_out(rehearsal, |_, _| crate::world::End::Done);
    assert_eq!(why(&world, b), None);
}

#[test]
fn a_theme_is_needed_as_its_bundle_is() {
    let mut world = World::new();
    let bundle = world.whole_bundle("a");
    let theme = bundle.theme.unwrap();
    assert_eq!(why(&world, theme), None);
    let change = world.drafted_bundle(bundle);
    assert_eq!(why(&world, theme), Some(NeededFor::Change(change)));
}

#[test]
fn what_nobody_has_published_stays_an_hour_at_most() {
    let mut world = World::new();
    let (published, unknown) = (world.publish("a", 64), Digest([9; 32]));
    let stays = |unneeded_ms| {
        let rule = KeepRule { unneeded_ms, certified: 2 };
        [published, unknown].map(|digest| rule.stays_ms(&world.state, &digest))
    };
    assert_eq!(stays(86_400_000), [86_400_000, 3_600_000]);
    assert_eq!(stays(1_000), [1_000, 1_000]);
}
