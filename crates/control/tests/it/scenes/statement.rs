//! The statement: its key, its time, what it rests on, whose role it needs, where the change stands.

use super::Without::{Accepted, NoGuard, Refused};
use super::warrant::with_machine;
use super::{DEPLOYMENT, Row, Scene, approved, doctored, natural, running, say, sealed, verb};
use crate::world::{FAYE, GO, HOUR_MS, OMAR, OPAL, SAUL, World, accepted, token};
use control::{Item, Setting};
use model::{ChangeId, Digest, Service};
use signed::{Act, Report, Seen};

pub const ROWS: &[Row] = &[
    ("approve with a key of nobody", "key.not_active", "key_active", Accepted, unknown_key),
    ("approve with a suspended key", "key.not_active", "key_active", Accepted, suspended_key),
    ("approve, signed too long ago", "statement.expired", "statement_alive", Accepted, || dated(0)),
    ("approve, good for longer than a day", "statement.not_after_too_far", "statement_alive", Accepted, || dated(25)),
    ("register with an ended statement", "statement.expired", "statement_alive", Accepted, registering_late),
    ("seal by a machine identity", "machine.may_not", "person_speaks", Accepted, machine_seals),
    (
        "observe what a person asked for by a machine",
        "machine.may_not",
        "machine_observes_own",
        Accepted,
        observes_other,
    ),
    ("revise what a person asked for by a machine", "machine.may_not", "machine_revises_own", Accepted, revises_other),
    ("attach by a machine identity", "machine.may_not", "person_speaks", Accepted, machine_attaches),
    ("register by a machine identity", "machine.may_not", "person_speaks", Accepted, machine_registers),
    ("hold another revision", "change.revision_stale", "revision_current", Accepted, other_revision),
    ("approve another plan", "change.digests_differ", "digests_match", Accepted, other_plan),
    ("approve before having seen the seal", "statement.seen_too_early", "seen_covers", Accepted, unseen),
    ("approve before having seen one's withdrawal", "statement.seen_too_early", "seen_covers", Accepted, withheld),
    ("approve before having seen one's hold", "statement.seen_too_early", "seen_covers", Accepted, withheld_over_hold),
    (
        "approve before having seen one's release",
        "statement.seen_too_early",
        "seen_covers",
        Accepted,
        withheld_over_release,
    ),
    ("release before having seen the hold", "statement.seen_too_early", "seen_covers", Accepted, unseen_hold),
    ("run before having seen the approval", "statement.seen_too_early", "seen_covers", Accepted, unseen_approval),
    ("abort before having seen the hold", "statement.seen_too_early", "seen_covers", Accepted, unseen_stop),
    ("a reviewer approves as operator", "role.missing", "role_held", Refused("role.too_new"), reviewer_approves),
    ("hold by somebody without a role", "role.missing", "role_held", Accepted, roleless),
    ("draft by a reviewer", "role.missing", "asker_role_held", Accepted, reviewer_drafts),
    ("register by a reviewer", "role.missing", "thing_role_held", Accepted, || by_reviewer(register())),
    ("recall by a reviewer", "role.missing", "thing_role_held", Accepted, reviewer_recalls),
    ("seal twice", "change.status", "status_allows", Accepted, || verb(OPAL, "seal")),
    ("cancel what is run", "change.status", "status_allows", Accepted, || say(running(), OPAL, "cancel")),
    ("run unapproved", "run.slots_open", "status_allows", Accepted, || verb(OPAL, "run")),
    ("run after an approver's key ended", "run.approver_not_eligible", "status_allows", Accepted, lapsed),
    ("observe what is sealed", "change.status", "", NoGuard, observed_too_late),
    ("open the same bytes again", "change.status", "revisable", Accepted, same_bytes),
];

fn unknown_key() -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, GO);
    let mut statement = world.statement(OMAR, act);
    statement.key = world.people[FAYE].key_id;
    let command = world.sign(FAYE, statement);
    doctored(world, command)
}

fn suspended_key() -> Scene {
    let (mut world, id) = sealed();
    let (person, key) = (world.id(OMAR), world.people[OMAR].key_id);
    accepted(world.sign_and_submit(OMAR, Act::Suspend { person, key }));
    say((world, id), OMAR, "approve")
}

fn dated(hours: i64) -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, GO);
    let mut statement = world.statement(OMAR, act);
    statement.not_after = world.now.plus_millis(hours * HOUR_MS);
    let command = world.sign(OMAR, statement);
    natural(world, command)
}

fn register() -> Act {
    Act::RegisterTenant { tenant: model::TenantId([1; 16]) }
}

fn registering_late() -> Scene {
    let mut world = World::new();
    let mut statement = world.statement(OPAL, register());
    statement.not_after = world.now;
    let command = world.sign(OPAL, statement);
    natural(world, command)
}

fn machine_seals() -> Scene {
    let (mut world, who) = with_machine();
    let artifact = world.publish("2026.02", 64);
    let id = world.draft(who, DEPLOYMENT, artifact);
    world.observe_all(id);
    say((world, id), who, "seal")
}

