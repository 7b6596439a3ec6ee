//! What came of an accepted intent is a leaf, also when its executor comes back after the change was given up.

use crate::bench::{Bench, Gate, Outside, artifact, running};
use control::{ClockAct, Command, Effect, Leaf, StepEvent};
use model::{ChangeId, Service, Status};
use signed::{Outcome, Reconciled, Report};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Double, Failure};

const HOUR_MS: i64 = 3_600_000;

/// What the ledger says that came late.
fn late(double: &Double) -> Vec<Outcome> {
    let effects = double.leaves().into_iter().flat_map(|leaf| Leaf::decode(&leaf).unwrap().effects);
    let outcome = |effect| match effect {
        Effect::Step { event: StepEvent::LateOutcome { outcome }, .. } => Some(outcome),
        _ => None,
    };
    effects.filter_map(outcome).collect()
}

/// The code that the last outcome was submitted with.
fn code(double: &Double) -> Option<String> {
    let code = |command| match command {
        Command::Receipt { receipt, .. } => match receipt.report {
            Report::Outcome { code, .. } => Some(code.map(|code| code.to_string())),
            _ => None,
        },
        _ => None,
    };
    double.submitted().into_iter().filter_map(code).next_back().flatten()
}

fn held(dir: &Path) -> usize {
    let files = std::fs::read_dir(dir.join("intents")).unwrap();
    files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|ext| ext == "json")).count()
}

/// An hour goes by in which nobody hears of the executor.
fn silence(double: &Double, outside: &Outside, change: ChangeId) {
    outside.pass(HOUR_MS);
    double.set_now(Some(follower::system_clock()().plus_millis(HOUR_MS)));
    double.accept(Command::Clock { act: ClockAct::Settle {} });
    assert_eq!(double.state().changes[&change].status, Status::Indeterminate);
}

/// A step whose act was begun, and nobody heard what came of it.
async fn interrupted(gate: Gate, failures: &[Failure]) -> (TempDir, Double, ChangeId, Arc<Outside>) {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    outside.gate.send_replace(gate);
    let bench = Bench::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
    double.fail(failures.iter().copied());
    bench.follower.sync().await.unwrap();
    outside.acts(1).await;
    if gate == Gate::Open {
        double.submitted_until(|commands| commands.len() > 2).await;
    }
    bench.kill().await;
    double.fail([]);
    outside.gate.send_replace(Gate::Open);
    silence(&double, &outside, change);
    (dir, double, change, outside)
}

async fn forgotten(bench: &Bench, dir: &TempDir) {
    let forgotten = async {
        while held(dir.path()) > 0 {
            bench.follower.sync().await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), forgotten).await.expect("what the ledger has is forgotten");
}

/// Starts the executor again: what came late is this, once, and nothing is kept or done any more.
async fn told_once(dir: &TempDir, double: &Double, outside: &Arc<Outside>, told: Outcome, why: Option<&str>) {
    let (begun, submitted) = (*outside.begun.borrow(), double.submitted().len());
    let bench = Bench::start(dir.path(), double, outside).await;
    bench.follow_until(double, |_| !late(double).is_empty()).await;
    forgotten(&bench, dir).await;
    bench.kill().await;
    // Something else that is due comes and goes; of the step nothing more is said.
    let draft = double.draft(artifact());
    let bench = Bench::start(dir.path(), double, outside).await;
    bench.follow_until(double, |state| state.changes[&draft].observed.contains_key(&Service::Node)).await;
    bench.kill().await;
    assert_eq!((late(double), double.submitted().len()), (vec![told], submitted + 2));
    assert_eq!(*outside.begun.borrow(), begun, "nothing is acted");
    assert_eq!(code(double).as_deref(), why);
}

#[tokio::test]
async fn an_interrupted_step_of_a_change_that_was_given_up_is_said_not_to_be_known() {
    for gate in [Gate::BeforeEffect, Gate::AfterEffect] {
        let (dir, double, change, outside) = interrupted(gate, &[]).await;
        told_once(&dir, &double, &outside, Outcome::Unknown, Some("interrupted")).await;
        assert_eq!(double.state().changes[&change].status, Status::Indeterminate, "people say how it ended");
    }
}

#[tokio::test]
async fn an_interrupted_step_of_a_change_that_has_ended_is_said_not_to_be_known() {
    let (dir, double, change, outside) = interrupted(Gate::BeforeEffect, &[]).await;
    double.reconcile(change, Reconciled::AsBase);
    assert!(double.decided().closed.get(&change).is_some());
    told_once(&dir, &double, &outside, Outcome::Unknown, Some("interrupted")).await;
}

#[tokio::test]
async fn an_outcome_that_could_not_be_delivered_is_told_as_it_was() {
    let (dir, double, _, outside) = interrupted(Gate::Open, &[Failure::Unavailable; 1_000]).await;
    told_once(&dir, &double, &outside, Outcome::Done, None).await;
}

#[tokio::test]
async fn an_accepted_intent_that_was_never_begun_changed_nothing() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    let bench = Bench::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
    bench.kill().await;
    silence(&double, &outside, change);
    told_once(&dir, &double, &outside, Outcome::Refused, Some("late")).await;
}

/// Nobody has written down yet that the executor was silent: it does not act on a change that people may look at by now.
#[tokio::test]
async fn a_silence_that_was_not_written_down_is_one_all_the_same() {
    let ((dir, double, change), outside) = (running().await, Outside::new());
    outside.gate.send_replace(Gate::BeforeEffect);
    let bench = Bench::start(dir.path(), &double, &outside).await;
    double.until(|state| state.changes[&change].steps[1].intent.is_some()).await;
    bench.follower.sync().await.unwrap();
    outside.acts(1).await;
    bench.kill().await;
    outside.pass(HOUR_MS);
    double.set_now(Some(follower::system_clock()().plus_millis(HOUR_MS)));
    told_once(&dir, &double, &outside, Outcome::Unknown, Some("interrupted")).await;
    assert_eq!(double.state().changes[&change].status, Status::Indeterminate);
}

/// After the leaf and before its file is forgotten the power goes: a day later the file is removed, and nothing is said.
#[tokio::test]
async fn what_belongs_to_nothing_open_is_removed() {
    let (dir, double, change, outside) = interrupted(Gate::BeforeEffect, &[]).await;
    let file = std::fs::read_dir(dir.path().join("intents")).unwrap();
    let file = file.map(|file| file.unwrap().path()).find(|path| path.extension().is_some_and(|ext| ext == "json"));
    let (path, kept) = file.map(|path| (path.clone(), std::fs::read(path).unwrap())).unwrap();
    told_once(&dir, &double, &outside, Outcome::Unknown, Some("interrupted")).await;
    std::fs::write(&path, kept).unwrap();
    double.set_now(Some(follower::system_clock()().plus_millis(26 * HOUR_MS)));
    outside.pass(25 * HOUR_MS);
    double.reconcile(change, Reconciled::AsBase);
    let submitted = double.submitted().len();
    let bench = Bench::start(dir.path(), &double, &outside).await;
    forgotten(&bench, &dir).await;
    bench.kill().await;
    assert_eq!((double.submitted().len(), late(&double).len()), (submitted, 1));
}
