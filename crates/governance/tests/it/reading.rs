//! Who reads what.

use crate::fixture::{AUDITOR, ENGINE, FINANCE, NODE, OPERATOR_1, TENANT, World, person, problem};
use crate::raw::{get, raw};
use crate::replica::Replica;
use crate::story::{CHANGE, sealed};
use client::EntryQuery;
use model::{Category, Digest, Scope, TenantId};
use signed::Act;
use view::EntryPage;

const READING: [&str; 12] = [
    "/v1/people",
    "/v1/names",
    "/v1/engines",
    "/v1/changes",
    "/v1/changes/47474747474747474747474747474747",
    "/v1/changes/47474747474747474747474747474747/package",
    "/v1/changes/47474747474747474747474747474747/plan",
    "/v1/changes/47474747474747474747474747474747/requirement",
    "/v1/kinds",
    "/v1/artifacts",
    "/v1/entries",
    "/v1/entries/control/0",
];

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_only_what_is_public_is_answered() {
    for demo in [true, false] {
        let world = World::new(demo).await;
        let mut replica = Replica::new(&world, world.signed_in(AUDITOR, Scope::Read).await);
        sealed(&world, &mut replica).await;
        for path in READING {
            let answer = get(&world, path).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, "token.missing"), "{path}");
            assert!(!String::from_utf8(answer.body).unwrap().contains("Operator"), "{path}");
            let made_up = raw(&world, &format!("GET {path}"), &["authorization: Bearer cs_x"], b"").await;
            assert_eq!(made_up.code(), "token.unknown", "{path}");
        }
        for path in ["/v1/ledger", "/healthz", "/readyz", "/log/control/checkpoint", "/log/control/tile/0/000.p/1"] {
            assert_eq!(get(&world, path).await.status, 200, "{path}");
        }
        let package = replica.state().changes[&CHANGE].package_digest;
        for path in ["/log/control/tile/entries/000.p/1", &format!("/v1/blobs/package/{package}")] {
            assert_eq!(get(&world, path).await.status, if demo { 200 } else { 401 }, "demo {demo}: {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reads_names_people_engines_and_blobs() {
    let world = World::new(false).await;
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let mut replica = Replica::new(&world, reader.clone());
    sealed(&world, &mut replica).await;
    let names = reader.names().await.unwrap();
    assert_eq!(names.person(&person(FINANCE)), "Finance Reviewer 1");
    assert_eq!(names.tenant(&TENANT), "Northwind Studio");
    assert_eq!(names.engine(&ENGINE), "POD Engine Alpha");
    assert_eq!(names.artifacts.values().collect::<Vec<_>>(), ["pod-storefront-core 2026.03.1"]);
    assert_eq!(names.reasons[&CHANGE], "New season");
    let people = reader.people().await.unwrap();
    assert_eq!(people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>()[3], "Support Auditor 1");
    let engines = reader.engines().await.unwrap();
    assert_eq!((engines[0].name.as_str(), engines[0].generation), ("POD Engine Alpha", 0));
    assert_eq!(engines[0].node.as_str(), "prod-node-01");
    let changes = reader.changes().await.unwrap();
    assert_eq!((changes.len(), changes[0].id, changes[0].steps.len()), (1, CHANGE, 9));
    let kinds: control::KindTable = reader.http().get("/v1/kinds").await.unwrap();
    assert_eq!(kinds, control::KindTable::standard());
    let artifacts: Vec<view::ArtifactView> = reader.http().get("/v1/artifacts").await.unwrap();
    assert_eq!(artifacts[0].memory_mib, Some(64));

    let package = replica.state().changes[&CHANGE].package_digest;
    let bytes = reader.blob("package", &package).await.unwrap();
    assert_eq!(Digest::of_object("package", &bytes), package);
    assert!(String::from_utf8(bytes).unwrap().contains(&NODE.to_string()));
    for (object, digest) in [("package", Digest::ZERO), ("roster", package), ("secret", package)] {
        assert_eq!(problem(reader.blob(object, &digest).await).1, "blob.missing");
    }
    // What people sign is had byte by byte, and is what the change itself names.
    let signed = async |part: &str| reader.http().get_bytes(&format!("/v1/changes/{CHANGE}/{part}")).await;
    for (part, digest) in [
        ("package", changes[0].package),
        ("plan", changes[0].plan.unwrap()),
        ("requirement", changes[0].requirement.unwrap()),
    ] {
        assert_eq!(Digest::of_object(part, &signed(part).await.unwrap()), digest, "{part}");
    }
    let draft = world.draft(OPERATOR_1, model::ChangeId([88; 16])).await;
    reader.submit(&draft, model::AckLevel::Durable).await.unwrap();
    for (id, part, code) in [
        ([88; 16], "plan", "change.not_sealed"),
        ([88; 16], "requirement", "change.not_sealed"),
        ([1; 16], "package", "change.not_found"),
    ] {
        let path = format!("/v1/changes/{}/{part}", model::ChangeId(id));
        assert_eq!(problem(reader.http().get_bytes(&path).await).1, code, "{path}");
    }
    let opened = reader.entry("control", changes[0].opened).await.unwrap();
    let texts: Vec<_> = opened.openings.iter().map(|opening| opening.as_ref().unwrap().body["text"].as_str()).collect();
    assert_eq!(texts, ["Deploy 2026.03.1", "New season"]);
    assert!(!opened.leaf.to_string().contains("season"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_pinned_filtered_and_bounded() {
    let world = World::new(true).await;
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    for n in 1..8 {
        world.sign_and_submit(OPERATOR_1, Act::RegisterTenant { tenant: TenantId([n; 16]) }).await.unwrap();
    }
    let mut page = reader.entries(&EntryQuery::newest(true, 3)).await.unwrap();
    let total = page.total;
    let mut seen: Vec<_> = page.rows.iter().map(|row| row.index).collect();
    while let Some(next) = page.next {
        world
            .sign_and_submit(OPERATOR_1, Act::RegisterTenant { tenant: TenantId(client::random_bytes()) })
            .await
            .unwrap();
        page = reader.entries(&EntryQuery::newest(true, 3).before(Some(&next))).await.unwrap();
        assert_eq!((page.total, page.control_size, page.newer), (total, total, seen.len() as u64));
        seen.extend(page.rows.iter().map(|row| row.index));
    }
    assert_eq!(seen, (0..total).rev().collect::<Vec<_>>(), "nothing skipped or repeated");

    let page: EntryPage = reader.http().get("/v1/entries?all=true&category=roster").await.unwrap();
    assert_eq!((page.rows.len(), page.rows[0].category), (1, Category::Roster));
    let filtered = EntryQuery { category: Some(Category::AccessControl), ..EntryQuery::newest(true, 3) };
    let page = reader.entries(&filtered).await.unwrap();
    assert_eq!((page.rows.len(), page.newer), (3, 0));
    assert!(page.total > 7, "all that pass the filter, not those of this page");
    let older = reader.entries(&filtered.before(page.next.as_deref())).await.unwrap();
    assert_eq!((older.total, older.newer), (page.total, 3));
    let page: EntryPage = reader.http().get(&format!("/v1/entries?all=true&change={CHANGE}")).await.unwrap();
    assert_eq!((page.rows.len(), page.total), (0, 0));
    for (query, code) in [
        ("limit=0", "query.malformed"),
        ("limit=201", "query.malformed"),
        ("category=x", "query.malformed"),
        ("change=x", "query.malformed"),
        ("severity=loud", "query.malformed"),
        ("engine=x", "query.malformed"),
        ("from=noon", "query.malformed"),
        ("to=2026-03-08", "query.malformed"),
        (&format!("q={}", "x".repeat(201)), "query.malformed"),
        ("before=x", "cursor.unknown"),
        ("before=99.0.0.control.0.0", "cursor.unknown"),
    ] {
        let answer = reader.http().get::<EntryPage>(&format!("/v1/entries?{query}")).await;
        assert_eq!(problem(answer).1, code, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_by_what_they_say_and_by_who_says_it() {
    let world = World::new(true).await;
    let mut replica = Replica::new(&world, world.signed_in(AUDITOR, Scope::Read).await);
    sealed(&world, &mut replica).await;
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let ask = |text: &str, actor: &str, limit| EntryQuery {
        text: text.to_owned(),
        actor: actor.to_owned(),
        ..EntryQuery::newest(true, limit)
    };
    let all = reader.entries(&EntryQuery::newest(true, 200)).await.unwrap();
    let actor = all.rows.iter().map(|row| row.actor.clone()).find(|actor| actor.contains("Runtime")).unwrap();
    for (text, who) in [("SEALED", ""), ("", &*actor.to_uppercase()), ("zebra crossing", ""), ("e", "o")] {
        let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let wanted =
            |row: &&view::EntryRow| has(&row.actor, who) && (has(&row.title, text) || has(&row.sentence, text));
        let wanted: Vec<_> = all.rows.iter().filter(wanted).cloned().collect();
        let page = reader.entries(&ask(text, who, 200)).await.unwrap();
        assert_eq!(page.rows, wanted, "{text} by {who}");
        assert_eq!((page.searched, page.next), (all.total, None), "nothing was left out");
        // Page by page, none is skipped or repeated.
        let (mut rows, mut before) = (vec![], None);
        loop {
            let page = reader.entries(&ask(text, who, 1).before(before.as_deref())).await.unwrap();
            rows.extend(page.rows);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(rows, wanted, "{text} by {who}, one by one");
    }
    let engine = EntryQuery { engine: Some(ENGINE), ..EntryQuery::newest(true, 200) };
    let page = reader.entries(&engine).await.unwrap();
    assert!(!page.rows.is_empty() && page.rows.iter().all(|row| row.change.is_some()));
    let later = EntryQuery { from: Some(all.rows[0].at.plus_millis(1)), ..EntryQuery::newest(true, 200) };
    assert_eq!(reader.entries(&later).await.unwrap().rows, []);
}