fn observes_other() -> Scene {
    let (mut world, who) = with_machine();
    let artifact = world.publish("2026.02", 64);
    let change = world.draft(OPAL, DEPLOYMENT, artifact);
    super::act(world, who, Act::Observe { change, revision: 1 })
}

fn revises_other() -> Scene {
    let (mut world, who) = with_machine();
    let artifact = world.publish("2026.02", 64);
    let change = world.draft(OPAL, DEPLOYMENT, artifact);
    let package = world.package(change, DEPLOYMENT, artifact);
    let command = world.opening(who, &package);
    natural(world, command)
}

fn machine_attaches() -> Scene {
    let (mut world, who) = with_machine();
    let mut kinds = world.state.kinds.clone();
    let item = token("scan-report");
    let row = kinds.kinds.iter_mut().find(|row| row.name == DEPLOYMENT).unwrap();
    row.checklist = vec![Item { item: item.clone(), role: GO }];
    world.change_setting(&Setting::Kinds(kinds));
    let artifact = world.publish("2026.02", 64);
    let change = world.draft(OPAL, DEPLOYMENT, artifact);
    super::act(world, who, Act::Attach { change, revision: 1, item, evidence: Digest::ZERO })
}

fn machine_registers() -> Scene {
    let (world, who) = with_machine();
    super::act(world, who, register())
}

fn other_revision() -> Scene {
    let (world, change) = sealed();
    super::act(world, SAUL, Act::Hold { change, revision: 2 })
}

fn other_plan() -> Scene {
    let (world, id) = sealed();
    let mut binding = world.binding(id);
    binding.plan = Digest::of_bytes(b"another plan");
    super::act(world, OMAR, Act::Approve { binding, slot: 0, on_behalf_of: None })
}

/// A statement on the checkpoint of this size.
fn on(mut world: World, who: usize, act: Act, size: u64) -> Scene {
    let mut statement = world.statement(who, act);
    statement.seen = Seen { size, root: world.tree.root_at(size).unwrap() };
    let command = world.sign(who, statement);
    natural(world, command)
}

fn unseen() -> Scene {
    let (world, id) = sealed();
    let (act, size) = (world.act("approve", id, GO), world.change(id).sealed.unwrap());
    on(world, OMAR, act, size)
}

/// The server kept an approval back, and plays it after the signer has approved and withdrawn.
fn withheld() -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, GO);
    let kept_back = world.said(OMAR, act);
    accepted(world.approve(OMAR, id, GO));
    accepted(world.verb(OMAR, "withdraw", id));
    natural(world, kept_back)
}

/// The server kept an approval back, and plays it after the signer has held the change and let it go.
fn withheld_over_hold() -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, GO);
    let kept_back = world.said(OMAR, act);
    accepted(world.verb(OMAR, "hold", id));
    accepted(world.verb(SAUL, "release", id));
    natural(world, kept_back)
}

/// The same after the signer has let it go on for somebody else.
fn withheld_over_release() -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, GO);
    let kept_back = world.said(OMAR, act);
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(OMAR, "release", id));
    natural(world, kept_back)
}

fn unseen_hold() -> Scene {
    let (mut world, id) = sealed();
    accepted(world.verb(SAUL, "hold", id));
    let (act, size) = (world.act("release", id, GO), world.state.size - 1);
    on(world, OMAR, act, size)
}

fn unseen_approval() -> Scene {
    let (world, id) = approved();
    let (act, size) = (world.act("run", id, GO), world.state.size - 1);
    on(world, OPAL, act, size)
}

fn unseen_stop() -> Scene {
    let (mut world, id) = running();
    accepted(world.verb(SAUL, "hold", id));
    let (act, size) = (world.act("abort", id, GO), world.state.size - 1);
    on(world, FAYE, act, size)
}

fn reviewer_approves() -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, GO);
    let command = world.said(FAYE, act);
    natural(world, command)
}

fn roleless() -> Scene {
    let mut scene = verb(SAUL, "hold");
    scene.world.state.roster.people[SAUL].roles.clear();
    doctored(scene.world, scene.command)
}

fn reviewer_drafts() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let change = ChangeId(world.fresh());
    let package = world.package(change, DEPLOYMENT, artifact);
    let command = world.opening(FAYE, &package);
    natural(world, command)
}

fn by_reviewer(act: Act) -> Scene {
    super::act(World::new(), FAYE, act)
}

fn reviewer_recalls() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    super::act(world, FAYE, Act::Recall { digest: artifact })
}

fn lapsed() -> Scene {
    let (mut world, id) = approved();
    let (person, key) = (world.id(OMAR), world.people[OMAR].key_id);
    accepted(world.sign_and_submit(OMAR, Act::Suspend { person, key }));
    say((world, id), OPAL, "run")
}

fn observed_too_late() -> Scene {
    let (mut world, change) = sealed();
    let observation = world.sight(Service::Node);
    let command = world.receipt(Service::Node, Report::Observed { change, revision: 1, observation });
    natural(world, command)
}

fn same_bytes() -> Scene {
    let (mut world, id) = approved();
    let package = world.change(id).package.clone();
    let command = world.opening(OPAL, &package);
    natural(world, command)
}
