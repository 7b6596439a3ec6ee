//! A run that is ordered for later: the clock starts it under all guards of a run, or says why not.

use crate::scenes::sealed;
use crate::world::{DORA, FAYE, FR, GO, HOUR_MS, No, OMAR, OPAL, SAUL, World, accepted};
use control::{ChangeEvent, ClockAct, Inadmissible, Leaf, due_starts};
use model::{ChangeId, Status};
use signed::Act;

/// Approved by Dora and Faye, ordered by Omar for the next hour.
fn scheduled() -> (World, ChangeId) {
    let (mut world, id) = sealed();
    accepted(world.approve(DORA, id, GO));
    accepted(world.approve(FAYE, id, FR));
    let (binding, at) = (world.binding(id), world.now.plus_millis(HOUR_MS));
    accepted(world.sign_and_submit(OMAR, Act::Run { binding, not_before: Some(at) }));
    assert_eq!((world.status(id), due_starts(&world.state, world.now)), (Status::Approved, vec![]));
    (world, id)
}

fn start(world: &mut World, change: ChangeId) -> Result<Leaf, No> {
    world.clock(ClockAct::Start { change })
}

/// The code it was unscheduled with, in a leaf that says so.
fn unscheduled(leaf: &Leaf) -> String {
    let code = leaf.effects.iter().find_map(|effect| match effect.event() {
        Some(ChangeEvent::Unscheduled { code }) => Some(code.to_string()),
        _ => None,
    });
    assert!(control::rows(leaf).iter().any(|row| row.headline), "it is said");
    code.unwrap_or_else(|| panic!("{:?}", leaf.effects))
}

#[test]
fn the_clock_starts_it_when_its_time_has_come_and_not_before() {
    let (mut world, id) = scheduled();
    let nothing = Err(No::Inadmissible(Inadmissible::NoChange));
    assert_eq!(start(&mut world, id), nothing);
    world.advance(HOUR_MS);
    assert_eq!(due_starts(&world.state, world.now), [id]);
    let leaf = accepted(start(&mut world, id));
    let by = world.id(OMAR);
    assert!(matches!(leaf.effects[0].event(), Some(ChangeEvent::Run { by: who, .. }) if *who == by));
    assert_eq!(world.status(id), Status::Executing);
    assert_eq!(start(&mut world, id), nothing, "once");
}

#[test]
fn it_is_not_started_when_its_runner_has_left_and_that_is_said() {
    let (mut world, id) = scheduled();
    let mut next = world.state.roster.clone();
    next.people.remove(OMAR);
    let body = world.roster_body(&next, &[]);
    let removal = world.draft_of(OPAL, body);
    accepted(world.seal(OPAL, removal));
    accepted(world.approve(DORA, removal, GO));
    accepted(world.approve(SAUL, removal, FR));
    accepted(world.run(OPAL, removal));
    world.advance(HOUR_MS);
    let leaf = accepted(start(&mut world, id));
    assert_eq!(unscheduled(&leaf), "key.not_active");
    assert_eq!(start(&mut world, id), Err(No::Inadmissible(Inadmissible::NoChange)));
    // The approvals stand: somebody else may run it.
    accepted(world.run(OPAL, id));
}

#[test]
fn a_hold_and_a_withdrawal_unschedule_it_and_say_so() {
    let (mut world, id) = scheduled();
    let leaf = accepted(world.verb(SAUL, "hold", id));
    assert_eq!(unscheduled(&leaf), "change.held");
    let (mut world, id) = scheduled();
    let leaf = accepted(world.verb(FAYE, "withdraw", id));
    assert_eq!(unscheduled(&leaf), "approval.withdrawn");
    world.advance(HOUR_MS);
    assert_eq!(start(&mut world, id), Err(No::Inadmissible(Inadmissible::NoChange)));
}

#[test]
fn an_approval_that_lapsed_keeps_it_from_starting_swept_or_not() {
    for swept in [false, true] {
        let (mut world, id) = scheduled();
        let (person, key) = (world.id(FAYE), world.people[FAYE].key_id);
        accepted(world.sign_and_submit(FAYE, Act::Suspend { person, key }));
        world.advance(HOUR_MS);
        let (leaf, code) = if swept {
            (accepted(world.clock(ClockAct::Settle {})), "approval.lapsed")
        } else {
            (accepted(start(&mut world, id)), "run.approver_not_eligible")
        };
        assert_eq!(unscheduled(&leaf), code);
        assert_eq!(world.status(id), Status::AwaitingApproval);
    }
}
