//! A lease that ends in the middle of its period is accounted for when it has ended.

use crate::running::{Running, TOKEN, artifact, code, leased};
use model::Status;
use testkit::{Double, Failure};

#[tokio::test]
async fn a_lease_that_is_revoked_in_mid_period_has_its_total_recorded_once_nothing_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let (double, lease) = leased(100, None).await;
    let running = Running::start(dir.path(), &double, lease).await;
    running.reserve(1, 60).await.unwrap();
    running.reserve(2, 20).await.unwrap();
    running.post(1, 50).await.unwrap();
    double.revoke(lease);
    running.folded(double.leaves().len()).await;
    assert_eq!(code(running.reserve(3, 1).await), "409 lease.ended");
    assert!(running.usage().await.unwrap().periods[0].journal_entry.is_none(), "20 are reserved still");
    running.post(2, 7).await.unwrap();
    let state = double.until(|state| !state.grants.contains_key(&lease)).await;
    assert_eq!(state.changes[&lease].status, Status::Closed);
    let (used, head) = (double.used(lease), state.journal.unwrap().0);
    assert_eq!((used, head.size), (vec![57], 5), "three were granted or posted before, two after");
    assert_eq!(running.usage().await.unwrap().periods[0].journal_entry, Some(4));
    running.end().await;
}

#[tokio::test]
async fn one_that_ends_by_its_time_is_accounted_for_then_though_its_reservation_is_never_ended() {
    let dir = tempfile::tempdir().unwrap();
    let (double, lease) = leased(100, Some(6_000)).await;
    let running = Running::start(dir.path(), &double, lease).await;
    running.reserve(1, 60).await.unwrap();
    running.post(1, 11).await.unwrap();
    running.reserve_for(2, 20, 100).await.unwrap();
    let state = double.until(|state| !state.grants.contains_key(&lease)).await;
    assert_eq!((state.changes[&lease].status, double.used(lease)), (Status::Closed, vec![11]));
    running.end().await;
}

/// The answer to a receipt is lost, or the receipt is: it is counted once, and nothing waits for ever.
#[tokio::test]
async fn a_total_whose_answer_is_lost_is_counted_once() {
    for failures in [vec![Failure::Unanswered], vec![Failure::Unavailable, Failure::Unanswered]] {
        let dir = tempfile::tempdir().unwrap();
        let (double, lease) = leased(100, None).await;
        let running = Running::start(dir.path(), &double, lease).await;
        running.reserve(1, 60).await.unwrap();
        running.post(1, 50).await.unwrap();
        double.fail(failures);
        double.revoke(lease);
        double.until(|state| !state.grants.contains_key(&lease)).await;
        assert_eq!(double.used(lease), [50]);
        running.end().await;
    }
}

/// The lease that was made final first has the larger id: told in the order of ids, the ledger would refuse the other for
/// ever as of a journal that is shorter than was shown.
#[tokio::test]
async fn totals_of_several_leases_are_all_taken_whatever_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let (double, first) = leased(100, None).await;
    let second = double.grant(Double::cap(100, "UTC", None), None);
    double.serve_with(artifact(), Some(second), TOKEN);
    let mut leases = [first, second];
    leases.sort_unstable();
    let [smaller, larger] = leases;
    // Each is used while it is bound, by one process.
    let mut running = Running::start(dir.path(), &double, second).await;
    running.reserve(1, 10).await.unwrap();
    running.post(1, 5).await.unwrap();
    double.serve_with(artifact(), Some(first), TOKEN);
    running.folded(double.leaves().len()).await;
    running.lease = first;
    running.reserve(2, 10).await.unwrap();
    running.post(2, 6).await.unwrap();
    // The larger is final first, and nothing is heard of it until the other is final, too.
    double.fail(std::iter::repeat_n(Failure::Refused, 10_000));
    for lease in [larger, smaller] {
        double.revoke(lease);
        while running.final_entry(lease).await.is_none() {}
    }
    assert!(running.final_entry(larger).await < running.final_entry(smaller).await);
    running.end().await;
    double.fail([]);
    let running = Running::start(dir.path(), &double, first).await;
    let state = double.until(|state| leases.iter().all(|lease| !state.grants.contains_key(lease))).await;
    let told = [double.used(second), double.used(first)];
    assert_eq!((told, state.journal.unwrap().0.size), ([vec![5], vec![6]], 6));
    running.end().await;
}
