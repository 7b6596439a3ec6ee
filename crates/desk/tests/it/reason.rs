//! What must say why is not opened without a reason: a draft without one could never be sealed.

use crate::opened::{desk, two_releases};
use control::{Answer, Answers};
use desk::{DeskError, DraftOrder};
use model::KindName;
use testkit::{Double, World};

#[tokio::test]
async fn a_rollback_without_a_reason_is_refused_before_anything_is_recorded_and_a_copy_of_it_revises_it() {
    let (double, dir) = (Double::start().await, tempfile::tempdir().unwrap());
    two_releases(&double);
    let desk = desk(&double, dir.path(), World::AUTHOR).await;
    let answers = Answers::default().with("engine", Answer::Engine(Double::ENGINE));
    let mute = DraftOrder::new(KindName::Rollback, answers);
    let before = double.state().size;
    match desk.open_draft(&mute).await {
        Err(DeskError::Refused { code, .. }) => assert_eq!(code, "change.reason_missing"),
        other => panic!("{other:?}"),
    }
    assert_eq!(double.state().size, before, "nothing was recorded");
    let order = DraftOrder { reason: Some("it fails".to_owned()), ..mute };
    let change = desk.open_draft(&order).await.unwrap();
    let again = DraftOrder { change: Some(change), ..order };
    assert_eq!(desk.open_copy(&again, &change).await.unwrap(), change, "`--from ID --change ID` revises it");
    assert_eq!(double.state().changes[&change].revision, 2);
}
