//! What a machine identity may use, and when.

use super::Without::{Accepted, NoGuard};
use super::{DEPLOYMENT, Row, Scene, act, exception, natural, say};
use crate::world::{HOUR_MS, OPAL, SAUL, World, accepted, machine, persona};
use control::{Quota, Setting, TenantTerm, TenantTerms};
use model::{ChangeId, Digest, KindName};
use signed::Act;

pub const ROWS: &[Row] = &[
    ("use a warrant as a person", "machine.only", "machine_speaks", Accepted, person_uses),
    ("use what is not run", "change.status", "status_allows", Accepted, uses_approved),
    ("use before having seen the run", "statement.seen_too_early", "seen_covers", Accepted, unseen_run),
    ("use what has no warrant", "warrant.missing", "warrant_issued", Accepted, uses_exception),
    ("use what is over and had no warrant", "warrant.missing", "", NoGuard, uses_deployment),
    ("use a warrant twice", "warrant.used", "warrant_unused", Accepted, uses_twice),
    ("use a warrant twice, after its time", "warrant.used", "warrant_unused", Accepted, uses_twice_late),
    ("use a revoked warrant", "warrant.revoked", "warrant_good", Accepted, uses_revoked),
    ("use a warrant after its time", "warrant.over", "warrant_good", Accepted, uses_late),
];

/// A ledger with a pipeline on its roster, at the end of its people.
pub fn with_machine() -> (World, usize) {
    let mut world = World::new();
    let pipeline = persona(9);
    let mut next = world.state.roster.clone();
    next.machines.push(machine(&pipeline));
    world.change_roster(OPAL, &next, &[&pipeline]);
    world.people.push(pipeline);
    let who = world.people.len() - 1;
    (world, who)
}

fn approved() -> (World, ChangeId, usize) {
    let (mut world, who) = with_machine();
    let body = world.body(KindName::External, Digest::of_bytes(b"a pipeline's plan"));
    let id = world.approved_of(OPAL, body);
    (world, id, who)
}

/// A change with a warrant, and who may use it.
pub fn issued() -> (World, ChangeId, usize) {
    let (mut world, id, who) = approved();
    accepted(world.run(OPAL, id));
    (world, id, who)
}

fn uses((world, id, who): (World, ChangeId, usize)) -> Scene {
    say((world, id), who, "use")
}

fn person_uses() -> Scene {
    let (world, id, _) = issued();
    say((world, id), OPAL, "use")
}

fn uses_approved() -> Scene {
    let (mut world, id, who) = approved();
    // Without the guard what is not run would be refused for having no warrant: one is put there.
    let until = world.now.plus_millis(HOUR_MS);
    let warrant = control::Warrant { until, revoked: None, used: None };
    world.state.changes.get_mut(&id).unwrap().warrant = Some(warrant);
    let act = world.act("use", id, crate::world::GO);
    let command = world.said(who, act);
    super::doctored(world, command)
}

fn unseen_run() -> Scene {
    let (mut world, change, who) = issued();
    let size = world.state.size - 1;
    let mut statement = world.statement(who, Act::Use { change, revision: 1 });
    statement.seen = signed::Seen { size, root: world.tree.root_at(size).unwrap() };
    let command = world.sign(who, statement);
    natural(world, command)
}

/// Of a change that takes effect and goes on: what it grants stands.
fn uses_exception() -> Scene {
    let (mut world, who) = with_machine();
    let quota = Quota { engines: Some(1), ..Quota::default() };
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: world.tenant, quota, envelope: vec![] }] };
    world.change_setting(&Setting::TenantTerms(terms));
    let body = exception(&world);
    let change = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, change));
    act(world, who, Act::Use { change, revision: 1 })
}

/// Of a change that is over there is no warrant either: it is said, and recorded.
fn uses_deployment() -> Scene {
    let (mut world, who) = with_machine();
    let artifact = world.publish("2026.02", 64);
    let change = world.deploy(artifact);
    assert_eq!(world.change(change).kind, DEPLOYMENT);
    act(world, who, Act::Use { change, revision: 1 })
}

fn uses_twice() -> Scene {
    let (mut world, id, who) = issued();
    accepted(world.verb(who, "use", id));
    uses((world, id, who))
}

fn uses_twice_late() -> Scene {
    let (mut world, id, who) = issued();
    accepted(world.verb(who, "use", id));
    world.advance(100 * HOUR_MS);
    uses((world, id, who))
}

fn uses_revoked() -> Scene {
    let (mut world, id, who) = issued();
    accepted(world.verb(SAUL, "revoke", id));
    uses((world, id, who))
}

fn uses_late() -> Scene {
    let (mut world, id, who) = issued();
    world.advance(72 * HOUR_MS);
    uses((world, id, who))
}
