//! Holds are a set of people, and a held change is taken back by two.

use crate::scenes::running;
use crate::world::{End, FAYE, HOUR_MS, MINUTE_MS, No, OMAR, OPAL, SAUL, World, accepted, refused};
use control::{ChangeEvent, Inadmissible};
use model::{ChangeId, KindName, Status};
use signed::Act;

const DEPLOYMENT: KindName = KindName::Deployment;

fn release(world: &mut World, who: usize, change: ChangeId, of: usize) -> Result<control::Leaf, No> {
    let of = world.id(of);
    world.sign_and_submit(who, Act::Release { change, revision: 1, of })
}

#[test]
fn a_second_hold_stands_when_the_first_is_released() {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let id = world.approved(DEPLOYMENT, artifact);
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(FAYE, "hold", id));
    accepted(release(&mut world, OMAR, id, SAUL));
    refused(world.run(OPAL, id), "change.held");
    refused(release(&mut world, OMAR, id, SAUL), "change.not_held");
    accepted(release(&mut world, OMAR, id, FAYE));
    accepted(world.run(OPAL, id));
}

#[test]
fn a_new_revision_lifts_nobodys_hold() {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let id = world.sealed(DEPLOYMENT, artifact);
    accepted(world.verb(SAUL, "hold", id));
    let other = world.package(id, DEPLOYMENT, artifact);
    accepted(world.open(OPAL, &other));
    world.observe_all(id);
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
    refused(world.run(OPAL, id), "change.held");
    let of = world.id(SAUL);
    accepted(world.sign_and_submit(OMAR, Act::Release { change: id, revision: 2, of }));
    accepted(world.run(OPAL, id));
}

#[test]
fn who_alone_is_left_runs_after_a_release_and_the_leaf_says_so() {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let id = world.approved(DEPLOYMENT, artifact);
    accepted(world.verb(SAUL, "hold", id));
    accepted(release(&mut world, OMAR, id, SAUL));
    accepted(world.verb(SAUL, "hold", id));
    accepted(release(&mut world, OPAL, id, SAUL));
    let leaf = accepted(world.run(OPAL, id));
    assert!(matches!(leaf.effects[0].event(), Some(ChangeEvent::Run { alone: true, .. })), "{:?}", leaf.effects);
    assert!(control::rows(&leaf)[0].headline);
}

#[test]
fn two_people_take_a_held_change_back_and_its_compensations_need_no_release() {
    let (mut world, id) = running();
    world.carry_until(id, "switch");
    accepted(world.verb(SAUL, "hold", id));
    assert_eq!(world.due(id), None);
    let leaf = accepted(world.verb(SAUL, "abort", id));
    assert!(matches!(leaf.effects[0].event(), Some(ChangeEvent::AbortAsked { .. })), "one word does nothing yet");
    assert_eq!(world.due(id), None);
    accepted(world.verb(FAYE, "abort", id));
    let words = world.carry_out(id, |_, _| End::Done);
    assert_eq!(words, ["undo:stop", "undo:unplace"]);
    assert_eq!((world.status(id), world.locked_by(), world.serving()), (Status::Failed, None, None));
}

#[test]
fn before_anything_was_done_taking_back_ends_it_at_once() {
    let (mut world, id) = running();
    world.carry_until(id, "place");
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(SAUL, "abort", id));
    accepted(world.verb(OMAR, "abort", id));
    assert_eq!((world.status(id), world.locked_by()), (Status::Failed, None));
}

/// What was begun comes to its end first; not begun in time, there is nothing to take back.
#[test]
fn an_act_that_was_not_begun_in_time_does_not_strand_a_change_that_is_taken_back() {
    for (end, words) in [(End::Refused("late"), vec![]), (End::Done, vec!["undo:unplace"])] {
        let (mut world, id) = running();
        world.carry_until(id, "place");
        let (service, due) = world.due(id).unwrap();
        let (nonce, intended) = world.intend(service, &due);
        accepted(intended);
        accepted(world.verb(SAUL, "hold", id));
        accepted(world.verb(SAUL, "abort", id));
        accepted(world.verb(OMAR, "abort", id));
        assert_eq!(world.status(id), Status::Executing);
        accepted(world.end(service, &due, nonce, end));
        assert_eq!(world.carry_out(id, |_, _| End::Done), words);
        assert_eq!((world.status(id), world.locked_by()), (Status::Failed, None));
    }
}

#[test]
fn the_first_word_lapses_and_a_release_takes_it_back() {
    let (mut world, id) = running();
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(SAUL, "abort", id));
    world.advance(11 * MINUTE_MS);
    let leaf = accepted(world.verb(FAYE, "abort", id));
    assert!(matches!(leaf.effects[0].event(), Some(ChangeEvent::AbortAsked { .. })), "the first word has lapsed");
    accepted(release(&mut world, OMAR, id, SAUL));
    refused(world.verb(OMAR, "abort", id), "abort.not_held");
    accepted(world.verb(SAUL, "hold", id));
    let leaf = accepted(world.verb(OMAR, "abort", id));
    assert!(matches!(leaf.effects[0].event(), Some(ChangeEvent::AbortAsked { .. })), "it is the first word again");
}

