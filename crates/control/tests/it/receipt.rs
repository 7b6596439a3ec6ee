//! What services report, when, and what is made of it.

use crate::scenes::{DEPLOYMENT, running};
use crate::world::{End, HOUR_MS, MINUTE_MS, No, OPAL, SAUL, World, accepted, refused, token};
use control::{ClockAct, Effect, Inadmissible, StepEvent};
use model::{Category, Service, Severity, Status};
use signed::{Act, Outcome, Report, ServiceKey};

/// Its executor said that it would act, and was silent for so long that a person is needed.
#[test]
fn an_outcome_after_the_change_has_ended_is_a_leaf_that_changes_nothing() {
    let (mut world, id) = running();
    world.carry_until(id, "place");
    let (service, due) = world.due(id).unwrap();
    let (nonce, intended) = world.intend(service, &due);
    accepted(intended);
    world.advance(10 * MINUTE_MS);
    assert_eq!(world.clock(ClockAct::Settle {}), Err(No::Inadmissible(Inadmissible::NoChange)), "it may still answer");
    world.advance(10 * MINUTE_MS);
    let leaf = accepted(world.clock(ClockAct::Settle {}));
    assert!(matches!(leaf.effects[0], Effect::Step { event: StepEvent::Silent {}, .. }), "{:?}", leaf.effects);
    assert_eq!((world.status(id), world.locked_by()), (Status::Indeterminate, Some(id)));

    let leaf = accepted(world.end(service, &due, nonce, End::Done));
    let late = Effect::Step {
        about: control::About::of(world.change(id)),
        step: due.step,
        executor: service,
        event: StepEvent::LateOutcome { outcome: Outcome::Done },
    };
    assert_eq!(leaf.effects, [late]);
    let row = &control::rows(&leaf)[0];
    assert_eq!((row.headline, row.category, row.severity), (true, Category::Integrity, Severity::High));
    assert_eq!(world.status(id), Status::Indeterminate);
    let again = world.end(service, &due, nonce, End::Done);
    assert!(matches!(again, Err(No::Inadmissible(Inadmissible::Spent(_)))), "{again:?}");
}

#[test]
fn an_outcome_under_a_wrong_clock_is_recorded_and_the_clock_is_named() {
    let (mut world, id) = running();
    let (service, due) = world.due(id).unwrap();
    let (nonce, intended) = world.intend(service, &due);
    accepted(intended);
    let observed = world.change(id).plan.as_ref().unwrap().steps[0].expect;
    let report = Report::Outcome { step: due.step, nonce, outcome: Outcome::Done, code: None, observed };
    let mut receipt = world.receipt_of(service, report);
    receipt.at = receipt.at.plus_millis(-HOUR_MS);
    let signed = receipt.at;
    let command = world.vouch(service, receipt);
    let leaf = accepted(world.submit(command));
    assert!(matches!(leaf.effects[0], Effect::Step { event: StepEvent::Done {}, .. }));
    assert_eq!(leaf.effects[1], Effect::ClockSkewed { service, signed });
}

#[test]
fn an_observation_asked_for_anew_is_not_answered_by_an_older_one() {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let change = world.drafted(DEPLOYMENT, artifact);
    let observation = world.sight(Service::Node);
    let stale = world.receipt(Service::Node, Report::Observed { change, revision: 1, observation });
    accepted(world.verb(OPAL, "observe", change));
    refused(world.submit(stale), "receipt.seen_too_early");
    refused(world.seal(OPAL, change), "observation.missing");
}

/// Somebody else has its key: whatever that key intends, the service itself begins nothing until the
/// roster lists another one.
#[test]
fn a_service_that_reports_a_foreign_intent_begins_nothing_until_its_key_is_replaced() {
    let (mut world, id) = running();
    world.carry_until(id, "check-engine");
    let (service, due) = world.due(id).unwrap();
    let (nonce, intended) = world.intend(service, &due);
    accepted(intended);
    let code = Some(token("foreign_intent"));
    let report = Report::Outcome { step: due.step, nonce, outcome: Outcome::Refused, code, observed: None };
    let leaf = accepted(world.report(service, report));
    let said = control::rows(&leaf).into_iter().find(|row| row.severity == Severity::Critical).unwrap();
    assert!(said.headline);
    assert_eq!(world.status(id), Status::Invalidated);

    let artifact = world.publish("next", 64);
    let next = world.running(DEPLOYMENT, artifact);
    world.carry_until(next, "check-engine");
    assert_eq!(world.due(next), None);
    let (_, intended) = world.intend(service, &due_of(&world, next));
    refused(intended, "service.distrusted");

    // Held meanwhile: what waits for its executor for an hour is people's to reconcile.
    accepted(world.sign_and_submit(SAUL, Act::Hold { change: next, revision: 1 }));
    let fresh = ServiceKey::from_secret(&[77; 32]);
    let mut roster = world.state.roster.clone();
    let entry = roster.services.iter_mut().find(|entry| entry.service == service).unwrap();
    entry.key = fresh.public();
    world.change_roster(OPAL, &roster, &[]);
    world.services.iter_mut().find(|(known, _)| *known == service).unwrap().1 = fresh;
    let hold = world.change(next).holds.keys().next().copied().unwrap();
    accepted(world.sign_and_submit(OPAL, Act::Release { change: next, revision: 1, of: hold }));
    world.carry_out(next, |_, _| End::Done);
    assert_eq!(world.status(next), Status::Effective);
}

/// The step whose turn it is, whoever may begin it.
fn due_of(world: &World, id: model::ChangeId) -> control::DueStep {
    let step = world.change(id).step_due().unwrap();
    let action = world.change(id).plan.as_ref().unwrap().steps[step.step as usize].action.clone();
    control::DueStep { step, action, intent: None }
}
