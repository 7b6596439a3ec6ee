//! What an executor does and does not do.

use crate::bench::{Bench, Outside, artifact, running};
use control::{Body, Command, Quota, TenantTerm, TenantTerms, Terms, Window};
use follower::executor::Acted;
use model::{ChangeId, Service, Status};
use signed::{Outcome, Report, step_key};
use testkit::{Double, Failure, Lie, World, until};

fn reports(double: &Double) -> Vec<Report> {
    let report = |command| match command {
        Command::Receipt { receipt, .. } => receipt.report,
        other => panic!("{other:?}"),
    };
    double.submitted().into_iter().map(report).collect()
}

fn outcomes(double: &Double) -> Vec<(Outcome, Option<String>)> {
    let outcome = |report| match report {
        Report::Outcome { outcome, code, .. } => Some((outcome, code.map(|code| code.to_string()))),
        _ => None,
    };
    reports(double).into_iter().filter_map(outcome).collect()
}

#[tokio::test]
async fn observes_a_draft_once() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    double.register(artifact(), 256);
    let change = double.draft(artifact());
    let outside = Outside::new();
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].observed.contains_key(&Service::Node)).await;
    bench.follower.sync().await.unwrap();
    double.observe(change);
    bench.follower.sync().await.unwrap();
    assert_eq!(reports(&double).len(), 1);
    assert_eq!(outside.at_most_once(), 0);
}

#[tokio::test]
async fn carries_its_steps_through_and_leaves_the_others_alone() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
    double.advance_to(change, Service::Node);
    bench.follow_until(&double, |state| state.changes[&change].steps[4].done.is_some()).await;
    double.advance_to(change, Service::Node);
    assert_eq!(double.state().changes[&change].status, Status::Effective);
    assert_eq!(outside.at_most_once(), 2);
    assert_eq!(outcomes(&double), vec![(Outcome::Done, None); 2]);
}

#[tokio::test]
async fn an_intent_not_begun_in_time_is_late_and_a_new_one_is_made() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let bench = Bench::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
    outside.pass(60_001);
    bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
    assert_eq!(outcomes(&double), [(Outcome::Refused, Some("late".to_owned())), (Outcome::Done, None)]);
    assert_eq!(outside.at_most_once(), 1);
}

#[tokio::test]
async fn an_intent_whose_nonce_it_does_not_hold_is_never_acted_on() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let step = double.state().changes[&change].step_due().unwrap();
    let (nonce, act_by) = (client::random_nonce(), follower::system_clock()().plus_millis(30_000));
    double.accept(double.receipt(Service::Node, Report::Intent { step, key: step_key(&step), nonce, act_by }));
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].status == Status::Indeterminate).await;
    assert_eq!(outcomes(&double), [(Outcome::Unknown, Some("foreign_intent".to_owned()))]);
    assert_eq!(*outside.begun.borrow(), 0);
}

#[tokio::test]
async fn a_damaged_intent_is_damage_and_not_somebody_elses_doing() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let step = double.state().changes[&change].step_due().unwrap();
    let (nonce, act_by) = (client::random_nonce(), follower::system_clock()().plus_millis(30_000));
    double.accept(double.receipt(Service::Node, Report::Intent { step, key: step_key(&step), nonce, act_by }));
    let file = dir.path().join("intents").join(format!("{}.json", step_key(&step)));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "{\"nonce\":").unwrap();
    let bench = Bench::start(dir.path(), &double, &outside).await;
    assert!(files(&bench).1.contains(&*file.to_string_lossy()), "{:?}", files(&bench));
    bench.follow_until(&double, |state| state.changes[&change].status == Status::Indeterminate).await;
    assert_eq!(outcomes(&double), [(Outcome::Unknown, Some("intent.damaged".to_owned()))]);
    bench.follower.sync().await.unwrap();
    until("its step was read back", async || files(&bench).0.then_some(())).await;
    assert!(files(&bench).1.contains("it is removed") && !file.exists(), "{:?}", files(&bench));
    assert_eq!(*outside.begun.borrow(), 0);
    assert!(double.state().distrusted.is_empty(), "its key is as good as before");
}

/// What readiness says of this service's files.
fn files(bench: &Bench) -> (bool, String) {
    let files = bench.follower.readiness().into_iter().find(|check| check.name == "files").unwrap();
    (files.ok, files.why)
}

