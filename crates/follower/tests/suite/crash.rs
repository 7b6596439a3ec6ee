//! Killed between each pair of durable points, and started again: at most one effect per step.

use crate::bench::{Bench, Gate, Outside, running};
use control::{Command, State};
use model::{ChangeId, Service, Status};
use signed::{Outcome, Report};
use std::sync::Arc;
use testkit::{Double, Failure};

fn done(change: ChangeId, step: usize) -> impl Fn(&State) -> bool {
    move |state| state.changes[&change].steps[step].done.is_some()
}

fn intended(change: ChangeId, step: usize) -> impl Fn(&State) -> bool {
    move |state| state.changes[&change].steps[step].intent.is_some()
}

async fn submitted(double: &Double, outside: &Outside, count: usize) {
    let mut asked = outside.asked.subscribe();
    while double.submitted().len() < count {
        asked.mark_unchanged();
        tokio::select! { _ = asked.changed() => {}, () = tokio::task::yield_now() => {} }
    }
}

/// Starts again after the kill; the step gets done, its effect made once.
async fn resumes(dir: &tempfile::TempDir, double: &Double, outside: &Arc<Outside>, change: ChangeId) {
    outside.gate.send_replace(Gate::Open);
    double.fail([]);
    let bench = Bench::start(dir.path(), double, outside).await;
    bench.follow_until(double, done(change, 1)).await;
    assert_eq!(outside.at_most_once(), 1);
    bench.kill().await;
}

#[tokio::test]
async fn before_the_intent_is_heard_of() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    double.fail([Failure::Unavailable; 1_000]);
    let bench = Bench::start(dir.path(), &double, &outside).await;
    submitted(&double, &outside, 3).await;
    bench.kill().await;
    assert_eq!(outside.at_most_once(), 0);
    resumes(&dir, &double, &outside, change).await;
}

#[tokio::test]
async fn after_the_intent_is_recorded_and_before_it_is_folded() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let bench = Bench::start(dir.path(), &double, &outside).await;
    double.until(intended(change, 1)).await;
    bench.kill().await;
    assert_eq!(outside.at_most_once(), 0, "an answer alone makes nothing happen");
    resumes(&dir, &double, &outside, change).await;
}

#[tokio::test]
async fn before_and_after_the_effect() {
    for gate in [Gate::BeforeEffect, Gate::AfterEffect] {
        let ((dir, double, change), outside) = (running().await, Outside::new());
        outside.gate.send_replace(gate);
        let bench = Bench::start(dir.path(), &double, &outside).await;
        double.until(intended(change, 1)).await;
        bench.follower.sync().await.unwrap();
        outside.acts(1).await;
        // A begun act is carried through, however late it is by now.
        outside.pass(61_000);
        bench.kill().await;
        resumes(&dir, &double, &outside, change).await;
        let late = |command: &Command| match command {
            Command::Receipt { receipt, .. } => {
                matches!(&receipt.report, Report::Outcome { outcome: Outcome::Refused, .. })
            }
            _ => false,
        };
        assert!(!double.submitted().iter().any(late), "nothing is called unchanged that may be changed");
    }
}

#[tokio::test]
async fn with_a_nonce_chosen_and_another_s_intent_in_the_ledger() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    double.fail([Failure::Unavailable; 1_000]);
    let bench = Bench::start(dir.path(), &double, &outside).await;
    submitted(&double, &outside, 1).await;
    bench.kill().await;
    double.fail([]);
    let step = double.state().changes[&change].step_due().unwrap();
    let (key, nonce) = (signed::step_key(&step), client::random_nonce());
    let act_by = follower::system_clock()().plus_millis(30_000);
    double.accept(double.receipt(Service::Node, Report::Intent { step, key, nonce, act_by }));
    let bench = Bench::start(dir.path(), &double, &outside).await;
    bench.follow_until(&double, |state| state.changes[&change].status == Status::Indeterminate).await;
    assert_eq!(*outside.begun.borrow(), 0);
}

#[tokio::test]
async fn after_the_outcome_is_recorded_and_not_answered() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    outside.gate.send_replace(Gate::BeforeEffect);
    let bench = Bench::start(dir.path(), &double, &outside).await;
    double.until(intended(change, 1)).await;
    bench.follower.sync().await.unwrap();
    outside.acts(1).await;
    double.fail([Failure::Unanswered]);
    outside.gate.send_replace(Gate::Open);
    double.until(done(change, 1)).await;
    bench.kill().await;
    resumes(&dir, &double, &outside, change).await;
    let outcomes = double.submitted().into_iter().filter(
        |command| matches!(command, Command::Receipt { receipt, .. } if matches!(receipt.report, Report::Outcome { .. })),
    );
    assert!(outcomes.count() <= 2, "the fold knows that it is done");
}
