//! More cycles for a while, in the middle of a period.

use crate::running::{Running, code, leased};
use testkit::Double;

#[tokio::test]
async fn a_cap_that_is_raised_and_ends_by_its_time_counts_from_then_on_though_the_ledger_stands_still() {
    let dir = tempfile::tempdir().unwrap();
    let (double, lease) = leased(100, None).await;
    let running = Running::start(dir.path(), &double, lease).await;
    running.reserve(1, 100).await.unwrap();
    assert_eq!(code(running.reserve(2, 1).await), "409 lease.cap_reached");
    let raised = double.grant(Double::cap(200, "America/New_York", Some(lease)), Some(4_000));
    let until = double.state().grants[&raised].until.unwrap();
    running.folded(double.leaves().len()).await;
    running.reserve(2, 60).await.unwrap();
    running.post(2, 60).await.unwrap();
    running.post(1, 30).await.unwrap();
    // 90 are used, of 200 and of the 100 that there are again.
    while follower::system_clock()() < until {
        tokio::task::yield_now().await;
    }
    assert_eq!(code(running.reserve(3, 11).await), "409 lease.cap_reached");
    running.reserve(3, 10).await.unwrap();
    assert_eq!(code(running.reserve(4, 1).await), "409 lease.cap_reached");
    let now = &running.usage().await.unwrap().periods[0];
    assert_eq!((now.posted, now.reserved), (90, 10));
    running.end().await;
}

/// Above the old cap nothing more is granted; what was is not taken back, and can be posted.
#[tokio::test]
async fn what_was_granted_under_a_raised_cap_stands_when_it_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let (double, lease) = leased(100, None).await;
    let running = Running::start(dir.path(), &double, lease).await;
    let raised = double.grant(Double::cap(200, "America/New_York", Some(lease)), Some(3_600_000));
    running.folded(double.leaves().len()).await;
    running.reserve(1, 150).await.unwrap();
    double.revoke(raised);
    running.folded(double.leaves().len()).await;
    assert_eq!(code(running.reserve(2, 1).await), "409 lease.cap_reached");
    assert_eq!(running.post(1, 140).await.unwrap().posted, 140);
    assert_eq!(code(running.reserve(2, 1).await), "409 lease.cap_reached");
    running.end().await;
}