#[tokio::test]
async fn a_damaged_intent_of_a_change_that_was_given_up_is_told_for_as_long_as_it_lies_there() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let step = double.state().changes[&change].step_due().unwrap();
    double.lose(change, "disk.failed");
    let file = dir.path().join("intents").join(format!("{}.json", step_key(&step)));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "{\"nonce\":").unwrap();
    let bench = Bench::start(dir.path(), &double, &outside).await;
    let (ok, why) = files(&bench);
    assert!(!ok && why.contains(&*file.to_string_lossy()) && why.contains("remove the file"), "{why}");
    bench.kill().await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(files(&Bench::start(dir.path(), &double, &outside).await), (true, "no file is damaged".to_owned()));
}

#[tokio::test]
async fn a_passing_failure_has_the_same_intent_signed_again() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    double.fail([Failure::Unavailable, Failure::Unavailable, Failure::Unavailable]);
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
    let receipt = |command: &control::Command| match command {
        control::Command::Receipt { receipt, .. } => receipt.clone(),
        other => panic!("{other:?}"),
    };
    let tries: Vec<_> = double.submitted()[..4].iter().map(receipt).collect();
    assert!(tries.iter().all(|one| one.report == tries[0].report), "one intent, whatever the wire says");
    assert!(tries.windows(2).all(|two| two[0].command != two[1].command && two[0].at <= two[1].at));
    assert_eq!(outside.at_most_once(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_found_in_the_own_fold() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    double.fail([Failure::Unanswered, Failure::Unanswered, Failure::Unanswered]);
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
    assert_eq!(outside.at_most_once(), 1);
}

#[tokio::test]
async fn an_answer_that_pretends_makes_nothing_happen() {
    for failure in [Failure::Pretended, Failure::Refused] {
        let ((dir, double, change), outside) = (running().await, Outside::new());
        double.fail([failure; 5]);
        let bench = Bench::start(dir.path(), &double, &outside).await;
        // The sixth is recorded; before that nothing may have begun.
        double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
        assert_eq!(*outside.begun.borrow(), 0);
        bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
        assert_eq!(outside.at_most_once(), 1);
    }
}

#[tokio::test]
async fn an_unknown_effect_is_read_again_and_at_last_a_person_is_asked() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    *outside.answers.lock().unwrap() = vec![Acted::unknown("disk.failed", "the disk is full"); 2];
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
    assert_eq!((*outside.begun.borrow(), outside.at_most_once()), (3, 1));
    *outside.answers.lock().unwrap() = vec![Acted::unknown("disk.failed", "the disk is full"); 3];
    double.advance_to(change, Service::Node);
    bench.follow_until(&double, |state| state.changes[&change].status == Status::Indeterminate).await;
    assert_eq!(outcomes(&double)[1], (Outcome::Unknown, Some("disk.failed".to_owned())));
    assert_eq!(*outside.begun.borrow(), 6);
}

#[tokio::test]
async fn a_refusal_says_why() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    *outside.answers.lock().unwrap() =
        vec![Acted::refused("placement.insufficient", "900 MiB are needed, 100 MiB are left")];
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].status == Status::Invalidated).await;
    assert_eq!(outcomes(&double), [(Outcome::Refused, Some("placement.insufficient".to_owned()))]);
}

#[tokio::test]
async fn a_held_change_begins_no_new_step() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let revision = double.state().changes[&change].revision;
    double.sign_and_submit(testkit::World::AUDITOR, signed::Act::Hold { change, revision });
    let bench = Bench::start(dir.path(), &double, &outside).await;
    // Something else that is due comes and goes; the held step does not move.
    let draft = double.draft(artifact());
    bench.follow_until(&double, |state| state.changes[&draft].observed.contains_key(&Service::Node)).await;
    assert!(double.state().changes[&change].steps[1].intent.is_none());
    double.sign_and_submit(
        testkit::World::AUDITOR,
        signed::Act::Release { change, revision, of: testkit::World::AUDITOR },
    );
    bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
}

