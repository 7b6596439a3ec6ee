//! A rollback while Platform Services or Integration Control is silent: said, read afterwards, reviewed.

use crate::scenes::unchecked;
use crate::world::{End, FAYE, HOUR_MS, MINUTE_MS, No, OMAR, OPAL, SAUL, World, accepted, refused};
use control::{Effect, Inadmissible, Plan};
use model::{ChangeId, Digest, KindName, Service, Status};
use signed::{Act, Observation, Reconciled, Report};

#[test]
fn what_ran_unchecked_is_read_afterwards_and_reviewed_by_a_third_person() {
    let (mut world, id) = unchecked();
    let plan = world.change(id).plan.clone().unwrap();
    assert_eq!(plan.unchecked, [Service::Platform], "the approvers have signed who was silent");
    refused(world.verb(OMAR, "review", id), "role.missing");
    refused(world.verb(FAYE, "review", id), "review.reading_missing");
    accepted(world.observe(id, Service::Platform));
    refused(world.verb(SAUL, "review", id), "review.same_person");
    let leaf = accepted(world.verb(FAYE, "review", id));
    assert_eq!(leaf.effects.len(), 2, "{:?}", leaf.effects);
    assert_eq!(world.status(id), Status::Closed);
}

/// A rollback that is approved while Platform Services is silent, with what shall serve again.
fn approved_unchecked() -> (World, ChangeId, Digest) {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    world.deploy(b);
    let id = world.draft(OPAL, KindName::Rollback, a);
    for service in [Service::Node, Service::Engine, Service::Integration] {
        accepted(world.observe(id, service));
    }
    world.advance(MINUTE_MS);
    accepted(world.seal(OPAL, id));
    world.approve_all(id);
    (world, id, a)
}

#[test]
fn a_reading_signed_before_the_run_is_no_reading_of_what_it_left() {
    let (mut world, id, _) = approved_unchecked();
    let observation = world.sight(Service::Platform);
    let early = world.receipt(Service::Platform, Report::Observed { change: id, revision: 1, observation });
    accepted(world.run(OPAL, id));
    world.carry_out(id, |_, _| crate::world::End::Done);
    refused(world.submit(early), "receipt.seen_too_early");
    accepted(world.observe(id, Service::Platform));
}

#[test]
fn only_platform_and_integration_may_be_left_unchecked_and_only_after_a_minute() {
    for (silent, waited_ms, sealed) in [
        (Service::Integration, MINUTE_MS, true),
        (Service::Integration, MINUTE_MS / 2, false),
        (Service::Node, HOUR_MS, false),
        (Service::Engine, HOUR_MS, false),
    ] {
        let mut world = World::new();
        let (a, b) = (world.publish("a", 64), world.publish("b", 64));
        world.deploy(a);
        world.deploy(b);
        let id = world.draft(OPAL, KindName::Rollback, a);
        world.advance(waited_ms);
        for service in [Service::Platform, Service::Node, Service::Engine, Service::Integration] {
            if service != silent {
                accepted(world.observe(id, service));
            }
        }
        if sealed {
            accepted(world.seal(OPAL, id));
        } else {
            refused(world.seal(OPAL, id), "observation.missing");
        }
    }
}

/// What nobody could say the end of, and people did, is read late and reviewed all the same.
#[test]
fn what_ran_unchecked_and_was_reconciled_as_planned_is_read_late_and_reviewed() {
    let (mut world, id, a) = approved_unchecked();
    accepted(world.run(OPAL, id));
    world.carry_until(id, "switch");
    world.step(id, End::Unknown);
    accepted(world.verb(SAUL, "observe", id));
    let (_, after) = world.change(id).plan.as_ref().and_then(Plan::engine).unwrap();
    let at = after.serving.unwrap();
    let placed = vec![at.placed()];
    for observation in [
        Observation::Engine { generation: after.generation, serving: Some(at), missing: vec![] },
        Observation::Node { memory_free_mib: 512, placed },
        world.sight(Service::Integration),
    ] {
        let report = Report::Observed { change: id, revision: 1, observation };
        accepted(world.report(report_by(&report), report));
    }
    for who in [OPAL, SAUL] {
        let act = Act::Reconcile { change: id, revision: 1, outcome: Reconciled::AsPlanned };
        accepted(world.sign_and_submit(who, act));
    }
    assert_eq!((world.status(id), world.serving()), (Status::ReviewDue, Some(a)));
    refused(world.verb(FAYE, "review", id), "review.reading_missing");
    accepted(world.observe(id, Service::Platform));
    accepted(world.verb(FAYE, "review", id));
    assert_eq!(world.status(id), Status::Closed);
}

fn report_by(report: &Report) -> Service {
    match report {
        Report::Observed { observation, .. } => observation.service(),
        other => panic!("{other:?}"),
    }
}

/// Else nothing could be reviewed until somebody has set a clock.
#[test]
fn a_late_reading_counts_whatever_the_readers_clock_says_and_that_is_recorded() {
    let (mut world, id) = unchecked();
    let observation = world.sight(Service::Platform);
    let mut receipt = world.receipt_of(Service::Platform, Report::Observed { change: id, revision: 1, observation });
    receipt.at = world.now.plus_millis(-3 * MINUTE_MS);
    let command = world.vouch(Service::Platform, receipt);
    let leaf = accepted(world.submit(command));
    assert!(matches!(leaf.effects.last(), Some(Effect::ClockSkewed { .. })), "{:?}", leaf.effects);
    accepted(world.verb(FAYE, "review", id));
}

#[test]
fn a_late_reading_is_taken_once() {
    let (mut world, id) = unchecked();
    let observation = world.sight(Service::Platform);
    let receipt = world.receipt_of(Service::Platform, Report::Observed { change: id, revision: 1, observation });
    let command = world.vouch(Service::Platform, receipt);
    accepted(world.submit(command.clone()));
    // Nobody remembers the receipt any more.
    world.advance(6 * MINUTE_MS);
    let again = world.submit(command);
    assert!(matches!(again, Err(No::Inadmissible(Inadmissible::NoChange))), "{again:?}");
}
