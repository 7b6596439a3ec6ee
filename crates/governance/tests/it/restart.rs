//! What was answered is there after a restart; what was altered on disk starts nothing.

use crate::fixture::{AUDITOR, ENGINE, FINANCE, OPERATOR_1, OPERATOR_2, World, now};
use crate::replica::Replica;
use crate::story::{CHANGE, sealed};
use governance::GovernanceError;
use model::{Scope, Status};
use signed::Act;
use std::fs;
use std::path::PathBuf;

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_keeps_everything() {
    let mut world = World::new(true).await;
    let mut replica = Replica::new(&world, world.client());
    sealed(&world, &mut replica).await;
    let binding = replica.state().changes[&CHANGE].binding(replica.state(), now()).unwrap();
    let approval = world.said(OPERATOR_2, Act::Approve { binding, slot: 0, on_behalf_of: None }, vec![]).await;
    let approved = world.client().submit(&approval, model::AckLevel::Durable).await.unwrap();
    let expires = now().plus_millis(60_000);
    let said = crate::fixture::signer(AUDITOR)
        .login(world.trust.genesis, crate::fixture::person(AUDITOR), Scope::Read, expires)
        .unwrap();
    world.client().login(&said.request).await.unwrap();
    let before = world.client().bearer(&said.token).changes().await.unwrap();

    world.stop().await;
    world.start();
    let reader = world.client().bearer(&said.token);
    assert_eq!(reader.changes().await.unwrap(), before, "credential, texts and state");
    let again = world.client().submit(&approval, model::AckLevel::Durable).await.unwrap();
    assert_eq!(again, approved, "a statement that was spent stays spent");

    let mut replica = Replica::new(&world, world.client());
    replica.sync().await;
    world.sign_and_submit(FINANCE, Act::Approve { binding, slot: 1, on_behalf_of: None }).await.unwrap();
    world.sign_and_submit(OPERATOR_1, Act::Run { binding, not_before: None }).await.unwrap();
    for stops in 0.. {
        if replica.act().await.is_none() {
            break;
        }
        if stops == 3 {
            world.stop().await;
            world.start();
            replica = Replica::new(&world, world.client());
        }
    }
    replica.sync().await;
    assert_eq!(replica.state().closed[&CHANGE].status, Status::Effective);
    assert_eq!(replica.state().engines[&ENGINE].generation, 1);
}

fn first_segment(world: &World, log: &str) -> PathBuf {
    let files = fs::read_dir(world.dir.path().join(log)).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.is_file() && fs::metadata(path).unwrap().len() > 1_000).collect();
    files.sort();
    files.into_iter().find(|path| fs::read(path).unwrap().windows(12).any(|bytes| bytes == b"countersign/")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_of_a_leaf_is_named_and_starts_nothing() {
    let mut world = World::new(true).await;
    world.registered().await;
    world.stop().await;
    let path = first_segment(&world, "control");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(16).position(|bytes| bytes == b"register_tenant\"").unwrap();
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let error = governance::run(world.options(), async {}).await.unwrap_err();
    assert!(error.to_string().contains("is damaged at byte"), "{error}");
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    governance::run(world.options(), async {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_blob_or_events_log_starts_nothing() {
    let mut world = World::new(true).await;
    world.registered().await;
    let sender = world.signed_in(OPERATOR_1, Scope::Ingest).await;
    let event = r#"{"id":"1","source":"ci","kind":"built","category":"reported","severity":"low","title":"built"}"#;
    sender.events(&[serde_json::from_str(event).unwrap()]).await.unwrap();
    world.stop().await;
    let (events, aside) = (world.dir.path().join("events"), world.dir.path().join("aside"));
    fs::rename(&events, &aside).unwrap();
    let error = governance::run(world.options(), async {}).await.unwrap_err();
    assert!(matches!(error, GovernanceError::EventsLost { size: 1 }), "{error}");
    fs::remove_dir_all(&events).unwrap();
    fs::rename(&aside, &events).unwrap();
    let blobs = world.dir.path().join("blobs");
    let blob = fs::read_dir(&blobs).unwrap().next().unwrap().unwrap().path();
    fs::rename(&blob, &aside).unwrap();
    let error = governance::run(world.options(), async {}).await.unwrap_err();
    assert!(error.to_string().contains("inconclusive at leaf 0"), "{error}");
    fs::rename(&aside, &blob).unwrap();
    governance::run(world.options(), async {}).await.unwrap();
}
