//! A rollback does without what stays silent, by the clock alone: nothing of the ledger tells that a minute is over.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set up its world has failed")]

use client::{Http, PlatformClient, Signer};
use control::{Answer, Answers};
use desk::{Desk, DraftOrder};
use follower::Follower;
use model::{Digest, Instant, KindName, Service};
use signed::Report;
use std::time::Duration;
use testkit::{Double, World};

/// A clock that goes 57 s before the ledger's: a draft's minute is over 3 s after it was opened.
fn ahead() -> Instant {
    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    Instant::from_millis(i64::try_from(wall).unwrap() + 57_000)
}

#[tokio::test]
async fn a_rollback_goes_on_unchecked_while_the_ledger_stands_still() {
    let (double, dir) = (Double::start().await, tempfile::tempdir().unwrap());
    // As long as Governance waits.
    double.set_poll(Duration::from_secs(25));
    // Two releases, the second of which serves.
    double.register(Digest([1; 32]), 64);
    double.publish(Digest([2; 32]), "2026.03.2", 64);
    for artifact in [Digest([1; 32]), Digest([2; 32])] {
        let change = double.running(artifact);
        double.advance_until(change, |_| false);
    }
    let follower = Follower::open(dir.path(), &double.trust(), double.client()).unwrap();
    let signer = Signer::Key(Box::new(World::person_key(&World::AUTHOR)));
    let platform = PlatformClient::new(Http::new("http://127.0.0.1:1"));
    let desk = Desk::open(double.client(), platform, follower, signer, ahead).await.unwrap();
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
