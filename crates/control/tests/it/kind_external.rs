//! What another system carries out.

use crate::world::{DORA, FAYE, FR, GO, No, OMAR, OPAL, World, accepted, refused, token};
use control::{Body, ChangeEvent, Inadmissible};
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
    assert!(matches!(events[..], [ChangeEvent::Run { .. }, ChangeEvent::Effective {}]), "{events:?}");
    assert_eq!(world.status(id), Status::Effective);
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
    accepted(world.say(OMAR, approve(0)));
    refused(world.say(OMAR, approve(1)), "approve.same_person");
    refused(world.say(FAYE, approve(1)), "role.missing");
    accepted(world.say(DORA, approve(1)));
    assert_eq!(world.status(id), Status::Approved);
}
