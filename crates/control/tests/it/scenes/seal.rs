//! What a draft needs before it is sealed, and what its plan may name.

use super::Without::{Accepted, Refused};
use super::{DEPLOYMENT, ROLLBACK, Row, Scene, act, drafted, natural, rollback_to, say};
use crate::world::{End, GO, HOUR_MS, MINUTE_MS, OMAR, OPAL, SAUL, World, accepted, token};
use control::{Body, Item, Package, Review, ReviewWhen, Setting, Window};
use model::{Bundle, ChangeId, Digest, KindName};
use signed::{Act, Observation, Report};

/// Without a plan there is no digest to sign: the digests' guard is the second layer.
const NO_PLAN: super::Without = Refused("change.digests_differ");

pub const ROWS: &[Row] = &[
    ("escalate what is not read-only", "escalate.nothing", "escalation_due", Accepted, escalates),
    ("seal a read-only draft", "seal.not_escalated", "escalated", Accepted, read_only),
    ("seal while one's review is overdue", "review.overdue", "review_not_overdue", Accepted, overdue),
    ("seal a rollback without a reason", "change.reason_missing", "reason_given", Accepted, no_reason),
    ("seal unobserved", "observation.missing", "observed_freshly", Refused("observation.missing"), unobserved),
    ("seal observed long ago", "observation.stale", "observed_freshly", Accepted, observed_long_ago),
    (
        "seal what somebody with an overdue review opened",
        "review.overdue",
        "review_not_overdue",
        Accepted,
        overdue_asker,
    ),
    ("seal in place of another document's", "change.supersedes_wrong", "supersedes_fits", Accepted, other_document),
    ("seal in place of another target's", "change.supersedes_wrong", "supersedes_fits", Accepted, other_target),
    ("seal in place of what is not there", "change.supersedes_wrong", "supersedes_fits", Accepted, supersedes),
    ("attach to an item there is not", "checklist.item_unknown", "item_exists", Accepted, other_item),
    ("approve with the checklist open", "checklist.open", "checklist_complete", Accepted, checklist_open),
    ("draft of an unpublished artifact", "bundle.unknown", "draft_fits", Accepted, unpublished),
    ("draft of a recalled artifact", "bundle.recalled", "draft_fits", Accepted, recalled),
    ("draft proven on itself", "deployment.proven_on_unknown", "draft_fits", Accepted, proven_on_itself),
    ("draft with a window the kind has not", "change.window_wrong", "window_fits", Accepted, window),
    ("draft of an exception without an end", "change.until_wrong", "until_fits", Accepted, endless),
    ("draft of an exception that raises nothing", "quota.not_raised", "draft_fits", Accepted, raises_nothing),
    ("seal, artifact not held", "bundle.not_held", "plan_possible", NO_PLAN, not_held),
    ("seal without room", "placement.insufficient", "plan_possible", NO_PLAN, no_room),
    ("seal on an engine seen otherwise", "base.drifted", "plan_possible", NO_PLAN, seen_otherwise),
    ("seal what is not proven elsewhere", "deployment.not_proven", "plan_possible", NO_PLAN, not_proven),
    ("roll back the first", "rollback.nothing_below", "plan_possible", NO_PLAN, nothing_below),
    ("roll back too far", "rollback.not_last_certified", "plan_possible", NO_PLAN, too_far),
    ("drain what does not serve", "engine.nothing_serves", "plan_possible", NO_PLAN, nothing_serves),
    ("undrain what serves", "engine.not_drained", "plan_possible", NO_PLAN, not_drained),
    ("undrain what never served", "engine.nothing_certified", "plan_possible", NO_PLAN, nothing_certified),
];

fn escalates() -> Scene {
    say(drafted(64), OMAR, "escalate")
}

fn read_only() -> Scene {
    let mut world = World::under(|table| table.kinds[0].escalation = Some(vec![GO]));
    let artifact = world.publish("2026.02", 64);
    let id = world.drafted(DEPLOYMENT, artifact);
    say((world, id), OPAL, "seal")
}

fn overdue() -> Scene {
    say(overdue_review(), OPAL, "seal")
}

/// Opal asked, and somebody else seals.
fn overdue_asker() -> Scene {
    say(overdue_review(), OMAR, "seal")
}

/// A draft of Opal's, whose deployment before it waits for a review that is overdue.
fn overdue_review() -> (World, ChangeId) {
    let review =
        Review { roles: vec![crate::world::SA], within_ms: HOUR_MS, blocks_author: true, when: ReviewWhen::Always };
    let mut world = World::under(|table| table.kinds[0].review = Some(review));
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    let unreviewed = world.running(DEPLOYMENT, a);
    world.carry_out(unreviewed, |_, _| End::Done);
    world.advance(2 * HOUR_MS);
    let id = world.drafted(DEPLOYMENT, b);
    (world, id)
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

fn supersedes() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let change = ChangeId(world.fresh());
    let mut package = world.package(change, DEPLOYMENT, artifact);
    package.supersedes = Some(ChangeId([7; 16]));
    accepted(world.open(OPAL, &package));
    world.observe_all(change);
    say((world, change), OPAL, "seal")
}

