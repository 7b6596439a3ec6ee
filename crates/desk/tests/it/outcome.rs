//! What a word came to is told by the leaf that records it: the first of two people has only asked.

use crate::opened::desk;
use desk::Desk;
use model::{ChangeId, Digest};
use signed::{Act, Outcome, Reconciled, Report, step_key};
use testkit::{Double, World};

/// What somebody's word about a change came to: in past tense, and whether it is in effect.
async fn said(desk: &Desk, change: &ChangeId, act: impl FnOnce(ChangeId, u32) -> Act) -> (String, bool) {
    let index = desk.sign_and_submit_about(change, act, None, None).await.unwrap();
    let outcome = desk.outcome(index).await.unwrap();
    assert_eq!(outcome.in_effect, outcome.waits_for.is_none(), "{outcome:?}");
    (outcome.said, outcome.in_effect)
}

#[tokio::test]
async fn abort_is_asked_by_the_first_and_done_by_the_second() {
    let (double, dir) = (Double::start().await, tempfile::tempdir().unwrap());
    double.register(Digest([1; 32]), 64);
    let change = double.running(Digest([1; 32]));
    double.sign_and_submit(World::AUDITOR, Act::Hold { change, revision: 1 });
    let (first, second) =
        (desk(&double, dir.path(), World::OPERATOR).await, desk(&double, dir.path(), World::AUDITOR).await);
    let abort = |change, revision| Act::Abort { change, revision };
    assert_eq!(said(&first, &change, abort).await, ("asked to abort".to_owned(), false));
    assert_eq!(said(&second, &change, abort).await, ("aborted".to_owned(), true));
    // Whoever asks later is told the same of each entry.
    let asked = double.leaves().len() as u64 - 2;
    assert_eq!(second.outcome(asked).await.unwrap().said, "asked to abort");
}

#[tokio::test]
async fn reconcile_is_asked_until_one_holder_of_each_slot_has_said_the_same() {
    let (double, dir) = (Double::start().await, tempfile::tempdir().unwrap());
    double.register(Digest([1; 32]), 64);
    let change = double.running(Digest([1; 32]));
    assert!(double.advance_until(change, |action| !action.is_check()));
    let step = double.state().changes[&change].step_due().unwrap();
    let executor = double.state().changes[&change].plan.as_ref().unwrap().steps[step.step as usize].executor();
    let nonce = client::random_nonce();
    let act_by = double.state().last.plus_millis(60_000);
    double.accept(double.receipt(executor, Report::Intent { step, key: step_key(&step), nonce, act_by }));
    let code = Some("disk.lost".parse().unwrap());
    double.accept(double.receipt(
        executor,
        Report::Outcome { step, nonce, outcome: Outcome::Unknown, code, observed: None, credential: None },
    ));
    double.sign_and_submit(World::OPERATOR, Act::Observe { change, revision: 1 });
    double.observe(change);
    let (first, second) =
        (desk(&double, dir.path(), World::OPERATOR).await, desk(&double, dir.path(), World::FINANCE).await);
    let reconcile = |change, revision| Act::Reconcile { change, revision, outcome: Reconciled::AsBase };
    assert_eq!(said(&first, &change, reconcile).await, ("asked to reconcile".to_owned(), false));
    assert_eq!(said(&second, &change, reconcile).await, ("reconciled".to_owned(), true));
}
