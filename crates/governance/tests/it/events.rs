//! What other systems send.

use crate::fixture::{AUDITOR, OPERATOR_1, TENANT, World, problem, token};
use crate::raw::{announced, raw};
use client::GovernanceClient;
use model::{Category, Scope, Severity};
use serde_json::json;
use wire::{Event, EventRecorded};

/// Contents that are kept under one id.
const CONTENTS: u64 = 8;

fn event(id: &str) -> Event {
    Event {
        id: id.to_owned(),
        source: token("ci.build"),
        kind: token("pipeline.finished"),
        category: Category::Reported,
        severity: Severity::High,
        occurred: Some("2026-03-08T19:18:00.000Z".parse().unwrap()),
        tenant: Some(TENANT),
        title: "Worker + Analyst lease flagged".to_owned(),
        description: Some("Outside the default envelope.".to_owned()),
    }
}

async fn sender(world: &World) -> GovernanceClient {
    world.registered().await;
    world.signed_in(OPERATOR_1, Scope::Ingest).await
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_recorded_in_order_once_and_stay_so_after_a_restart() {
    let mut world = World::new(true).await;
    let client = sender(&world).await;
    let events: Vec<_> = ["a", "b", "a", "c"].map(event).to_vec();
    let recorded = client.events(&events).await.unwrap();
    let indexes: Vec<_> = recorded.iter().map(|recorded| recorded.index).collect();
    assert_eq!(indexes, [0, 1, 0, 2]);
    assert_eq!(recorded[0].leaf_hash, recorded[2].leaf_hash);
    assert_eq!(client.events(&events[1..2]).await.unwrap(), recorded[1..2]);
    let mut other = event("a");
    other.source = token("ci.other");
    assert_eq!(client.events(&[other]).await.unwrap()[0].index, 3, "another source, another event");
    let before = world.client().ledger().await.unwrap();
    assert_eq!(before.events_size, 4);
    world.stop().await;
    world.start();
    let after = world.client().ledger().await.unwrap();
    assert_eq!(after.events_size, 4);
    assert_eq!(after.control_size, before.control_size + 1, "its head was committed at the end");
    let client = world.signed_in(OPERATOR_1, Scope::Ingest).await;
    assert_eq!(client.events(&events).await.unwrap(), recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_content_under_the_same_id_is_kept_apart_and_said() {
    let mut world = World::new(true).await;
    let client = sender(&world).await;
    assert_eq!(client.events(&[event("a")]).await.unwrap()[0].index, 0);
    let other = Event { description: Some("Inside the envelope after all.".to_owned()), ..event("a") };
    let third = Event { severity: Severity::Low, ..event("a") };
    for _ in 0..2 {
        let refused = problem(client.events(std::slice::from_ref(&other)).await);
        assert_eq!(refused, (409, "event.conflict".to_owned(), Some(1)));
        assert_eq!(client.events(&[event("a")]).await.unwrap()[0].index, 0, "a true repeat");
    }
    assert_eq!(problem(client.events(&[event("b"), third.clone(), event("c")]).await).1, "event.conflict");
    assert_eq!(world.client().ledger().await.unwrap().events_size, 5, "each content once");
    assert_eq!(client.events(&[event("c")]).await.unwrap()[0].index, 3, "the others are recorded");
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let page = reader.entries(&client::EntryQuery::newest(false, 10)).await.unwrap();
    let row = page.rows.iter().find(|row| row.log == "events" && row.index == 1).unwrap();
    assert!(row.sentence.contains("event 0") && row.sentence.contains("after all"), "{row:?}");
    world.stop().await;
    world.start();
    let client = world.signed_in(OPERATOR_1, Scope::Ingest).await;
    assert_eq!(problem(client.events(&[third]).await).1, "event.conflict");
    let size = world.client().ledger().await.unwrap().events_size;
    assert_eq!(size, 5, "found again after a restart");
    for n in 0..CONTENTS {
        let more = Event { title: format!("content {n}"), ..event("a") };
        assert_eq!(problem(client.events(&[more]).await).1, "event.conflict");
    }
    assert_eq!(world.client().ledger().await.unwrap().events_size, size + CONTENTS - 3, "eight contents of one id");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_arrays_and_single_events_are_one_route() {
    let world = World::new(true).await;
    world.registered().await;
    let expires = crate::fixture::now().plus_millis(60_000);
    let said = crate::fixture::signer(OPERATOR_1)
        .login(world.trust.genesis, crate::fixture::person(OPERATOR_1), Scope::Ingest, expires)
        .unwrap();
    world.client().login(&said.request).await.unwrap();
    let authorization = format!("authorization: Bearer {}", said.token);
    let send = async |kind: &str, body: String| {
        let headers = [format!("content-type: {kind}"), authorization.clone()];
        raw(&world, "POST /v1/events", &[&headers[0], &headers[1]], body.as_bytes()).await
    };
    let line = |id: &str| serde_json::to_string(&event(id)).unwrap();
    let lines = format!("{}\n{}\n", line("a"), line("b"));
    let answer = send("application/x-ndjson", lines.clone()).await;
    let recorded: Vec<EventRecorded> = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(recorded.iter().map(|recorded| recorded.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(send("application/json", lines).await.json(), answer.json(), "sniffed");
    assert_eq!(send("application/json", line("c")).await.json()[0]["index"], 2);

    // One bad line and nothing of it is taken.
    let bad = format!("{}\n{}", line("d"), line("e").replace("Worker", "Worker\\u0007"));
    assert_eq!(send("application/x-ndjson", bad).await.code(), "text.character");
    let many = format!("{}\n", line("f")).repeat(1_001);
    assert_eq!(send("application/x-ndjson", many).await.code(), "events.count");
    let huge = announced(&world, "POST /v1/events", &[&authorization], (1 << 20) + 1).await;
    assert_eq!((huge.status, huge.code().as_str()), (413, "body.too_large"));
    let mut like_ours = event("g");
    like_ours.category = Category::DeploymentPackage;
    like_ours.title = "Deployment package approved for POD Engine Alpha".to_owned();
    let pair = format!("{}\n{}", line("h"), serde_json::to_string(&like_ours).unwrap());
    assert_eq!(send("application/x-ndjson", pair).await.code(), "event.category_reserved");
    let from_us = Event { source: token("governance"), ..event("g") };
    assert_eq!(
        send("application/json", serde_json::to_string(&from_us).unwrap()).await.code(),
        "event.source_reserved"
    );
    let mut unknown = event("g");
    unknown.tenant = Some(model::TenantId([1; 16]));
    assert_eq!(send("application/json", serde_json::to_string(&unknown).unwrap()).await.code(), "event.tenant_unknown");
    assert_eq!(world.client().ledger().await.unwrap().events_size, 3);

    let thousand = (0..1_000).map(|n| line(&format!("t{n}"))).collect::<Vec<_>>().join("\n");
    assert!(thousand.len() < 1 << 20);
    let answer = send("application/x-ndjson", thousand).await;
    let recorded: Vec<EventRecorded> = serde_json::from_slice(&answer.body).unwrap();
    assert!(recorded.iter().zip(3..).all(|(recorded, index)| recorded.index == index), "in their order");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_ingest_token_sends_and_it_does_nothing_else() {
    let world = World::new(true).await;
    let ingest = sender(&world).await;
    assert_eq!(problem(world.client().events(&[event("a")]).await).1, "token.missing");
    for scope in [Scope::Person, Scope::Read] {
        let client = world.signed_in(OPERATOR_1, scope).await;
        assert_eq!(problem(client.events(&[event("a")]).await).1, "scope.forbidden");
    }
    assert_eq!(problem(world.client().bearer("cs_made-up").events(&[event("a")]).await).1, "token.unknown");
    assert_eq!(problem(ingest.people().await).1, "scope.forbidden");
    assert_eq!(world.client().ledger().await.unwrap().events_size, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stands_on_the_timeline_and_its_text_in_no_leaf() {
    let world = World::new(true).await;
    let client = sender(&world).await;
    let quiet = Event { severity: Severity::Info, ..event("quiet") };
    client.events(&[event("a"), quiet]).await.unwrap();
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let page = reader.entries(&client::EntryQuery::newest(false, 10)).await.unwrap();
    let row = &page.rows[0];
    assert_eq!((row.log.as_str(), row.index, row.actor.as_str()), ("events", 0, "ci.build"));
    assert_eq!(
        (row.title.as_str(), row.sentence.as_str()),
        ("Worker + Analyst lease flagged", "Outside the default envelope.")
    );
    assert_eq!(
        (page.headlines, page.events_size),
        (2, 2),
        "the founding and this one; what only informs is no headline"
    );
    let view = reader.entry("events", 0).await.unwrap();
    assert_eq!(view.leaf["by"], json!(crate::fixture::person(OPERATOR_1)));
    assert!(!view.leaf.to_string().contains("Worker"));
    assert_eq!(view.openings[0].as_ref().unwrap().body["title"], "Worker + Analyst lease flagged");
    assert!(view.proof.is_some());
    let all = reader.entries(&client::EntryQuery::newest(true, 200)).await.unwrap();
    let decided = client::EntryQuery { decided: true, ..client::EntryQuery::newest(true, 200) };
    let decided = reader.entries(&decided).await.unwrap();
    assert_eq!(decided.total + 2, all.total, "what was decided here, and nothing that was reported");
    assert!(decided.rows.iter().all(|row| row.log == "control"));
    assert_eq!(problem(reader.entry("events", 2).await).1, "entry.not_found");
}
