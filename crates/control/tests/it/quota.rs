//! Quotas: what they refuse, what raises them, and how that ends.

use crate::scenes::{exception, quota_world};
use crate::world::{End, FAYE, FR, GO, HOUR_MS, No, OMAR, OPAL, World, accepted, refused};
use control::{
    ClockAct, Effect, GrantEvent, Inadmissible, OverLimit, Quota, QuotaLimit, Refusal, Setting, TenantTerm,
    TenantTerms, Verdict, due_ends, next_end, quota_at,
};
use model::{ChangeId, Digest, KindName, Service, Status};
use signed::Report;

fn release() -> Digest {
    Digest::of_object("manifest", b"2026.02")
}

fn granted(world: &mut World) -> ChangeId {
    let body = exception(world);
    let id = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, id));
    id
}

#[test]
fn the_approval_that_would_fill_the_last_slot_above_quota_is_refused_and_names_the_exception() {
    let mut world = quota_world();
    let id = world.sealed(KindName::Deployment, release());
    accepted(world.approve(FAYE, id, FR));
    let leaf = world.approve(OMAR, id, GO).unwrap();
    let Verdict::Refused(refusal) = &leaf.verdict else { panic!("{:?}", leaf.verdict) };
    let over = vec![OverLimit { limit: QuotaLimit::Engines, needed: 2, allowed: 1 }];
    assert_eq!(*refusal, Refusal::QuotaExceeded { tenant: world.tenant, over });
    let asked = format!("--kind quota-exception --tenant {} --engines 2 --for DURATION --reason WHY", world.tenant);
    assert!(refusal.message(&|_| String::new()).1.contains(&asked));
    granted(&mut world);
    accepted(world.approve(OMAR, id, GO));
    accepted(world.run(OPAL, id));
    world.carry_out(id, |_, _| End::Done);
    assert_eq!(world.status(id), Status::Effective);
}

#[test]
fn every_limit_that_a_sealed_change_would_exceed_is_said_at_once_and_one_exception_lets_it_pass() {
    let quota = Quota { engines: Some(1), storage_mib: Some(100), ..Quota::default() };
    let tenants = vec![TenantTerm { tenant: model::TenantId([0x07; 16]), quota, envelope: vec![] }];
    let mut world = World::with_terms(TenantTerms { tenants });
    let keeps = |storage_mib| model::Profile { storage_mib, ..crate::world::shop_profile(64) };
    let (small, large) = (world.publish_with("small", keeps(60)), world.publish_with("large", keeps(512)));
    world.deploy(small);
    world.engine = world.second_engine();
    let id = world.sealed(KindName::Deployment, large);
    let blocked = |world: &World| control::blocked(&world.state, world.change(id), world.now);
    let Some(Refusal::QuotaExceeded { over, .. }) = blocked(&world) else { panic!("{:?}", blocked(&world)) };
    let needed: Vec<_> = over.iter().map(|one| (one.limit, one.needed)).collect();
    assert_eq!(needed, [(QuotaLimit::Engines, 2), (QuotaLimit::StorageMib, 572)]);
    let raised = Quota { engines: Some(2), storage_mib: Some(572), ..Quota::default() };
    let more = World::quota_body(world.tenant, raised, 1);
    world.granted(more);
    assert_eq!(blocked(&world), None);
    accepted(world.approve(FAYE, id, FR));
    accepted(world.approve(OMAR, id, GO));
}

#[test]
fn an_exception_ends_by_the_clock_with_nothing_written() {
    let mut world = quota_world();
    let id = granted(&mut world);
    let (tenant, before) = (world.tenant, world.state.clone());
    let allowed = |at| quota_at(&before, &tenant, at).engines;
    let end = next_end(&before, world.now).unwrap();
    assert_eq!(end, world.now.plus_millis(8 * HOUR_MS));
    assert_eq!((allowed(world.now), allowed(end.plus_millis(-1)), allowed(end)), (Some(2), Some(2), Some(1)));
    world.advance(8 * HOUR_MS);
    assert_eq!(world.state, before, "no leaf was needed");
    assert_eq!(
        (
            next_end(&world.state, world.now),
            due_ends(&world.state, &control::Executor::on(model::Service::Engine, world.node), world.now)
        ),
        (None, vec![id])
    );
    // Each node reads back that it is over; then it is closed.
    let leaf = accepted(world.report(Service::Engine, Report::Ended { grant: id }));
    let ended = |effect: &Effect| matches!(effect, Effect::Grant { event: GrantEvent::Ended { .. }, .. });
    assert!(leaf.effects.iter().any(ended));
    assert_eq!((world.status(id), world.state.grants.len()), (Status::Closed, 0));
    assert_eq!(
        world.report(Service::Engine, Report::Ended { grant: id }),
        Err(No::Inadmissible(Inadmissible::NoChange))
    );
    assert_eq!(world.clock(ClockAct::Settle {}), Err(No::Inadmissible(Inadmissible::NoChange)));
}