/// Sealed by Opal, and another of the kind in its place.
fn in_place_of(mut world: World, known: Body, body: Body) -> Scene {
    let before = world.draft_of(OPAL, known);
    accepted(world.seal(OPAL, before));
    let change = ChangeId(world.fresh());
    let mut package = world.package_of(change, body);
    package.supersedes = Some(before);
    accepted(world.open(OPAL, &package));
    say((world, change), OPAL, "seal")
}

fn other_document() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let mut kinds = world.state.kinds.clone();
    kinds.kinds[0].approve_within_ms += 1;
    let kinds = world.setting_body(&Setting::Kinds(kinds));
    let recalls = world.setting_body(&Setting::Recalls { digests: vec![artifact] });
    in_place_of(world, kinds, recalls)
}

fn other_target() -> Scene {
    let world = World::new();
    let body = world.body(KindName::External, Digest::ZERO);
    let mut other = body.clone();
    if let Body::External { target, .. } = &mut other {
        *target = token("dns.example/zone");
    }
    in_place_of(world, body, other)
}

/// Deployments need evidence of a load test here.
fn with_checklist() -> (World, ChangeId) {
    let item = Item { item: token("load-test"), role: crate::world::SA };
    let mut world = World::under(|table| table.kinds[0].checklist = vec![item]);
    let artifact = world.publish("2026.02", 64);
    let id = world.sealed(DEPLOYMENT, artifact);
    (world, id)
}

fn other_item() -> Scene {
    let (world, change) = with_checklist();
    let (item, evidence) = (token("another"), Digest::ZERO);
    act(world, SAUL, Act::Attach { change, revision: 1, item, evidence })
}

fn checklist_open() -> Scene {
    say(with_checklist(), OMAR, "approve")
}

/// The opening of a package, altered.
fn opening(mut world: World, body: Body, alter: impl FnOnce(&mut Package)) -> Scene {
    let change = ChangeId(world.fresh());
    let mut package = world.package_of(change, body);
    alter(&mut package);
    let command = world.opening(OPAL, &package);
    natural(world, command)
}

fn unpublished() -> Scene {
    let world = World::new();
    let body = world.body(DEPLOYMENT, Digest::of_bytes(b"nothing"));
    opening(world, body, |_| {})
}

fn recalled() -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    accepted(world.sign_and_submit(SAUL, Act::Recall { digest: artifact }));
    let body = world.body(DEPLOYMENT, artifact);
    opening(world, body, |_| {})
}

fn proven_on_itself() -> Scene {
    let mut world = World::new();
    let bundle = Bundle::of(world.publish("2026.02", 64));
    let (engine, node) = (world.engine, world.node);
    opening(world, Body::Deployment { engine, node, bundle, proven_on: Some(engine) }, |_| {})
}

fn window() -> Scene {
    let mut world = World::under(|table| table.kinds[0].window = control::Presence::None);
    let artifact = world.publish("2026.02", 64);
    let (body, from) = (world.body(DEPLOYMENT, artifact), world.now);
    opening(world, body, |package| package.window = Some(Window { from, until: from.plus_millis(HOUR_MS) }))
}

fn endless() -> Scene {
    let world = super::run::quota_world();
    let Body::Grant { terms, .. } = super::run::exception(&world) else { panic!() };
    opening(world, Body::Grant { terms, for_ms: None, asked_by: None }, |_| {})
}

fn raises_nothing() -> Scene {
    let world = World::new();
    let body = super::run::exception(&world);
    opening(world, body, |_| {})
}

fn corrected((mut world, change): (World, ChangeId), observation: Observation) -> Scene {
    let service = observation.service();
    accepted(world.report(service, Report::Observed { change, revision: 1, observation }));
    say((world, change), OPAL, "seal")
}

fn not_held() -> Scene {
    corrected(
        drafted(64),
        Observation::Platform { missing: vec![Digest::of_object("manifest", b"2026.02")], zone: None },
    )
}

fn no_room() -> Scene {
    say(drafted(2_000), OPAL, "seal")
}

fn seen_otherwise() -> Scene {
    corrected(drafted(64), Observation::Engine { generation: 7, serving: None, missing: vec![] })
}

fn not_proven() -> Scene {
    let mut world = World::new();
    let bundle = Bundle::of(world.publish("2026.02", 64));
    let proven_on = Some(world.second_engine());
    let (engine, node) = (world.engine, world.node);
    let id = world.draft_of(OPAL, Body::Deployment { engine, node, bundle, proven_on });
    world.observe_all(id);
    say((world, id), OPAL, "seal")
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

fn sealing(deployed: bool, kind: KindName) -> Scene {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    if deployed {
        world.deploy(artifact);
    }
    let id = world.drafted(kind, artifact);
    say((world, id), OPAL, "seal")
}

fn nothing_serves() -> Scene {
    sealing(false, KindName::Drain)
}

fn not_drained() -> Scene {
    sealing(true, KindName::Undrain)
}

fn nothing_certified() -> Scene {
    sealing(false, KindName::Undrain)
}
