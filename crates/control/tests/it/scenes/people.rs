//! Who fills which slot.

use super::Without::{Accepted, Refused};
use super::{DEPLOYMENT, Row, Scene, act, drafted, natural, say, sealed, verb};
use crate::world::{DORA, FAYE, FR, GO, OMAR, OPAL, SA, SAUL, World, accepted};
use control::Body;
use model::{ChangeId, Digest, KindName};
use signed::Act;

pub const ROWS: &[Row] = &[
    ("approve for somebody whose deputy one is not", "deputy.not_now", "deputy_now", Accepted, no_deputy),
    ("approve a slot the kind lacks", "slot.unknown", "slot_exists", Refused("role.too_new"), || approving(SAUL, SA)),
    ("approve with a role given after the seal", "role.too_new", "role_held_since_seal", Accepted, too_new),
    ("approve a roster change about oneself", "change.concerned", "not_concerned", Accepted, || concerned("approve")),
    ("hold a roster change about oneself", "change.concerned", "not_concerned", Accepted, || concerned("hold")),
    ("cancel a roster change about oneself", "change.concerned", "not_concerned", Accepted, operator_concerned),
    (
        "run what somebody concerned approved",
        "run.approver_not_eligible",
        "approvers_unconcerned",
        Accepted,
        back_again,
    ),
    ("revise a roster change about oneself", "change.concerned", "revises_unconcerned", Accepted, revises),
    (
        "revise a roster change that removes oneself, a machine",
        "change.concerned",
        "revises_unconcerned",
        Refused("machine.may_not"),
        machine_revises,
    ),
    ("cancel what is of no kind any more", "role.missing", "role_held", Accepted, cancels_no_kind),
    ("the author approves", "approve.author", "author_excluded", Accepted, || approving(OPAL, GO)),
    ("the author rejects", "approve.author", "author_excluded", Accepted, || verb(OPAL, "reject")),
    ("the escalator approves", "approve.author", "author_excluded", Accepted, escalator),
    ("one person, two slots", "approve.same_person", "distinct_person", Accepted, same_person),
    ("approve a filled slot", "slot.filled", "slot_open", Accepted, filled),
    ("leave a slot that nobody could fill", "slot.unsatisfiable", "slots_fillable", Accepted, strands),
    ("seal what nobody else can approve", "slot.unsatisfiable", "satisfiable", Accepted, two_authors),
    ("withdraw what was not given", "withdraw.no_approval", "own_approval", Accepted, || verb(SAUL, "withdraw")),
    ("withdraw what does not count any more", "withdraw.no_approval", "own_approval", Accepted, withdraws_lapsed),
    ("ask for a slot of no role", "slot.unsound", "draft_fits", Accepted, unsound_slot),
];

fn approving(who: usize, slot: model::Role) -> Scene {
    let (world, id) = sealed();
    let approve = world.act("approve", id, slot);
    act(world, who, approve)
}

fn no_deputy() -> Scene {
    let (world, id) = sealed();
    let (binding, of) = (world.binding(id), world.id(FAYE));
    act(world, SAUL, Act::Approve { binding, slot: 1, on_behalf_of: Some(of) })
}

/// Saul is given the reviewer's role while a deployment waits for a reviewer.
fn too_new() -> Scene {
    let (mut world, id) = sealed();
    let mut next = world.state.roster.clone();
    next.people[SAUL].roles = vec![FR, SA];
    world.change_roster(OPAL, &next, &[]);
    let approve = world.act("approve", id, FR);
    act(world, SAUL, approve)
}

/// A sealed roster change that takes something from this person.
fn about(who: usize) -> (World, ChangeId) {
    let mut world = World::with_dora();
    let mut next = world.state.roster.clone();
    next.people[who].tenants = Some(vec![]);
    let body = world.roster_body(&next, &[]);
    let id = world.draft_of(OPAL, body);
    accepted(world.seal(OPAL, id));
    (world, id)
}

fn concerned(verb: &str) -> Scene {
    let (world, id) = about(FAYE);
    let said = world.act(verb, id, FR);
    act(world, FAYE, said)
}

