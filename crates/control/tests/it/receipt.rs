//! What services report, when, and what is made of it.

use crate::scenes::{DEPLOYMENT, running, unchecked};
use crate::world::{End, FAYE, HOUR_MS, MINUTE_MS, No, OPAL, SAUL, World, accepted, refused, token};
use control::{Action, ClockAct, Effect, EngineAction, Inadmissible, StepEvent};
use model::{Category, Service, Severity, Status};
use signed::{Act, Counted, Outcome, Report, ServiceKey};

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
    let ended = |piece: &control::Fragment| matches!(piece, control::Fragment::Text(text) if text.contains("ended"));
    assert!(!row.title.iter().any(ended), "it has not: people say how it does");
    assert_eq!(world.status(id), Status::Indeterminate);
    let again = world.end(service, &due, nonce, End::Done);
    assert!(matches!(again, Err(No::Inadmissible(Inadmissible::Spent(_)))), "{again:?}");
}

/// What an engine may take to start, by its release and its config, is no silence: whenever within its time it began.
#[test]
fn a_start_has_its_own_time_before_its_executor_counts_as_silent() {
    let (mut world, id) = running();
    world.carry_until(id, "start");
    let (service, due) = world.due(id).unwrap();
    let Action::Engine { action: EngineAction::Start { start_within_ms, .. }, .. } = due.action else {
        panic!("{:?}", due.action)
    };
    let soak_ms = world.change(id).plan.as_ref().unwrap().soak_ms;
    let (_, intended) = world.intend(service, &due);
    accepted(intended);
    let (_, intent) = world.change(id).open_intent().unwrap();
    let last = intent.act_by.plus_millis(10 * MINUTE_MS + soak_ms + i64::from(start_within_ms));
    // What is asked is decided a second later.
    world.advance(last.millis_since(world.now) - 1_000);
    assert_eq!(world.clock(ClockAct::Settle {}), Err(No::Inadmissible(Inadmissible::NoChange)), "it may still start");
    world.advance(1);
    accepted(world.clock(ClockAct::Settle {}));
    assert_eq!(world.status(id), Status::Indeterminate);
}

#[test]
fn an_outcome_under_a_wrong_clock_is_recorded_and_the_clock_is_named() {
    let (mut world, id) = running();
    let (service, due) = world.due(id).unwrap();
    let (nonce, intended) = world.intend(service, &due);
    accepted(intended);
    let observed = world.change(id).plan.as_ref().unwrap().steps[0].expect;
    let report =
        Report::Outcome { step: due.step, nonce, outcome: Outcome::Done, code: None, observed, credential: None };
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
    let report =
        Report::Outcome { step: due.step, nonce, outcome: Outcome::Refused, code, observed: None, credential: None };
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

/// A page that tells people to go back rests on this.
#[test]
fn the_last_word_on_the_release_in_service_is_kept_until_another_one_serves() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    let first = world.running(DEPLOYMENT, a);
    world.carry_out(first, |_, _| End::Done);
    let engine = world.engine;
    let counted = Counted { requests: 200, errors: 20, p99_ms: 40, p99_before_ms: None };
    for (generation, kept) in [(2, false), (1, true)] {
        let command = world.receipt(Service::Engine, Report::Regressed { engine, generation, counted });
        let leaf = accepted(world.submit(command));
        assert!(control::rows(&leaf)[0].headline);
        assert_eq!(world.state.engines[&engine].regressed.is_some(), kept, "generation {generation}");
    }
    let report = Report::Restarted { engine, count: 1, failed: 2 };
    let command = world.receipt(Service::Engine, report);
    let leaf = accepted(world.submit(command));
    let row = &control::rows(&leaf)[0];
    assert_eq!((row.headline, row.severity, row.change), (true, Severity::Critical, None));
    let said = world.state.engines[&engine].restarted.unwrap();
    assert_eq!((said.count, said.failed, said.index), (1, 2, world.state.size - 1));

    let second = world.running(DEPLOYMENT, b);
    world.carry_out(second, |_, _| End::Done);
    let known = &world.state.engines[&engine];
    assert_eq!((known.regressed, known.restarted), (None, None));
}

#[test]
fn a_review_that_nobody_signed_in_time_is_said_once_and_can_still_be_signed() {
    let (mut world, id) = unchecked();
    accepted(world.observe(id, Service::Platform));
    world.advance(24 * HOUR_MS - MINUTE_MS);
    assert_eq!(world.clock(ClockAct::Settle {}), Err(No::Inadmissible(Inadmissible::NoChange)), "it is still in time");
    world.advance(MINUTE_MS);
    let leaf = accepted(world.clock(ClockAct::Settle {}));
    let row = &control::rows(&leaf)[0];
    assert_eq!((row.headline, row.severity, row.change), (true, Severity::High, Some(id)));
    assert_eq!(world.clock(ClockAct::Settle {}), Err(No::Inadmissible(Inadmissible::NoChange)), "it is said once");
    assert_eq!(world.status(id), Status::ReviewDue);
    accepted(world.verb(FAYE, "review", id));
}