#[test]
fn the_first_word_of_who_has_lost_their_key_since_is_no_word() {
    let (mut world, id) = running();
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(SAUL, "abort", id));
    let (person, key) = (world.id(SAUL), world.people[SAUL].key_id);
    accepted(world.sign_and_submit(SAUL, Act::Suspend { person, key }));
    let leaf = accepted(world.verb(FAYE, "abort", id));
    assert!(matches!(leaf.effects[0].event(), Some(ChangeEvent::AbortAsked { .. })), "{:?}", leaf.effects);
    accepted(world.verb(OMAR, "abort", id));
    assert_eq!(world.status(id), Status::Failed);
}

#[test]
fn what_has_expired_is_held_no_more() {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let id = world.approved(DEPLOYMENT, artifact);
    accepted(world.verb(SAUL, "hold", id));
    world.advance(73 * HOUR_MS);
    let last = world.change(id).last;
    assert_eq!(release(&mut world, OMAR, id, SAUL), Err(No::Inadmissible(Inadmissible::Ended(last))));
}

/// The old release may be stopping: nobody could switch back to it.
#[test]
fn what_is_under_way_and_cannot_be_undone_is_not_taken_back() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    let id = world.running(DEPLOYMENT, b);
    world.carry_until(id, "stop");
    let (service, due) = world.due(id).unwrap();
    let (nonce, intended) = world.intend(service, &due);
    accepted(intended);
    accepted(world.verb(SAUL, "hold", id));
    refused(world.verb(SAUL, "abort", id), "abort.not_undoable");
    accepted(world.end(service, &due, nonce, End::Done));
    refused(world.verb(SAUL, "abort", id), "abort.not_undoable");
    accepted(release(&mut world, FAYE, id, SAUL));
    world.carry_out(id, |_, _| End::Done);
    assert_eq!((world.status(id), world.serving()), (Status::Effective, Some(b)));
}

/// Another key of theirs does not hold the word up.
#[test]
fn the_first_of_two_words_lapses_with_the_key_it_was_signed_with() {
    let mut world = World::new();
    let second = crate::world::Persona { id: world.id(SAUL), ..crate::world::persona(70) };
    let mut next = world.state.roster.clone();
    next.people[SAUL].keys.push(crate::world::key_of(&second));
    world.change_roster(OPAL, &next, &[&second]);
    let artifact = world.publish("a", 64);
    let id = world.running(DEPLOYMENT, artifact);
    accepted(world.verb(OMAR, "hold", id));
    accepted(world.verb(SAUL, "abort", id));
    let (key, person) = (world.people[SAUL].key_id, world.id(SAUL));
    accepted(world.sign_and_submit(SAUL, Act::Suspend { person, key }));
    let leaf = accepted(world.verb(FAYE, "abort", id));
    assert!(matches!(leaf.effects[0].event(), Some(ChangeEvent::AbortAsked { .. })), "{:?}", leaf.effects);
}

/// Whoever stole it may have approved what is being carried out: it waits for people until they have looked.
#[test]
fn a_suspended_key_holds_the_running_changes_that_rest_on_it_until_somebody_lets_them_go() {
    let (mut world, id) = running();
    world.carry_until(id, "place");
    let (faye, key) = (world.id(FAYE), world.people[FAYE].key_id);
    let suspend = Act::Suspend { person: faye, key };
    accepted(world.sign_and_submit(SAUL, suspend.clone()));
    assert!(world.due(id).is_some(), "one person's word alone suspends nothing");
    let leaf = accepted(world.sign_and_submit(OMAR, suspend));
    assert_eq!(leaf.effects.len(), 2, "{:?}", leaf.effects);
    assert_eq!(leaf.tags, world.change(id).subject.tenants);
    assert_eq!(world.due(id), None);
    let of = world.id(OMAR);
    accepted(world.sign_and_submit(SAUL, Act::Release { change: id, revision: 1, of }));
    assert!(world.due(id).is_some());

    // Who has neither approved nor ordered it takes nothing with them.
    let (saul, key) = (world.id(SAUL), world.people[SAUL].key_id);
    let leaf = accepted(world.sign_and_submit(SAUL, Act::Suspend { person: saul, key }));
    assert_eq!((leaf.effects.len(), leaf.tags.len()), (1, 0));
    assert!(world.due(id).is_some());
}

/// Nobody has to let it go: the steps that undo it are due whoever holds it.
#[test]
fn what_is_being_taken_back_is_kept_by_no_hold() {
    let (mut world, id) = running();
    world.carry_until(id, "start");
    accepted(world.verb(SAUL, "hold", id));
    let keeps = |world: &World| control::blocked(&world.state, world.change(id), world.now);
    assert!(keeps(&world).is_some());
    accepted(world.verb(SAUL, "abort", id));
    accepted(world.verb(FAYE, "abort", id));
    assert!(world.change(id).unwinding && world.due(id).is_some());
    assert_eq!(keeps(&world), None);
}

#[test]
fn what_nobody_knows_the_end_of_is_not_held_by_a_suspension() {
    let (mut world, id) = running();
    world.carry_until(id, "place");
    world.advance(61 * MINUTE_MS);
    assert_eq!(world.change(id).status_at(&world.state, world.now), Status::Indeterminate);
    let (faye, key) = (world.id(FAYE), world.people[FAYE].key_id);
    let suspend = Act::Suspend { person: faye, key };
    accepted(world.sign_and_submit(SAUL, suspend.clone()));
    let leaf = accepted(world.sign_and_submit(OMAR, suspend));
    assert_eq!(leaf.effects.len(), 1, "{:?}", leaf.effects);
    assert_eq!(world.change(id).status_at(&world.state, world.now), Status::Indeterminate);
}
