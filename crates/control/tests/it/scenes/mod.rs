//! One scene for every way to be refused, and for every guard what it keeps out.

use crate::world::{DORA, FAYE, FR, GO, HOUR_MS, MINUTE_MS, OMAR, OPAL, SA, SAUL, World, accepted};
use control::{Command, Guards, Verdict, Window, decide_under};
use model::{ChangeId, Digest, KindName, Nonce, Service};
use warrant::{Act, Observation, Outcome, Report, Seen, step_key};

const DEPLOYMENT: KindName = KindName::Deployment;
const ROLLBACK: KindName = KindName::Rollback;

/// A ledger with a command that will be refused.
pub struct Scene {
    pub world: World,
    pub command: Command,
    /// Whether such a command can come so far: otherwise the state or the key was doctored, since
    /// no command of this build brings it about, or the check of authority comes first.
    pub natural: bool,
}

/// What happens without the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Then it would be accepted.
    Accepted,
    /// A second layer refuses it, with this code.
    Refused(&'static str),
    /// No guard's refusal: it comes from `decide` itself.
    NoGuard,
}

use Without::{Accepted, NoGuard, Refused};

/// Name, code, guard, what would be without it, the scene.
pub type Row = (&'static str, &'static str, &'static str, Without, fn() -> Scene);

pub const SCENES: &[Row] = &[
    ("approve with a key of nobody", "key.not_active", "key_active", Accepted, unknown_key),
    ("approve, signed too long ago", "statement.expired", "statement_alive", Accepted, || dated(0)),
    ("approve, good for longer than a day", "statement.not_after_too_far", "statement_alive", Accepted, || dated(25)),
    ("register with an ended statement", "statement.expired", "", NoGuard, registering_late),
    ("approve before having seen the seal", "statement.seen_too_early", "seen_covers_seal", Accepted, unseen),
    ("a reviewer approves as operator", "role.missing", "role_held", Accepted, || approving(FAYE, GO)),
    ("hold by somebody without a role", "role.missing", "role_held", Accepted, roleless),
    ("draft by a reviewer", "role.missing", "", NoGuard, reviewer_drafts),
    ("register by a reviewer", "role.missing", "", NoGuard, reviewer_registers),
    ("seal twice", "change.status", "status_allows", Accepted, sealed_twice),
    ("approve after the deadline, unswept", "change.status", "status_allows", Accepted, approved_too_late),
    ("observe what is sealed", "change.status", "", NoGuard, observed_too_late),
    ("hold another revision", "change.revision_stale", "revision_current", Accepted, other_revision),
    ("approve another plan", "change.digests_differ", "digests_match", Accepted, other_plan),
    ("seal a rollback without a reason", "change.reason_missing", "reason_given", Accepted, no_reason),
    ("seal unobserved", "observation.missing", "observed_freshly", Refused("observation.missing"), unobserved),
    ("seal observed long ago", "observation.stale", "observed_freshly", Accepted, observed_long_ago),
    ("draft of an unpublished artifact", "artifact.unknown", "", NoGuard, unpublished),
    // Without a plan there is no digest to sign: the digests' guard is the second layer.
    ("seal, artifact not held", "artifact.not_held", "plan_possible", Refused("change.digests_differ"), not_held),
    ("seal without room", "placement.insufficient", "plan_possible", Refused("change.digests_differ"), no_room),
    (
        "seal on an engine seen otherwise",
        "base.drifted",
        "plan_possible",
        Refused("change.digests_differ"),
        seen_otherwise,
    ),
    ("roll back the first", "rollback.nothing_below", "plan_possible", Refused("change.digests_differ"), nothing_below),
    ("roll back too far", "rollback.not_last_certified", "plan_possible", Refused("change.digests_differ"), too_far),
    ("run on another base", "base.drifted", "base_current", Accepted, drifted),
    ("run a rollback to what serves", "rollback.already_serving", "base_current", Accepted, serves_already),
    ("seal what nobody else can approve", "slot.unsatisfiable", "satisfiable", Accepted, two_authors),
    ("approve a slot the kind lacks", "slot.unknown", "slot_exists", Accepted, || approving(SAUL, SA)),
    ("approve a filled slot", "slot.filled", "slot_open", Accepted, filled),
    ("the author approves", "approve.author", "author_excluded", Accepted, || approving(OPAL, GO)),
    ("the author rejects", "approve.author", "author_excluded", Accepted, author_rejects),
    ("one person, two slots", "approve.same_person", "distinct_person", Accepted, same_person),
    ("withdraw what was not given", "withdraw.no_approval", "own_approval", Accepted, || verb(SAUL, "withdraw")),
    ("run while held", "change.held", "not_held", Accepted, held_run),
    ("intent while held", "change.held", "", NoGuard, held_intent),
    ("release what is not held", "change.not_held", "is_held", Accepted, || verb(SAUL, "release")),
    ("run by who released", "run.releaser", "releaser_excluded", Accepted, releaser_runs),
    ("run after an approver lost the role", "run.approver_not_eligible", "approvers_eligible", Accepted, lapsed),
    ("run unapproved", "run.slots_open", "status_allows", Refused("run.slots_open"), || verb(OPAL, "run")),
    ("run as approved with a slot open", "run.slots_open", "slots_filled", Accepted, hollow),
    ("run before the window", "run.outside_window", "inside_window", Accepted, || windowed(1, 2)),
    ("run after the window", "run.outside_window", "inside_window", Accepted, || windowed(-2, -1)),
    ("run beside another", "run.locked", "engine_free", Accepted, locked),
    ("register a tenant twice", "register.taken", "", NoGuard, taken),
    ("intent by another service", "step.not_due", "", NoGuard, not_due),
    ("intent beside an intent", "step.intent_open", "", NoGuard, intent_open),
    ("outcome of no intent", "step.intent_unknown", "", NoGuard, intent_unknown),
    ("bindings read differently", "receipt.wrong", "", NoGuard, bindings_differ),
    ("intent with another key", "receipt.wrong", "", NoGuard, wrong_key),
];

fn natural(world: World, command: Command) -> Scene {
    Scene { world, command, natural: true }
}

fn doctored(world: World, command: Command) -> Scene {
    Scene { world, command, natural: false }
}

fn sealed() -> (World, ChangeId) {
    let mut world = World::with_dora();
    let artifact = world.publish("2026.02", 64);
    let id = world.sealed(DEPLOYMENT, artifact);
    (world, id)
}

fn approved() -> (World, ChangeId) {
    let (mut world, id) = sealed();
    world.approve_all(id);
    (world, id)
}

fn running() -> (World, ChangeId) {
    let (mut world, id) = approved();
    accepted(world.run(OPAL, id));
    (world, id)
}

/// A draft of an engine where 2026.02 serves above 2026.01 and 2026.00.
fn rollback_to(version: &str) -> (World, ChangeId) {
    let mut world = World::new();
    for version in ["2026.00", "2026.01", "2026.02"] {
        let artifact = world.publish(version, 64);
        world.deploy(artifact);
    }
    let id = world.drafted(ROLLBACK, Digest::of_object("manifest", version.as_bytes()));
    (world, id)
}

fn drafted(memory_mib: u32) -> (World, ChangeId) {
    let mut world = World::new();
    let artifact = world.publish("2026.02", memory_mib);
    let id = world.drafted(DEPLOYMENT, artifact);
    (world, id)
}

fn say((mut world, id): (World, ChangeId), who: usize, verb: &str) -> Scene {
    let act = world.act(verb, id, GO);
    let command = world.said(who, act);
    natural(world, command)
}

fn verb(who: usize, word: &str) -> Scene {
    say(sealed(), who, word)
}

fn approving(who: usize, slot: model::Role) -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, slot);
    let command = world.said(who, act);
    natural(world, command)
}

