//! Holds, and taking a running change back.

use super::Without::{Accepted, NoGuard};
use super::{DEPLOYMENT, Row, Scene, act, approved, natural, running, say, verb};
use crate::world::{DORA, FAYE, FR, GO, OMAR, OPAL, SAUL, World, accepted};
use model::Nonce;
use signed::{Act, Report, step_key};

pub const ROWS: &[Row] = &[
    ("run while held", "change.held", "not_held", Accepted, held_run),
    ("hold twice", "change.held", "not_held_by_signer", Accepted, holds_twice),
    ("intent while held", "change.held", "", NoGuard, held_intent),
    ("release what is not held", "change.not_held", "is_held", Accepted, || verb(SAUL, "release")),
    ("release another person's hold than there is", "change.not_held", "is_held", Accepted, other_hold),
    ("run by who released", "run.releaser", "releaser_excluded", Accepted, releaser_runs),
    ("abort what is not held", "abort.not_held", "abort_held", Accepted, || say(running(), SAUL, "abort")),
    ("abort past what can be undone", "abort.not_undoable", "abort_undoable", Accepted, too_late),
    ("one person aborts twice", "second.same_person", "second_person", Accepted, aborts_twice),
    ("two authors abort", "abort.both_authors", "abort_not_both_authors", Accepted, both_authors),
];

fn held_run() -> Scene {
    let (mut world, id) = approved();
    accepted(world.verb(SAUL, "hold", id));
    say((world, id), OPAL, "run")
}

fn holds_twice() -> Scene {
    let (mut world, id) = approved();
    accepted(world.verb(SAUL, "hold", id));
    say((world, id), SAUL, "hold")
}

fn held_intent() -> Scene {
    let (mut world, id) = running();
    let (service, due) = world.due(id).unwrap();
    accepted(world.verb(FAYE, "hold", id));
    assert_eq!(world.due(id), None, "nothing is due while it is held");
    let (nonce, act_by) = (Nonce(world.fresh()), world.now.plus_millis(60_000));
    let report = Report::Intent { step: due.step, key: step_key(&due.step), nonce, act_by };
    let command = world.receipt(service, report);
    natural(world, command)
}

fn other_hold() -> Scene {
    let (mut world, id) = approved();
    accepted(world.verb(SAUL, "hold", id));
    let of = world.id(FAYE);
    act(world, OMAR, Act::Release { change: id, revision: 1, of })
}

fn releaser_runs() -> Scene {
    let (mut world, id) = approved();
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(OMAR, "release", id));
    say((world, id), OMAR, "run")
}

/// The release before is stopped: there is no way back to it.
fn too_late() -> Scene {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    let id = world.running(DEPLOYMENT, b);
    world.carry_until(id, "unplace");
    accepted(world.verb(SAUL, "hold", id));
    say((world, id), SAUL, "abort")
}

fn aborts_twice() -> Scene {
    let (mut world, id) = running();
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(FAYE, "abort", id));
    say((world, id), FAYE, "abort")
}

/// Opal opened it, Omar sealed it.
fn both_authors() -> Scene {
    let mut world = World::with_dora();
    let artifact = world.publish("2026.02", 64);
    let id = world.drafted(DEPLOYMENT, artifact);
    accepted(world.seal(OMAR, id));
    accepted(world.approve(DORA, id, GO));
    accepted(world.approve(FAYE, id, FR));
    accepted(world.run(OPAL, id));
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(OPAL, "abort", id));
    say((world, id), OMAR, "abort")
}
