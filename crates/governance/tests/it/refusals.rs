//! What is refused, what that leaves, and what is answered the second time.

use crate::fixture::{
    AUDITOR, ENGINE, FINANCE, OPERATOR_1, OPERATOR_2, TENANT, World, console_key, now, person, problem, service_key,
    signer, text,
};
use crate::raw::{announced, post};
use crate::replica::Replica;
use crate::story::{CHANGE, sealed};
use client::StatementDraft;
use client::wire::Submission;
use control::{ClockAct, Command, Verdict};
use model::{AckLevel, ChangeId, Digest, Scope, TenantId};
use warrant::{Act, Report, Seen};

async fn size(world: &World) -> u64 {
    world.client().ledger().await.unwrap().control_size
}

async fn send(world: &World, submission: &Submission) -> (u16, String, Option<u64>) {
    problem(world.client().submit(submission, AckLevel::Durable).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_a_leaf_and_the_same_statement_again_gets_the_same_answer() {
    let world = World::new(true).await;
    let tenant = world.said(FINANCE, Act::RegisterTenant { tenant: TENANT }, vec![]).await;
    let (status, code, entry) = send(&world, &tenant).await;
    assert_eq!((status, code.as_str(), entry), (409, "role.missing", Some(1)));
    assert_eq!(send(&world, &tenant).await, (409, "role.missing".to_owned(), Some(1)));
    assert_eq!(size(&world).await, 2);
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let view = reader.entry("control", 1).await.unwrap();
    assert_eq!(view.rows[0].refused.as_deref(), Some("role.missing"));
    assert_eq!(view.rows[0].actor, "Finance Reviewer 1");

    let good = world.said(OPERATOR_1, Act::RegisterTenant { tenant: TENANT }, vec![]).await;
    let first = world.client().submit(&good, AckLevel::Durable).await.unwrap();
    let again = world.client().submit(&good, AckLevel::Published).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(size(&world).await, first.index + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_of_a_refusal_are_answered_from_its_leaf_and_summed_in_one() {
    let mut world = World::new(true).await;
    // Registrations of one person refused for one reason: the object is the ledger itself. All of
    // it again, should the minute turn in between.
    let mut summed = 0;
    let mut leaves = std::collections::BTreeSet::new();
    for n in 0..5 {
        let act = Act::RegisterTenant { tenant: TenantId([n; 16]) };
        let (_, code, entry) = problem(world.say(FINANCE, act).await);
        assert_eq!(code, "role.missing");
        summed += u32::from(!leaves.insert(entry.unwrap()));
    }
    assert!(leaves.len() <= 2 && summed >= 3);
    let before = size(&world).await;
    assert_eq!(before, 1 + u64::try_from(leaves.len()).unwrap());
    world.stop().await;
    world.start();
    let mut replica = Replica::new(&world, world.client());
    replica.sync().await;
    let mut counted = 0;
    for index in before..size(&world).await {
        let reader = world.signed_in(AUDITOR, Scope::Read).await;
        let leaf = reader.entry("control", index).await.unwrap().leaf;
        if let Ok(Command::Clock { act: ClockAct::Refusals { first, count } }) =
            serde_json::from_value(leaf["command"].clone())
        {
            assert!(leaves.contains(&first));
            counted += count;
        }
    }
    assert_eq!(counted, summed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_told_what_is_missing_now() {
    let world = World::new(true).await;
    world.registered().await;
    let author = world.signed_in(OPERATOR_1, Scope::Person).await;
    author.submit(&world.draft(OPERATOR_1, CHANGE), AckLevel::Published).await.unwrap();
    for (status, next) in [("draft", Some(Act::Cancel { change: CHANGE, revision: 1 })), ("cancelled", None)] {
        let answer = world.say(FINANCE, Act::Withdraw { change: CHANGE, revision: 1 }).await;
        let told = answer.unwrap_err().to_string();
        assert!(told.contains("change.status") && told.contains(&format!("is {status}")), "{told}");
        if let Some(act) = next {
            world.say(OPERATOR_1, act).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_its_authors_leaves_nothing() {
    let world = World::new(true).await;
    let other = World::new(true).await;
    let act = || Act::RegisterTenant { tenant: TENANT };
    let foreign = other.said(OPERATOR_1, act(), vec![]).await;
    assert_eq!(send(&world, &foreign).await.1, "statement.other_ledger");

    let draft = |seen| StatementDraft {
        ledger: world.trust.genesis,
        person: person(OPERATOR_1),
        act: act(),
        texts: vec![],
        not_after: now().plus_millis(60_000),
        seen,
    };
    let seen = world.seen().await;
    let stranger = signer(99).say(draft(seen)).unwrap();
    assert_eq!(send(&world, &stranger).await.1, "principal.unknown");
    let fork = signer(OPERATOR_1).say(draft(Seen { root: Digest([1; 32]), ..seen })).unwrap();
    assert_eq!(send(&world, &fork).await.1, "statement.fork");

    let mut altered = world.said(OPERATOR_1, act(), vec![]).await;
    if let Command::Signed { statement, .. } = &mut altered.command {
        statement.act = Act::RegisterTenant { tenant: TenantId([22; 16]) };
    }
    assert_eq!(send(&world, &altered).await, (401, "statement.unsigned".to_owned(), None));
    assert_eq!(size(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_command_leaves_nothing() {
    let world = World::new(true).await;
    let clock = Submission { command: Command::Clock { act: ClockAct::Settle {} }, openings: vec![], package: None };
    assert_eq!(send(&world, &clock).await.1, "command.not_accepted");
    let unknown = world.said(OPERATOR_1, Act::Hold { change: ChangeId([1; 16]), revision: 1 }, vec![]).await;
    assert_eq!(send(&world, &unknown).await, (404, "object.unknown".to_owned(), None));
    let tenant = Act::RegisterTenant { tenant: TENANT };
    let named = world.said(OPERATOR_1, tenant.clone(), vec![text("name", Some(TENANT.into()), "Acme")]).await;
    let mut unopened = named.clone();
    unopened.openings.clear();
    assert_eq!(send(&world, &unopened).await.1, "openings.differ");
    let stray = world.said(OPERATOR_1, tenant.clone(), vec![text("name", Some(ENGINE.into()), "Acme")]).await;
    assert_eq!(send(&world, &stray).await.1, "part.subject_unknown");
    let silent = world.said(OPERATOR_1, tenant, vec![text("reason", None, " ")]).await;
    assert_eq!(send(&world, &silent).await.1, "reason.empty");
    for (query, code) in [("witnessed", "ack.no_witness"), ("carved", "ack.unknown")] {
        assert_eq!(post(&world, &format!("/v1/commands?ack={query}"), &[], &named).await.code(), code);
    }
    let keyed = post(&world, "/v1/commands", &["idempotency-key: a"], &named).await;
    assert_eq!(keyed.code(), "idempotency.not_taken");
    let mut wordy = serde_json::to_value(&named).unwrap();
    wordy["note"] = "hello".into();
    assert_eq!(post(&world, "/v1/commands", &[], &wordy).await.status, 422);
    let huge = announced(&world, "POST /v1/commands", &["content-type: application/json"], (256 << 10) + 1).await;
    assert_eq!((huge.status, huge.code().as_str()), (413, "body.too_large"));
    assert_eq!(size(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_opened_by_its_own_author_signed_in() {
    let world = World::new(true).await;
    world.registered().await;
    let draft = world.draft(OPERATOR_1, CHANGE);
    assert_eq!(send(&world, &draft).await.1, "token.missing");
    let other = world.signed_in(OPERATOR_2, Scope::Person).await;
    assert_eq!(problem(other.submit(&draft, AckLevel::Durable).await).1, "principal.other");
    let reading = world.signed_in(OPERATOR_1, Scope::Read).await;
    assert_eq!(problem(reading.submit(&draft, AckLevel::Durable).await).1, "scope.forbidden");
    let author = world.signed_in(OPERATOR_1, Scope::Person).await;
    let before = size(&world).await;

    let mut bare = draft.clone();
    bare.package = None;
    assert_eq!(problem(author.submit(&bare, AckLevel::Durable).await).1, "blob.missing");
    let mut differs = draft.clone();
    differs.package = world.draft(OPERATOR_1, CHANGE).package;
    assert_eq!(problem(author.submit(&differs, AckLevel::Durable).await).1, "package.differs");
    let mut unopened = draft.clone();
    unopened.package.as_mut().unwrap().openings.pop();
    assert_eq!(problem(author.submit(&unopened, AckLevel::Durable).await).1, "openings.differ");
    assert_eq!(size(&world).await, before);

    let first = author.submit(&draft, AckLevel::Durable).await.unwrap();
    assert_eq!(author.submit(&draft, AckLevel::Durable).await.unwrap(), first, "its command id makes it one");
    let finance = world.signed_in(FINANCE, Scope::Person).await;
    let refused = finance.submit(&world.draft(FINANCE, ChangeId([72; 16])), AckLevel::Durable).await;
    assert_eq!(problem(refused).1, "role.missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_stands_for_one_request() {
    let world = World::new(true).await;
    world.registered().await;
    let expires = now().plus_millis(60_000);
    let said = signer(OPERATOR_1).login(world.trust.genesis, person(OPERATOR_1), Scope::Person, expires).unwrap();
    let login = world.client().login(&said.request).await.unwrap();
    assert_eq!(world.client().login(&said.request).await.unwrap(), login, "a login again is the same login");
    let authorization = format!("authorization: Bearer {}", said.token);
    let ask = async |submission: &Submission, key: &str| {
        post(&world, "/v1/commands", &[&authorization, &format!("idempotency-key: {key}")], submission).await
    };
    let draft = world.draft(OPERATOR_1, CHANGE);
    let first = ask(&draft, "k1").await;
    assert_eq!(first.status, 200);
    // The same request with another random command id, as a client that retries would send it.
    let mut again = draft.clone();
    if let Command::Session(session) = &mut again.command {
        session.command = client::random_command();
    }
    assert_eq!(ask(&again, "k1").await.json(), first.json());
    let other = world.draft(OPERATOR_1, ChangeId([73; 16]));
    assert_eq!(ask(&other, "k1").await.code(), "idempotency.reused");
    assert_eq!(ask(&other, "k2").await.status, 200);
    let before = size(&world).await;
    assert_eq!(ask(&other, "").await.code(), "idempotency.malformed");
    assert_eq!(size(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_its_persons_own_and_bounded() {
    let world = World::new(true).await;
    let ask = |n: u8, who: u8, life_ms: i64, ledger| {
        let expires = now().plus_millis(life_ms);
        signer(n).login(ledger, person(who), Scope::Person, expires).unwrap().request
    };
    let ledger = world.trust.genesis;
    for (request, code) in [
        (ask(OPERATOR_1, OPERATOR_2, 60_000, ledger), "principal.unknown"),
        (ask(99, OPERATOR_1, 60_000, ledger), "principal.unknown"),
        (ask(OPERATOR_1, OPERATOR_1, 60_000, Digest([1; 32])), "statement.other_ledger"),
        (ask(OPERATOR_1, OPERATOR_1, 25 * 3_600_000, ledger), "command.bounds"),
        (ask(OPERATOR_1, OPERATOR_1, -60_000, ledger), "command.bounds"),
    ] {
        assert_eq!(problem(world.client().login(&request).await).1, code);
    }
    let mut altered = ask(OPERATOR_1, OPERATOR_1, 60_000, ledger);
    let client::wire::SessionRequest::Person { login, .. } = &mut altered else { panic!("a person's") };
    login.scope = Scope::Ingest;
    assert_eq!(problem(world.client().login(&altered).await).1, "statement.unsigned");
    let console =
        |key, ledger, life_ms| client::console_login(&key, ledger, now().plus_millis(life_ms)).unwrap().request;
    for (request, code) in [
        (console(service_key(model::Service::Governance), ledger, 60_000), "principal.unknown"),
        (console(console_key(), Digest([1; 32]), 60_000), "statement.other_ledger"),
        (console(console_key(), ledger, 25 * 3_600_000), "command.bounds"),
    ] {
        assert_eq!(problem(world.client().login(&request).await).1, code);
    }
    assert_eq!(size(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_word_names_people_to_people() {
    let world = World::new(true).await;
    let mut replica = Replica::new(&world, world.client());
    sealed(&world, &mut replica).await;
    let held = world.say(AUDITOR, Act::Hold { change: CHANGE, revision: 1 }).await.unwrap();
    let again = world.said(FINANCE, Act::Hold { change: CHANGE, revision: 1 }, vec![]).await;
    let answer = post(&world, "/v1/commands", &[], &again).await.json();
    assert_eq!(answer["error"]["code"], "change.held");
    assert_eq!(answer["error"]["message"], "Support Auditor 1 holds this change");
    assert_eq!(answer["error"]["entry"], held.index + 1);
    // An unfounded intent of a service is refused, recorded, and named by ids.
    let step = warrant::StepRef { change: CHANGE, revision: 1, step: 0, undo: false };
    let report = Report::Intent {
        step,
        key: warrant::step_key(&step),
        nonce: client::random_nonce(),
        act_by: now().plus_millis(1_000),
    };
    let receipt = replica.receipt(model::Service::Platform, report);
    let (status, code, entry) = send(&world, &receipt).await;
    assert_eq!((status, code.as_str(), entry), (409, "step.not_due", Some(held.index + 2)));
    assert_eq!(send(&world, &receipt).await.2, entry);
    let mut forged = receipt;
    if let Command::Receipt { receipt, .. } = &mut forged.command {
        receipt.service = model::Service::Engine;
    }
    assert_eq!(send(&world, &forged).await, (401, "statement.unsigned".to_owned(), None));
    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let leaf = reader.entry("control", held.index + 2).await.unwrap().leaf;
    let verdict: Verdict = serde_json::from_value(leaf["verdict"].clone()).unwrap();
    assert_eq!(verdict, Verdict::Refused(control::Refusal::StepNotDue {}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_registered_once_and_can_be_read() {
    let world = World::new(true).await;
    world.registered().await;
    let size = world.client().ledger().await.unwrap().control_size;
    let register = async |name: &str| {
        let tenant = Act::RegisterTenant { tenant: TenantId(client::random_bytes()) };
        let submission = world.said(OPERATOR_1, tenant, vec![text("name", None, name)]).await;
        world.client().submit(&submission, AckLevel::Durable).await
    };
    for name in ["Northwind Studio", "NORTHWIND studio", "N\u{43e}rthwind Studio", "Northw\u{456}nd Studio"] {
        assert_eq!(problem(register(name).await), (409, "name.taken".to_owned(), None), "{name}");
    }
    for name in ["", " ", "--", &"x".repeat(81)] {
        assert_eq!(problem(register(name).await).1, "name.length", "{name}");
    }
    for name in ["North\u{200b}wind", "Acme\u{2800}", " Acme", "Acme  2", "Acme\u{a0}2", "\u{3164}a"] {
        assert_eq!(problem(register(name).await).1, "name.character", "{name}");
    }
    let act = Act::RegisterTenant { tenant: TenantId([77; 16]) };
    let nameless = world.said(OPERATOR_1, act, vec![text("note", None, "x")]).await;
    assert_eq!(problem(world.client().submit(&nameless, AckLevel::Durable).await).1, "name.missing");
    assert_eq!(world.client().ledger().await.unwrap().control_size, size, "nothing was recorded");
    // The same statement again is answered as the first time, though its name is now taken: by itself.
    let act = Act::RegisterTenant { tenant: TenantId([78; 16]) };
    let own = world.said(OPERATOR_1, act, vec![text("name", None, "Harbor Goods")]).await;
    let first = world.client().submit(&own, AckLevel::Durable).await.unwrap();
    assert_eq!(world.client().submit(&own, AckLevel::Durable).await.unwrap(), first);
    // Two at once, one name.
    let (one, two) = tokio::join!(register("Twin"), register("Twin"));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_has_a_name_and_ports_of_its_own() {
    let world = World::new(true).await;
    world.registered().await;
    let size = world.client().ledger().await.unwrap().control_size;
    let register = async |name: &str, port: u16| {
        let slot_ports = [port + 1_000, port + 2_000];
        let engine = model::EngineId(client::random_bytes());
        let act = Act::RegisterEngine { engine, tenant: TENANT, node: crate::fixture::NODE, port, slot_ports };
        let submission = world.said(OPERATOR_1, act, vec![text("name", None, name)]).await;
        world.client().submit(&submission, AckLevel::Durable).await
    };
    let served: u16 = world.base().rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(problem(register("pod engine alpha", 8_500).await).1, "name.taken");
    for port in [22, 80, 1_023] {
        assert_eq!(problem(register("SSH", port).await), (400, "port.privileged".to_owned(), None), "{port}");
    }
    for port in [served, served - 1_000, 8_088, 7_088, 6_088] {
        assert_eq!(problem(register("Shop", port).await), (409, "port.own".to_owned(), None), "{port}");
    }
    assert_eq!(world.client().ledger().await.unwrap().control_size, size, "nothing was recorded");
    register("Shop", 8_500).await.unwrap();
}
