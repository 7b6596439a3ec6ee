//! A rollback does without what stays silent, by the clock alone: nothing of the ledger tells that a minute is over.

use crate::opened::{desk_by, now, two_releases};
use control::{Answer, Answers};
use desk::DraftOrder;
use model::{Instant, KindName, Service};
use signed::Report;
use std::time::Duration;
use testkit::{Double, World};

/// A clock that goes 57 s before the ledger's: a draft's minute is over 3 s after it was opened.
fn ahead() -> Instant {
    now().plus_millis(57_000)
}

#[tokio::test]
async fn a_rollback_goes_on_unchecked_while_the_ledger_stands_still() {
    let (double, dir) = (Double::start().await, tempfile::tempdir().unwrap());
    // As long as Governance waits.
    double.set_poll(Duration::from_secs(25));
    two_releases(&double);
    let desk = desk_by(&double, dir.path(), World::AUTHOR, ahead).await;
    let answers = Answers::default().with("engine", Answer::Engine(Double::ENGINE));
    let order = DraftOrder { reason: Some("it fails".to_owned()), ..DraftOrder::new(KindName::Rollback, answers) };
    let change = desk.open_draft(&order).await.unwrap();
    // Platform Services and Integration Control are silent.
    for service in [Service::Node, Service::Engine] {
        let (revision, observation) = (1, double.good(service));
        double.accept(double.receipt(service, Report::Observed { change, revision, observation }));
    }
    let at = desk::goes_on_unchecked(&double.state(), &change).expect("those that are silent may be left out");
    let begun = std::time::Instant::now();
    desk.observed(&change).await.unwrap();
    assert!(ahead() >= at, "not before its minute is over");
    assert!(begun.elapsed() < Duration::from_secs(15), "nor much later: {:?}", begun.elapsed());
}
