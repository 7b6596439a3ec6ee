//! The log as strangers' tools read it.

use crate::fixture::{AUDITOR, OPERATOR_1, TENANT, World};
use crate::raw::get;
use model::{Scope, TenantId};
use signed::Act;
use std::time::Instant;
use tlog::Tree;
use tlog::checkpoint::Checkpoint;
use tlog::inclusion::InclusionProof;
use tlog::note::VerifierKey;
use tlog::tile::decode_bundle;

#[tokio::test(flavor = "multi_thread")]
async fn tiles_are_those_of_the_tree_a_client_computes_itself() {
    let world = World::new(true).await;
    world.registered().await;
    let size = world.seen().await.size;
    let bundle = get(&world, &format!("/log/control/tile/entries/000.p/{size}")).await;
    assert_eq!(bundle.status, 200);
    assert!(bundle.head.contains("content-type: application/octet-stream"), "{}", bundle.head);
    assert!(bundle.head.contains("cache-control: public, max-age=31536000, immutable"), "{}", bundle.head);
    let width = u16::try_from(size).unwrap();
    let mut tree = Tree::new();
    for leaf in decode_bundle(&bundle.body, width).unwrap() {
        tree.push(tlog::leaf_hash(&leaf));
    }
    assert_eq!(tree.root(), world.seen().await.root);
    for width in 1..=width {
        let tile = get(&world, &format!("/log/control/tile/0/000.p/{width}")).await;
        assert_eq!(tile.body, tree.tile(0, 0, width).unwrap(), "every earlier width is served too");
    }
    let beyond = width + 1;
    for path in [&format!("0/000.p/{beyond}"), "0/000", "1/000.p/1", "0/0", "0/000.p/0", "entries/001.p/1", "x"] {
        let none = get(&world, &format!("/log/control/tile/{path}")).await;
        assert_eq!((none.status, none.code().as_str()), (404, "tile.not_found"), "{path}");
    }
    assert_eq!(get(&world, "/log/other/tile/0/000.p/1").await.code(), "log.unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_plain_text_and_that_of_an_idle_log_too() {
    let world = World::new(true).await;
    let info = world.client().ledger().await.unwrap();
    for (log, key, size) in [("control", &info.control_vkey, 1), ("events", &info.events_vkey, 0)] {
        let answer = get(&world, &format!("/log/{log}/checkpoint")).await;
        assert!(answer.head.contains("content-type: text/plain; charset=utf-8"), "{}", answer.head);
        assert!(answer.head.contains("cache-control: no-store"), "{}", answer.head);
        let key: VerifierKey = key.parse().unwrap();
        let note = String::from_utf8(answer.body).unwrap();
        let checkpoint =
            Checkpoint::open(&note, std::slice::from_ref(&key), &format!("{}/{log}", info.origin)).unwrap();
        assert_eq!(checkpoint.size, size);
    }
    assert_eq!(get(&world, "/v1/checkpoints/other").await.code(), "log.unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_answers_as_soon_as_a_newer_checkpoint_is_there() {
    let world = World::new(true).await;
    let at_once = Instant::now();
    world.client().checkpoint("control", 0).await.unwrap();
    let client = world.client();
    let polling = tokio::spawn(async move { client.checkpoint("control", 1).await.unwrap() });
    world.sign_and_submit(OPERATOR_1, Act::RegisterTenant { tenant: TENANT }).await.unwrap();
    let note = polling.await.unwrap();
    assert!(note.lines().nth(1).unwrap() == "2", "{note}");
    assert!(at_once.elapsed().as_secs() < 20, "neither poll waited for its limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_in_progress_does_not_hold_up_a_stop() {
    let mut world = World::new(true).await;
    let client = world.client();
    let polling = tokio::spawn(async move { client.checkpoint("events", 5).await });
    // The poll is in progress once it is counted as a request that was taken.
    while !String::from_utf8(get(&world, "/metrics").await.body)
        .unwrap()
        .contains("in_flight{service=\"governance\"} 2")
    {
        tokio::task::yield_now().await;
    }
    let begun = Instant::now();
    world.stop().await;
    assert!(begun.elapsed().as_secs() < 4);
    assert!(polling.await.unwrap().unwrap().contains("/events\n0\n"), "the newest either way");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entrys_proof_verifies_offline() {
    let world = World::new(true).await;
    for n in 1..6 {
        world.sign_and_submit(OPERATOR_1, Act::RegisterTenant { tenant: TenantId([n; 16]) }).await.unwrap();
    }
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let view = reader.entry("control", 3).await.unwrap();
    let proof: InclusionProof = view.proof.unwrap().parse().unwrap();
    let key: [VerifierKey; 1] = [world.trust.log_keys[0].parse().unwrap()];
    assert!(proof.verify(&key, view.leaf_hash).unwrap().size >= 6);
    let other = reader.entry("control", 4).await.unwrap();
    assert!(proof.verify(&key, other.leaf_hash).is_err());
    let mut bytes = control::LEAF_PREFIX.to_vec();
    bytes.extend(model::canon::to_vec(&view.leaf).unwrap());
    assert_eq!(tlog::leaf_hash(&bytes), view.leaf_hash, "the leaf shown is the leaf hashed");
}