fn operator_concerned() -> Scene {
    say(about(OMAR), OMAR, "cancel")
}

/// Faye approves what alters her entry while a roster is in force under which it would not, and the
/// roster that it rests on comes back.
fn back_again() -> Scene {
    let (mut world, id) = about(FAYE);
    let base = world.state.roster.clone();
    let mut between = base.clone();
    for who in [FAYE, DORA] {
        between.people[who].tenants = Some(vec![]);
    }
    world.change_roster(OPAL, &between, &[]);
    accepted(world.approve(FAYE, id, FR));
    accepted(world.approve(OMAR, id, GO));
    world.change_roster(OPAL, &base, &[]);
    say((world, id), OPAL, "run")
}

fn revises() -> Scene {
    let (mut world, id) = about(FAYE);
    let mut next = world.state.roster.clone();
    next.people[FAYE].roles = vec![FR, SA];
    let body = world.roster_body(&next, &[]);
    let package = world.package_of(id, body);
    let command = world.opening(FAYE, &package);
    natural(world, command)
}

/// The pipeline revises the roster under which it would be gone.
fn machine_revises() -> Scene {
    let (mut world, who) = super::warrant::with_machine();
    let mut next = world.state.roster.clone();
    next.machines.clear();
    let body = world.roster_body(&next, &[]);
    let id = world.draft_of(OPAL, body);
    let mut other = next.clone();
    other.people[FAYE].tenants = Some(vec![]);
    let body = world.roster_body(&other, &[]);
    let package = world.package_of(id, body);
    let command = world.opening(who, &package);
    natural(world, command)
}

/// Drains have left the table since this one was opened; a reviewer has nothing to do with it.
fn cancels_no_kind() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    world.deploy(artifact);
    let id = world.drafted(KindName::Drain, artifact);
    let mut kinds = world.state.kinds.clone();
    kinds.kinds.retain(|row| row.name != KindName::Drain);
    world.change_setting(&control::Setting::Kinds(kinds));
    say((world, id), FAYE, "cancel")
}

/// Deployments are read-only here until an operator escalates them.
fn escalator() -> Scene {
    let mut world = World::under(|table| table.kinds[0].escalation = Some(vec![GO]));
    let artifact = world.publish("2026.02", 64);
    let id = world.drafted(DEPLOYMENT, artifact);
    accepted(world.verb(OMAR, "escalate", id));
    accepted(world.seal(OPAL, id));
    say((world, id), OMAR, "approve")
}

fn same_person() -> Scene {
    let (mut world, id) = sealed();
    accepted(world.approve(DORA, id, GO));
    let approve = world.act("approve", id, FR);
    act(world, DORA, approve)
}

fn filled() -> Scene {
    let (mut world, id) = sealed();
    accepted(world.approve(OMAR, id, GO));
    say((world, id), DORA, "approve")
}

/// Faye's key is gone, so that only Dora is left for the reviewer's slot, and she takes the other one.
fn strands() -> Scene {
    let (mut world, id) = sealed();
    let (person, key) = (world.id(FAYE), world.people[FAYE].key_id);
    accepted(world.sign_and_submit(FAYE, Act::Suspend { person, key }));
    say((world, id), DORA, "approve")
}

fn two_authors() -> Scene {
    say(drafted(64), OMAR, "seal")
}

/// Omar has approved as operator, and has been a reviewer only since.
pub fn lapsed() -> (World, ChangeId) {
    let (mut world, id) = sealed();
    accepted(world.approve(OMAR, id, GO));
    let mut next = world.state.roster.clone();
    next.people[OMAR].roles = vec![FR];
    world.change_roster(OPAL, &next, &[]);
    (world, id)
}

fn withdraws_lapsed() -> Scene {
    say(lapsed(), OMAR, "withdraw")
}

fn unsound_slot() -> Scene {
    let mut world = World::new();
    let change = ChangeId(world.fresh());
    let target = crate::world::token("ci.example/deploy");
    let package = world.package_of(change, Body::External { target, digest: Digest::ZERO, slot: vec![] });
    let command = world.opening(OPAL, &package);
    natural(world, command)
}
