//! Invariant 8, walked along the OpenAPI document: every decided command leaves one leaf; what is
//! malformed, unauthenticated, about nothing or repeated leaves none.

use crate::fixture::{OPERATOR_1, TENANT, World, console_key, now, person, service_key, signer};
use crate::raw::{Answer, get, post};
use model::{ChangeId, Digest, Scope};
use serde_json::{Value, json};
use signed::Act;
use std::collections::BTreeSet;
use wire::Submission;

/// What is sent to a route, and how many entries (control, events) it must leave.
struct Try {
    what: &'static str,
    headers: Vec<String>,
    body: Value,
    leaves: (u64, u64),
}

fn sent(what: &'static str, token: Option<&str>, body: impl serde::Serialize, leaves: (u64, u64)) -> Try {
    let headers = token.map(|token| format!("authorization: Bearer {token}")).into_iter().collect();
    Try { what, headers, body: serde_json::to_value(body).unwrap(), leaves }
}

async fn token(world: &World, scope: Scope) -> String {
    let said =
        signer(OPERATOR_1).login(world.trust.genesis, person(OPERATOR_1), scope, now().plus_millis(60_000)).unwrap();
    world.client().login(&said.request).await.unwrap();
    said.token
}

fn unsigned(mut submission: Submission) -> Submission {
    if let control::Command::Signed { signature, .. } = &mut submission.command {
        signature.clear();
    }
    submission
}

async fn commands(world: &World) -> Vec<Try> {
    let accepted = world.said(OPERATOR_1, Act::RegisterTenant { tenant: model::TenantId([91; 16]) }, vec![]).await;
    let refused = world.said(OPERATOR_1, Act::RegisterTenant { tenant: TENANT }, vec![]).await;
    let unknown = world.said(OPERATOR_1, Act::Cancel { change: ChangeId([1; 16]), revision: 1 }, vec![]).await;
    let opened = world.draft(OPERATOR_1, ChangeId([92; 16])).await;
    let bare = Submission { package: None, ..opened.clone() };
    vec![
        sent("accepted", None, &accepted, (1, 0)),
        sent("accepted, repeated", None, &accepted, (0, 0)),
        sent("refused", None, &refused, (1, 0)),
        sent("refused, repeated", None, &refused, (0, 0)),
        sent("malformed", None, json!({"command": {"signed": 1}}), (0, 0)),
        sent("unauthenticated", None, unsigned(accepted.clone()), (0, 0)),
        sent("about nothing", None, &unknown, (0, 0)),
        sent("a change without its package", None, &bare, (0, 0)),
        sent("a change", None, &opened, (1, 0)),
        sent("a change, repeated", None, &opened, (0, 0)),
    ]
}

fn sessions(world: &World) -> Vec<Try> {
    let login = |n| signer(n).login(world.trust.genesis, person(OPERATOR_1), Scope::Read, now().plus_millis(60_000));
    let console = |key: &signed::ServiceKey, life_ms| {
        let said = client::console_login(key, world.trust.genesis, now().plus_millis(life_ms)).unwrap();
        serde_json::to_value(said.request).unwrap()
    };
    let mut unsigned = console(&console_key(), 60_000);
    unsigned["console"]["login"]["token"] = Digest::ZERO.to_string().into();
    let (good, stranger) = (login(OPERATOR_1).unwrap().request, login(99).unwrap().request);
    vec![
        sent("accepted", None, &good, (1, 0)),
        sent("repeated", None, &good, (0, 0)),
        sent("malformed", None, json!({"login": {}}), (0, 0)),
        sent("unauthenticated", None, &stranger, (0, 0)),
        sent("the console", None, console(&console_key(), 60_000), (1, 0)),
        sent("the console, for too long", None, console(&console_key(), 25 * 3_600_000), (0, 0)),
        sent("another console", None, console(&service_key(model::Service::Node), 60_000), (0, 0)),
        sent("not the console's signature", None, unsigned, (0, 0)),
    ]
}

async fn events(world: &World) -> Vec<Try> {
    let (ingest, read) = (token(world, Scope::Ingest).await, token(world, Scope::Read).await);
    let event = json!({"id": "1", "source": "ci", "kind": "built", "category": "reported", "severity": "low", "title": "built"});
    let unknown = json!({"id": "2", "source": "ci", "kind": "built", "category": "reported", "severity": "low",
        "title": "built", "tenant": "01010101010101010101010101010101"});
    vec![
        sent("accepted", Some(&ingest), &event, (0, 1)),
        sent("repeated", Some(&ingest), &event, (0, 0)),
        sent("malformed", Some(&ingest), json!([{"id": 1}]), (0, 0)),
        sent("about nothing", Some(&ingest), &unknown, (0, 0)),
        sent("unauthenticated", None, &event, (0, 0)),
        sent("another scope", Some(&read), &event, (0, 0)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_decided_command_leaves_one_leaf_and_nothing_else_leaves_any() {
    let mut world = World::new(true).await;
    world.registered().await;
    let document = get(&world, "/openapi.json").await.json();
    let mut walked = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["post", "put", "patch", "delete"].iter().filter(|method| item[**method].is_object()) {
            let operation = &item[*method];
            let tries = match (*method, path.as_str()) {
                ("post", "/v1/commands") => commands(&world).await,
                ("post", "/v1/sessions") => sessions(&world),
                ("post", "/v1/events") => events(&world).await,
                other => panic!("{other:?} changes something and is not tried here"),
            };
            for Try { what, headers, body, leaves } in tries {
                let before = world.client().ledger().await.unwrap();
                let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
                let answer: Answer = post(&world, path, &headers, &body).await;
                let after = world.client().ledger().await.unwrap();
                let left = (after.control_size - before.control_size, after.events_size - before.events_size);
                assert_eq!(left, leaves, "{path}, {what}: {}", String::from_utf8_lossy(&answer.body));
                assert_ne!(answer.status, 500, "{path}, {what}");
            }
            walked.insert((path.clone(), operation["x-countersign-entry"].clone().to_string()));
        }
        if item["get"].is_object() {
            let before = world.client().ledger().await.unwrap();
            get(&world, &path.replace(['{', '}', '*'], "")).await;
            assert_eq!(world.client().ledger().await.unwrap(), before, "reading {path} leaves nothing");
        }
    }
    let expected = [("/v1/commands", "leaf"), ("/v1/events", "summed"), ("/v1/sessions", "leaf")];
    let expected: Vec<_> = expected.iter().map(|(path, entry)| ((*path).to_owned(), format!("{entry:?}"))).collect();
    assert_eq!(walked.into_iter().collect::<Vec<_>>(), expected);
    // What was summed: the events in one head.
    let before = world.client().ledger().await.unwrap().control_size;
    world.stop().await;
    world.start();
    assert_eq!(world.client().ledger().await.unwrap().control_size, before + 1);
}
