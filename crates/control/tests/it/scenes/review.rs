//! Reviews of what ran unchecked, and how an indeterminate change is reconciled.

use super::Without::Accepted;
use super::{DEPLOYMENT, ROLLBACK, Row, Scene, act, say};
use crate::world::{End, FAYE, FR, GO, HOUR_MS, MINUTE_MS, OMAR, OPAL, SAUL, World, accepted};
use control::{Review, ReviewWhen, Slot};
use model::{Bundle, ChangeId, Service, Side, Status};
use signed::{Act, Observation, Reconciled, Report, Served};

pub const ROWS: &[Row] = &[
    ("review by an approver", "review.same_person", "reviewer_distinct", Accepted, approver_reviews),
    ("review by who escalated it", "review.same_person", "reviewer_distinct", Accepted, escalator_reviews),
    ("review before the late reading", "review.reading_missing", "read_late", Accepted, || {
        say(unchecked(), FAYE, "review")
    }),
    ("reconcile unread", "reconcile.observed_otherwise", "observations_agree", Accepted, unread),
    ("reconcile, one executor unread", "reconcile.observed_otherwise", "observations_agree", Accepted, one_unread),
    ("reconcile to what does not serve", "reconcile.observed_otherwise", "observations_agree", Accepted, otherwise),
    ("reconcile against an old reading", "reconcile.observed_otherwise", "observations_agree", Accepted, old_reading),
    ("one person reconciles twice", "second.same_person", "second_person", Accepted, reconciles_twice),
];

/// A rollback that was carried out while Platform Services was silent.
pub fn unchecked() -> (World, ChangeId) {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    world.deploy(b);
    let id = world.draft(OPAL, ROLLBACK, a);
    for service in [Service::Node, Service::Engine, Service::Integration] {
        accepted(world.observe(id, service));
    }
    world.advance(60_000);
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
    accepted(world.run(OPAL, id));
    world.carry_out(id, |_, _| End::Done);
    assert_eq!((world.status(id), world.serving()), (Status::ReviewDue, Some(a)));
    (world, id)
}

fn approver_reviews() -> Scene {
    let (mut world, id) = unchecked();
    accepted(world.observe(id, Service::Platform));
    say((world, id), SAUL, "review")
}

/// A deployment of which nobody knows whether its start went well; the engine was asked since.
pub fn indeterminate() -> (World, ChangeId) {
    let mut world = World::new();
    let artifact = world.publish("2026.02", 64);
    let id = world.running(DEPLOYMENT, artifact);
    world.carry_until(id, "start");
    world.step(id, End::Unknown);
    accepted(world.verb(SAUL, "observe", id));
    (world, id)
}

fn reconcile((world, change): (World, ChangeId), who: usize, outcome: Reconciled) -> Scene {
    act(world, who, Act::Reconcile { change, revision: 1, outcome })
}

/// Deployments are escalated, approved by a reviewer alone and reviewed by an operator here.
fn escalator_reviews() -> Scene {
    let review = Review { roles: vec![GO], within_ms: HOUR_MS, blocks_author: false, when: ReviewWhen::Always };
    let mut world = World::under(|table| {
        (table.kinds[0].escalation, table.kinds[0].review) = (Some(vec![GO]), Some(review));
        table.kinds[0].slots = vec![Slot::of(FR)];
    });
    let artifact = world.publish("2026.02", 64);
    let id = world.drafted(DEPLOYMENT, artifact);
    accepted(world.verb(OMAR, "escalate", id));
    accepted(world.seal(OPAL, id));
    accepted(world.approve(FAYE, id, FR));
    accepted(world.run(OPAL, id));
    world.carry_out(id, |_, _| End::Done);
    say((world, id), OMAR, "review")
}

/// Engine Runtime sees what was; Node Runtime, which placed something, is not asked.
fn one_unread() -> Scene {
    let (mut world, id) = indeterminate();
    for service in [Service::Platform, Service::Engine, Service::Integration] {
        accepted(world.observe(id, service));
    }
    reconcile((world, id), OPAL, Reconciled::AsBase)
}

fn unread() -> Scene {
    reconcile(indeterminate(), OPAL, Reconciled::AsBase)
}

fn otherwise() -> Scene {
    let (mut world, id) = indeterminate();
    world.observe_all(id);
    reconcile((world, id), OPAL, Reconciled::AsPlanned)
}

/// What serves is what was planned; that was read a while ago.
fn old_reading() -> Scene {
    let (mut world, id) = indeterminate();
    let artifact = world.change(id).package.body.bundle().unwrap().artifact;
    let serving = Some(Served { side: Side::Blue, bundle: Bundle::of(artifact) });
    let observation = Observation::Engine { generation: 1, serving, missing: vec![] };
    accepted(world.report(Service::Engine, Report::Observed { change: id, revision: 1, observation }));
    world.advance(11 * MINUTE_MS);
    reconcile((world, id), OPAL, Reconciled::AsBase)
}

fn reconciles_twice() -> Scene {
    let (mut world, change) = indeterminate();
    world.observe_all(change);
    accepted(world.sign_and_submit(OPAL, Act::Reconcile { change, revision: 1, outcome: Reconciled::AsBase }));
    reconcile((world, change), OPAL, Reconciled::AsBase)
}