fn unknown_key() -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, GO);
    let mut statement = world.statement(OMAR, act);
    statement.key = world.people[FAYE].key_id;
    let command = world.sign(FAYE, statement);
    doctored(world, command)
}

fn dated(hours: i64) -> Scene {
    let (mut world, id) = sealed();
    let act = world.act("approve", id, GO);
    let mut statement = world.statement(OMAR, act);
    statement.not_after = world.now.plus_millis(hours * HOUR_MS);
    let command = world.sign(OMAR, statement);
    natural(world, command)
}

fn registering_late() -> Scene {
    let mut world = World::new();
    let mut statement = world.statement(OPAL, Act::RegisterTenant { tenant: model::TenantId([1; 16]) });
    statement.not_after = world.now;
    let command = world.sign(OPAL, statement);
    natural(world, command)
}

fn unseen() -> Scene {
    let (mut world, id) = sealed();
    let size = world.change(id).sealed.unwrap();
    let act = world.act("approve", id, GO);
    let mut statement = world.statement(OMAR, act);
    statement.seen = Seen { size, root: world.tree.root_at(size).unwrap() };
    let command = world.sign(OMAR, statement);
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

fn reviewer_registers() -> Scene {
    let mut world = World::new();
    let command = world.said(FAYE, Act::RegisterTenant { tenant: model::TenantId([1; 16]) });
    natural(world, command)
}

fn sealed_twice() -> Scene {
    verb(OPAL, "seal")
}

fn approved_too_late() -> Scene {
    let mut scene = sealed();
    scene.0.advance(73 * HOUR_MS);
    say(scene, OMAR, "approve")
}

fn observed_too_late() -> Scene {
    let (mut world, change) = sealed();
    let observation = world.sight(Service::Node);
    let command = world.receipt(Service::Node, Report::Observed { change, revision: 1, observation });
    natural(world, command)
}

fn other_revision() -> Scene {
    let (mut world, change) = sealed();
    let command = world.said(SAUL, Act::Hold { change, revision: 2 });
    natural(world, command)
}

fn other_plan() -> Scene {
    let (mut world, id) = sealed();
    let mut binding = world.binding(id);
    binding.plan = Digest::of_bytes(b"another plan");
    let command = world.said(OMAR, Act::Approve { binding, slot: GO });
    natural(world, command)
}

fn no_reason() -> Scene {
    let (mut world, id) = rollback_to("2026.01");
    let mut package = world.package(id, ROLLBACK, Digest::of_object("manifest", b"2026.01"));
    package.parts.truncate(1);
    accepted(world.open(OPAL, &package));
    world.observe_all(id);
    say((world, id), OPAL, "seal")
}

fn unobserved() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let id = world.draft(OPAL, DEPLOYMENT, artifact);
    say((world, id), OPAL, "seal")
}

