//! Changes that have ended: listed page by page, and read from the records that are kept of them.

use crate::fixture::{AUDITOR, OPERATOR_1, World, problem};
use client::GovernanceClient;
use model::{AckLevel, ChangeId, Scope, Status};
use signed::Act;
use std::fs;
use view::ChangeView;

fn id(n: u8) -> ChangeId {
    ChangeId([n; 16])
}

/// Four drafts, of which the first three were cancelled, the second before the others.
async fn cancelled(world: &World) {
    world.registered().await;
    for n in 1..=4 {
        let draft = world.draft(OPERATOR_1, id(n)).await;
        world.client().submit(&draft, AckLevel::Published).await.unwrap();
    }
    for n in [2, 1, 3] {
        world.sign_and_submit(OPERATOR_1, Act::Cancel { change: id(n), revision: 1 }).await.unwrap();
    }
}

fn ids(views: &[ChangeView]) -> Vec<ChangeId> {
    views.iter().map(|view| view.id).collect()
}

async fn page(reader: &GovernanceClient, query: &str) -> Vec<ChangeView> {
    reader.http().get(&format!("/v1/changes{query}")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_listed_page_by_page_the_last_to_end_first() {
    let world = World::new(true).await;
    cancelled(&world).await;
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    assert_eq!(ids(&reader.changes().await.unwrap()), [id(4), id(3), id(1), id(2)], "what is open first");
    let mut found = vec![];
    let mut views = page(&reader, "?limit=1").await;
    assert_eq!(ids(&views), [id(4), id(3)], "what is open is on the first page");
    while let Some(first) = views.iter().filter_map(|view| view.ended).min() {
        found.extend(views.iter().filter(|view| view.ended.is_some()).map(|view| (view.id, view.status)));
        views = page(&reader, &format!("?limit=1&ended_before={first}")).await;
    }
    assert_eq!(found, [3, 1, 2].map(|n| (id(n), Status::Cancelled)));
    assert_eq!(ids(&reader.changes_ended_before(1_000).await.unwrap()), [id(3), id(1), id(2)]);
    for wrong in ["?limit=0", "?limit=1001"] {
        let answer = reader.http().get::<Vec<ChangeView>>(&format!("/v1/changes{wrong}")).await;
        assert_eq!((problem(answer).0, wrong.len()), (400, wrong.len()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_record_is_said_and_made_again_by_the_next_start() {
    let mut world = World::new(true).await;
    cancelled(&world).await;
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let whole = reader.change(&id(1)).await.unwrap();
    assert_eq!((whole.status, whole.title.as_deref()), (Status::Cancelled, Some("Deploy 2026.03.1")));
    let path = world.dir.path().join(format!("ended/01/{}.record", id(1)));
    let bytes = fs::read(&path).unwrap();
    // The record of another change, and a damaged one.
    let other = fs::read(world.dir.path().join(format!("ended/02/{}.record", id(2)))).unwrap();
    for damaged in [other, bytes[..40].to_vec()] {
        fs::write(&path, damaged).unwrap();
        let (status, code, _) = problem(reader.change(&id(1)).await);
        assert_eq!((status, code.as_str()), (503, "change.record_lost"));
        let listed = reader.changes().await.unwrap();
        let lost = listed.iter().find(|view| view.id == id(1)).unwrap();
        assert_eq!((lost.status, lost.package, lost.ended), (whole.status, whole.package, whole.ended));
        assert_eq!(lost.blocked.as_ref().unwrap().code, "change.record_lost");
    }
    world.stop().await;
    world.start();
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    assert_eq!(reader.change(&id(1)).await.unwrap(), whole);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}