#[tokio::test]
async fn a_change_outside_its_window_by_the_own_clock_is_not_begun() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    double.register(artifact(), 256);
    let now = follower::system_clock()();
    let window = Window { from: now.plus_millis(-60_000), until: now.plus_millis(60_000) };
    let change = double.draft_within(artifact(), Some(window));
    double.observe(change);
    double.countersign(change);
    double.advance_to(change, Service::Node);
    let outside = Outside::new();
    outside.pass(61_000);
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].status == Status::Invalidated).await;
    assert_eq!(outcomes(&double), [(Outcome::Refused, Some("window.closed".to_owned()))]);
    assert_eq!(*outside.begun.borrow(), 0);
}

#[tokio::test]
async fn a_window_that_was_over_does_not_open_again_for_a_clock_that_is_set_back() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    double.register(artifact(), 256);
    let now = follower::system_clock()();
    let window = Window { from: now.plus_millis(-60_000), until: now.plus_millis(3_600_000) };
    let change = double.draft_within(artifact(), Some(window));
    double.observe(change);
    double.countersign(change);
    let outside = Outside::new();
    outside.pass(3_600_001);
    Bench::start_service(dir.path(), &double, &outside).await.stop().await;
    double.advance_to(change, Service::Node);
    outside.pass(-3_600_001);
    let bench = Bench::start_service(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].status == Status::Invalidated).await;
    assert_eq!(outcomes(&double), [(Outcome::Refused, Some("window.closed".to_owned()))]);
    assert_eq!(*outside.begun.borrow(), 0);
}

#[tokio::test]
async fn an_exception_that_was_over_gives_no_room_again_to_a_clock_that_is_set_back() {
    let quota = |memory_mib| Quota { memory_mib: Some(memory_mib), ..Quota::default() };
    let terms =
        TenantTerms { tenants: vec![TenantTerm { tenant: Double::TENANT, quota: quota(100), envelope: vec![] }] };
    // With a clock that was not past the end there is room; with one that was once, there is none.
    for (past_ms, expected) in [(0, false), (3_600_001, true)] {
        let double = Double::serve(World::new().with_terms(terms.clone()), ([127, 0, 0, 1], 0).into()).await;
        double.register(artifact(), 256);
        let (exception, terms) = (ChangeId([9; 16]), Terms::Quota { tenant: Double::TENANT, quota: quota(512) });
        double.open(World::AUTHOR, exception, Body::Grant { terms, for_ms: Some(3_600_000), asked_by: None }, None);
        double.countersign(exception);
        let change = double.running(artifact());
        let (dir, outside) = (tempfile::tempdir().unwrap(), Outside::new());
        outside.pass(past_ms);
        Bench::start_service(dir.path(), &double, &outside).await.stop().await;
        outside.pass(-past_ms);
        double.advance_to(change, Service::Node);
        let bench = Bench::start_service(dir.path(), &double, &outside).await;
        bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
        assert_eq!(*outside.in_the_way.lock().unwrap(), [expected]);
        let said = bench.follower.readiness().into_iter().find(|check| check.name == "clock").unwrap();
        assert_eq!((said.ok, said.why.contains("clock.json")), (!expected, expected), "{}", said.why);
        bench.stop().await;
    }
}

#[tokio::test]
async fn news_stamped_far_ahead_of_the_own_clock_is_not_acted_on() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let bench = Bench::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
    outside.pass(-180_000);
    let asked = *outside.asked.borrow();
    bench.follower.sync().await.unwrap();
    let mut asks = outside.asked.subscribe();
    let again = asks.wait_for(|now| *now >= asked + 3);
    tokio::time::timeout(std::time::Duration::from_secs(10), again).await.expect("it goes on asking").unwrap();
    assert_eq!(*outside.begun.borrow(), 0, "asked three times, and waits");
    outside.pass(180_000);
    bench.follow_until(&double, |state| state.changes[&change].steps[1].done.is_some()).await;
}

#[tokio::test]
async fn a_stopped_follower_s_executor_does_nothing_more() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let bench = Bench::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
    let mut leaves = double.leaves();
    leaves.push(b"garbage".to_vec());
    double.lie(Lie::Leaves(leaves));
    bench.follower.sync().await.unwrap_err();
    double.lie(Lie::None);
    bench.follower.sync().await.unwrap_err();
    bench.kill().await;
    assert_eq!(*outside.begun.borrow(), 0);
}