fn observed_long_ago() -> Scene {
    let mut scene = drafted(64);
    scene.0.advance(11 * MINUTE_MS);
    say(scene, OPAL, "seal")
}

fn unpublished() -> Scene {
    let mut world = World::new();
    let change = ChangeId(world.fresh());
    let package = world.package(change, DEPLOYMENT, Digest::of_bytes(b"nothing"));
    let command = world.opening(OPAL, &package);
    natural(world, command)
}

fn corrected((mut world, change): (World, ChangeId), observation: Observation) -> Scene {
    let service = observation.service();
    accepted(world.report(service, Report::Observed { change, revision: 1, observation }));
    say((world, change), OPAL, "seal")
}

fn not_held() -> Scene {
    corrected(drafted(64), Observation::Platform { artifact_held: false })
}

fn no_room() -> Scene {
    say(drafted(2_000), OPAL, "seal")
}

fn seen_otherwise() -> Scene {
    corrected(drafted(64), Observation::Engine { generation: 7, serving: None })
}

fn nothing_below() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    world.deploy(artifact);
    let id = world.drafted(ROLLBACK, artifact);
    say((world, id), OPAL, "seal")
}

fn too_far() -> Scene {
    say(rollback_to("2026.00"), OPAL, "seal")
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

fn two_authors() -> Scene {
    say(drafted(64), OMAR, "seal")
}

fn filled() -> Scene {
    let (mut world, id) = sealed();
    accepted(world.approve(OMAR, id, GO));
    say((world, id), DORA, "approve")
}

fn author_rejects() -> Scene {
    verb(OPAL, "reject")
}

fn same_person() -> Scene {
    let (mut world, id) = sealed();
    accepted(world.approve(DORA, id, GO));
    let act = world.act("approve", id, FR);
    let command = world.said(DORA, act);
    natural(world, command)
}

fn held_run() -> Scene {
    let (mut world, id) = approved();
    accepted(world.verb(SAUL, "hold", id));
    say((world, id), OPAL, "run")
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

fn releaser_runs() -> Scene {
    let (mut world, id) = approved();
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(OMAR, "release", id));
    say((world, id), OMAR, "run")
}

fn lapsed() -> Scene {
    let mut scene = say(approved(), OPAL, "run");
    scene.world.state.roster.people[OMAR].roles.clear();
    doctored(scene.world, scene.command)
}

fn hollow() -> Scene {
    let (mut world, id) = approved();
    world.state.changes.get_mut(&id).unwrap().approvals.remove(&FR);
    let scene = say((world, id), OPAL, "run");
    doctored(scene.world, scene.command)
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

fn locked() -> Scene {
    let (mut world, id) = approved();
    let other = world.publish("other", 64);
    world.running(DEPLOYMENT, other);
    say((world, id), OPAL, "run")
}

fn taken() -> Scene {
    let mut world = World::new();
    let tenant = world.tenant;
    let command = world.said(OMAR, Act::RegisterTenant { tenant });
    natural(world, command)
}

fn intent(scene: (World, ChangeId), by: Option<Service>, key: Option<Digest>) -> Scene {
    let (mut world, id) = scene;
    let (service, due) = world.due(id).unwrap();
    let (nonce, act_by) = (Nonce(world.fresh()), world.now.plus_millis(60_000));
    let key = key.unwrap_or_else(|| step_key(&due.step));
    let command = world.receipt(by.unwrap_or(service), Report::Intent { step: due.step, key, nonce, act_by });
    natural(world, command)
}

fn not_due() -> Scene {
    intent(running(), Some(Service::Engine), None)
}

fn intent_open() -> Scene {
    let (mut world, id) = running();
    let (service, due) = world.due(id).unwrap();
    accepted(world.intend(service, &due).1);
    intent((world, id), None, None)
}

fn wrong_key() -> Scene {
    intent(running(), None, Some(Digest::ZERO))
}

fn outcome((mut world, id): (World, ChangeId), observed: Option<Digest>, intended: bool) -> Scene {
    let (service, due) = world.due(id).unwrap();
    let mut nonce = Nonce([0; 16]);
    if intended {
        nonce = world.intend(service, &due).0;
    }
    let report = Report::Outcome { step: due.step, nonce, outcome: Outcome::Done, code: None, observed };
    let command = world.receipt(service, report);
    natural(world, command)
}

fn intent_unknown() -> Scene {
    outcome(running(), None, false)
}

fn bindings_differ() -> Scene {
    let (mut world, id) = running();
    world.carry_until(id, "check-bindings");
    outcome((world, id), Some(Digest::of_bytes(b"other bindings")), true)
}

impl Scene {
    /// The code it is refused with under these guards, none when it is accepted.
    pub fn code(&self, guards: &Guards) -> Option<&'static str> {
        let now = self.world.now.plus_millis(1_000);
        let decided = decide_under(guards, &self.world.state, &self.world.shelf, now, &self.command).unwrap();
        match decided.verdict {
            Verdict::Accepted => None,
            Verdict::Refused(refusal) => Some(refusal.code()),
        }
    }
}