#[test]
fn an_exception_that_stands_is_not_reported_over_and_a_revocation_ends_it_at_once() {
    let mut world = quota_world();
    let id = granted(&mut world);
    refused(world.report(Service::Engine, Report::Ended { grant: id }), "change.status");
    let leaf = accepted(world.verb(FAYE, "revoke", id));
    let titles: Vec<_> = control::rows(&leaf).iter().map(|row| format!("{:?}", row.title)).collect();
    assert!(titles[0].contains("Quota exception"), "{titles:?}");
    assert_eq!(world.change(id).revoked.map(|by| by.person), Some(world.id(FAYE)), "who ended it is told with it");
    assert_eq!(quota_at(&world.state, &world.tenant, world.now).engines, Some(1));
    accepted(world.report(Service::Engine, Report::Ended { grant: id }));
    assert_eq!(world.status(id), Status::Closed);
}

#[test]
fn of_several_exceptions_the_largest_counts_and_they_never_add_up() {
    let mut world = quota_world();
    granted(&mut world);
    let quota = Quota { engines: Some(3), ..Quota::default() };
    let body = World::quota_body(world.tenant, quota, 1);
    let larger = world.approved_of(OPAL, body);
    accepted(world.run(OPAL, larger));
    assert_eq!(quota_at(&world.state, &world.tenant, world.now).engines, Some(3));
    assert_eq!(quota_at(&world.state, &world.tenant, world.now.plus_millis(HOUR_MS)).engines, Some(2));
}

/// Each fits alone; the second waits for the first, or for an exception.
#[test]
fn two_changes_do_not_begin_together_above_the_quota() {
    let mut world = quota_world();
    let (second, first) = (world.engine, *world.state.engines.keys().next().unwrap());
    assert_ne!(first, second);
    world.engine = first;
    let drained = world.running(KindName::Drain, release());
    world.carry_out(drained, |_, _| End::Done);
    let one = world.approved(KindName::Deployment, release());
    world.engine = second;
    let two = world.approved(KindName::Deployment, release());
    accepted(world.run(OPAL, one));
    refused(world.run(OPAL, two), "quota.exceeded");
    granted(&mut world);
    accepted(world.run(OPAL, two));
}

#[test]
fn a_review_leaves_what_was_granted_standing_to_its_end() {
    let review = control::Review {
        roles: vec![crate::world::SA],
        within_ms: HOUR_MS,
        blocks_author: false,
        when: control::ReviewWhen::Always,
    };
    let mut world = quota_world();
    let mut table = world.state.kinds.clone();
    table.kinds.iter_mut().find(|kind| kind.name == KindName::QuotaException).unwrap().review = Some(review);
    world.change_setting(&control::Setting::Kinds(table));
    let id = granted(&mut world);
    assert_eq!(world.status(id), Status::ReviewDue);
    accepted(world.verb(crate::world::SAUL, "review", id));
    assert_eq!(quota_at(&world.state, &world.tenant, world.now).engines, Some(2));
    assert_eq!(world.status(id), Status::Effective);
    world.advance(8 * HOUR_MS);
    accepted(world.report(Service::Engine, Report::Ended { grant: id }));
    assert_eq!(world.status(id), Status::Closed);
    // Over and read back before its review, it is closed by that.
    let id = granted(&mut world);
    world.advance(8 * HOUR_MS);
    accepted(world.report(Service::Engine, Report::Ended { grant: id }));
    accepted(world.verb(crate::world::SAUL, "review", id));
    assert_eq!(world.status(id), Status::Closed);
}

/// The terms were lowered below what serves: a tenant goes back all the same, and takes no more.
#[test]
fn above_its_quota_a_tenant_is_rolled_back_and_takes_nothing_more() {
    let mut world = World::with_terms(TenantTerms::default());
    let [small, large, larger] = [("small", 64), ("large", 256), ("larger", 512)].map(|(v, mib)| world.publish(v, mib));
    world.deploy(small);
    world.deploy(large);
    let quota = Quota { memory_mib: Some(32), engines: Some(0), ..Quota::default() };
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: world.tenant, quota, envelope: vec![] }] };
    world.change_setting(&Setting::TenantTerms(terms));

    let more = world.sealed(KindName::Deployment, larger);
    accepted(world.approve(FAYE, more, FR));
    refused(world.approve(OMAR, more, GO), "quota.exceeded");
    accepted(world.verb(OPAL, "cancel", more));
    let back = world.effective(KindName::Rollback, small);
    assert_eq!(world.status(back), Status::Effective);
    // From there what served before would be more.
    let again = world.sealed(KindName::Deployment, large);
    accepted(world.approve(FAYE, again, FR));
    refused(world.approve(OMAR, again, GO), "quota.exceeded");
    let same = world.effective(KindName::Deployment, small);
    assert_eq!(world.status(same), Status::Effective);
}

/// The plan is what people approve: for how long it says is for how long it is.
#[test]
fn an_exception_holds_for_as_long_as_its_plan_says() {
    let mut world = quota_world();
    world.replays = false;
    let body = exception(&world);
    let id = world.approved_of(OPAL, body);
    world.state.changes.get_mut(&id).unwrap().plan.as_mut().unwrap().for_ms = Some(HOUR_MS);
    accepted(world.run(OPAL, id));
    assert_eq!(next_end(&world.state, world.now), Some(world.now.plus_millis(HOUR_MS)));
}
