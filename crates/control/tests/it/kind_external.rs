//! What another system carries out.

use crate::scenes::issued;
use crate::world::{DORA, FAYE, FR, GO, HOUR_MS, No, OMAR, OPAL, SAUL, World, accepted, refused, token};
use control::{Body, ChangeEvent, Inadmissible, Standing, governs};
use model::{Digest, Status};
use signed::Act;

fn body(slot: model::Role) -> Body {
    Body::External { target: token("ci.example/deploy"), digest: Digest::of_bytes(b"plan"), slot: vec![slot] }
}

#[test]
fn it_is_effective_in_the_leaf_of_its_run() {
    let mut world = World::new();
    let id = world.approved_of(OPAL, body(FR));
    let leaf = accepted(world.run(OMAR, id));
    let events: Vec<_> = leaf.effects.iter().filter_map(control::Effect::event).collect();
    let until = world.now.plus_millis(72 * HOUR_MS);
    let issued = ChangeEvent::WarrantIssued { until };
    assert!(matches!(events[..], [ChangeEvent::Run { .. }, ChangeEvent::Effective {}, last] if *last == issued));
    assert_eq!(world.status(id), Status::Effective);
    world.advance(72 * HOUR_MS);
    let last = world.change(id).last;
    assert_eq!(world.run(OMAR, id), Err(No::Inadmissible(Inadmissible::Ended(last))));
}

#[test]
fn two_slots_of_one_role_are_two_people() {
    let mut world = World::new();
    let id = world.draft_of(OPAL, body(GO));
    refused(world.seal(OPAL, id), "slot.unsatisfiable");
    let mut world = World::with_dora();
    let id = world.draft_of(OPAL, body(GO));
    accepted(world.seal(OPAL, id));
    let binding = world.binding(id);
    let approve = |slot| Act::Approve { binding, slot, on_behalf_of: None };
    accepted(world.sign_and_submit(OMAR, approve(0)));
    refused(world.sign_and_submit(OMAR, approve(1)), "approve.same_person");
    refused(world.sign_and_submit(FAYE, approve(1)), "role.missing");
    accepted(world.sign_and_submit(DORA, approve(1)));
    assert_eq!(world.status(id), Status::Approved);
}

fn standing(world: &World, id: model::ChangeId) -> Standing {
    world.change(id).warrant.as_ref().unwrap().standing(world.now)
}

#[test]
fn its_warrant_is_used_once_by_a_machine() {
    let (mut world, id, machine) = issued();
    assert_eq!(standing(&world, id), Standing::Good);
    let leaf = accepted(world.verb(machine, "use", id));
    let events: Vec<_> = leaf.effects.iter().filter_map(control::Effect::event).collect();
    assert_eq!(events, [&ChangeEvent::WarrantUsed {}]);
    let used = world.change(id).warrant.clone().unwrap().used.unwrap();
    assert_eq!((used.machine, used.index), (world.people[machine].id, world.state.size - 1));
    refused(world.verb(machine, "use", id), "warrant.used");
    // What was used first stands, and nobody takes it back.
    assert_eq!(world.change(id).warrant.clone().unwrap().used.unwrap(), used);
    let last = world.change(id).last;
    assert_eq!(world.verb(SAUL, "revoke", id), Err(No::Inadmissible(Inadmissible::Ended(last))));
    assert_eq!(standing(&world, id), Standing::Used);
}

#[test]
fn its_warrant_is_revoked_by_anybody_with_a_role() {
    let (mut world, id, machine) = issued();
    accepted(world.verb(FAYE, "revoke", id));
    assert_eq!(standing(&world, id), Standing::Revoked);
    refused(world.verb(machine, "use", id), "warrant.revoked");
    let last = world.change(id).last;
    assert_eq!(world.verb(SAUL, "revoke", id), Err(No::Inadmissible(Inadmissible::Ended(last))));
}

#[test]
fn its_warrant_is_good_up_to_its_last_millisecond() {
    let (mut world, id, machine) = issued();
    let until = world.change(id).warrant.as_ref().unwrap().until;
    world.now = until.plus_millis(-1);
    assert_eq!(standing(&world, id), Standing::Good);
    world.now = until;
    assert_eq!(standing(&world, id), Standing::Over);
    refused(world.verb(machine, "use", id), "warrant.over");
}

#[test]
fn its_warrant_names_target_and_digest() {
    let (world, id, _) = issued();
    let change = world.change(id);
    let warranted = governs(change.kind).warranted(&change.package.body).unwrap();
    assert_eq!(warranted.target, token("ci.example/deploy"));
    assert_eq!(warranted.digest, Digest::of_bytes(b"a pipeline's plan"));
}
