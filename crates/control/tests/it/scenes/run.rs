//! What must hold when an approved change is run.

use super::Without::Accepted;
use super::{DEPLOYMENT, ROLLBACK, Row, Scene, act, approved, natural, rollback_to, say};
use crate::world::{FAYE, HOUR_MS, OMAR, OPAL, SAUL, World, accepted};
use control::{Body, KindTable, Quota, Setting, TenantTerm, TenantTerms, Window};
use model::{ChangeId, Digest, KindName, TenantId};
use signed::Act;

pub const ROWS: &[Row] = &[
    ("approve the last slot above quota", "quota.exceeded", "within_quota", Accepted, last_slot_above),
    ("run above quota", "quota.exceeded", "within_quota", Accepted, run_above),
    ("run under another requirement", "requirement.changed", "requirement_current", Accepted, other_requirement),
    ("run before the window", "run.outside_window", "inside_window", Accepted, || windowed(1, 2)),
    ("run after the window", "run.outside_window", "inside_window", Accepted, || windowed(-2, -1)),
    ("run at once by a word good for an hour", "run.not_after_too_far", "run_soon", Accepted, good_for_an_hour),
    ("run a roster change uncooled", "run.cooling", "cooled", Accepted, uncooled),
    ("schedule what has no steps", "run.not_scheduled", "schedulable", Accepted, schedules_external),
    ("schedule to begin when it has expired", "run.not_scheduled", "schedulable", Accepted, schedules_too_late),
    ("run beside another", "run.locked", "lock_free", Accepted, locked),
    ("run on another base", "base.drifted", "base_current", Accepted, drifted),
    ("run a rollback to what serves", "rollback.already_serving", "base_current", Accepted, serves_already),
    ("run what was recalled since", "bundle.recalled", "base_current", Accepted, recalled_since),
    ("revoke twice", "revoke.nothing", "grant_stands", Accepted, revokes_twice),
];

/// The test's tenant may serve one engine; one serves, and a second one is registered.
pub fn quota_world() -> World {
    let quota = Quota { engines: Some(1), ..Quota::default() };
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: TenantId([0x07; 16]), quota, envelope: vec![] }] };
    let mut world = World::with_terms(terms);
    let artifact = world.publish("2026.02", 64);
    world.deploy(artifact);
    world.engine = world.second_engine();
    world
}

/// Two engines for eight hours.
pub fn exception(world: &World) -> Body {
    World::quota_body(world.tenant, Quota { engines: Some(2), ..Quota::default() }, 8)
}

fn last_slot_above() -> Scene {
    let mut world = quota_world();
    let id = world.sealed(DEPLOYMENT, Digest::of_object("manifest", b"2026.02"));
    accepted(world.approve(FAYE, id, crate::world::FR));
    say((world, id), OMAR, "approve")
}

/// Approved under an exception that has ended when it is run.
fn run_above() -> Scene {
    let mut world = quota_world();
    let body = exception(&world);
    let granted = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, granted));
    let id = world.approved(DEPLOYMENT, Digest::of_object("manifest", b"2026.02"));
    world.advance(9 * HOUR_MS);
    say((world, id), OPAL, "run")
}

/// The table gives deployments less time from now on.
fn other_requirement() -> Scene {
    let (mut world, id) = approved();
    let mut table = KindTable::standard();
    table.kinds[0].approve_within_ms = HOUR_MS;
    world.change_setting(&Setting::Kinds(table));
    say((world, id), OPAL, "run")
}

fn windowed(from: i64, until: i64) -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let change = ChangeId(world.fresh());
    let mut package = world.package(change, DEPLOYMENT, artifact);
    let at = |hours: i64| world.now.plus_millis(hours * HOUR_MS);
    package.window = Some(Window { from: at(from), until: at(until) });
    accepted(world.open(OPAL, &package));
    world.observe_all(change);
    accepted(world.seal(OPAL, change));
    world.approve_all(change);
    say((world, change), OPAL, "run")
}

fn external() -> (World, ChangeId) {
    let mut world = World::new();
    let body = world.body(KindName::External, Digest::of_bytes(b"a pipeline's plan"));
    let id = world.approved_of(OPAL, body);
    (world, id)
}

fn good_for_an_hour() -> Scene {
    let (mut world, id) = external();
    let run = world.act("run", id, crate::world::GO);
    let mut statement = world.statement(OPAL, run);
    statement.not_after = world.now.plus_millis(HOUR_MS);
    let command = world.sign(OPAL, statement);
    natural(world, command)
}

fn uncooled() -> Scene {
    let mut world = World::new();
    let mut next = world.state.roster.clone();
    next.people[FAYE].roles.push(crate::world::SA);
    let body = world.roster_body(&next, &[]);
    let id = world.approved_of(OPAL, body);
    world.advance(23 * HOUR_MS);
    say((world, id), OPAL, "run")
}

fn scheduling((world, id): (World, ChangeId), hours: i64) -> Scene {
    let (binding, at) = (world.binding(id), world.now.plus_millis(hours * HOUR_MS));
    act(world, OPAL, Act::Run { binding, not_before: Some(at) })
}

fn schedules_external() -> Scene {
    scheduling(external(), 1)
}

fn schedules_too_late() -> Scene {
    scheduling(approved(), 73)
}

fn locked() -> Scene {
    let (mut world, id) = approved();
    let other = world.publish("other", 64);
    world.running(DEPLOYMENT, other);
    say((world, id), OPAL, "run")
}

fn drifted() -> Scene {
    let (mut world, id) = approved();
    let other = world.publish("other", 64);
    world.deploy(other);
    say((world, id), OPAL, "run")
}

fn serves_already() -> Scene {
    let (mut world, id) = rollback_to("2026.01");
    accepted(world.verb(OPAL, "cancel", id));
    let next = world.publish("next", 64);
    world.draft(OPAL, DEPLOYMENT, next);
    let stand_by = world.approved(ROLLBACK, Digest::of_object("manifest", b"2026.02"));
    say((world, stand_by), OPAL, "run")
}

fn recalled_since() -> Scene {
    let (mut world, id) = approved();
    accepted(world.sign_and_submit(SAUL, Act::Recall { digest: Digest::of_object("manifest", b"2026.02") }));
    say((world, id), OPAL, "run")
}

fn revokes_twice() -> Scene {
    let mut world = quota_world();
    let body = exception(&world);
    let id = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, id));
    accepted(world.verb(SAUL, "revoke", id));
    say((world, id), FAYE, "revoke")
}
