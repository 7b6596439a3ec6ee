//! What is refused, what that leaves, and what is answered the second time.

use crate::fixture::{
    AUDITOR, ENGINE, FINANCE, OPERATOR_1, OPERATOR_2, TENANT, World, console_key, now, person, problem, service_key,
    shop, signer, text,
};
use crate::raw::{announced, post};
use crate::replica::Replica;
use crate::story::{CHANGE, sealed};
use client::StatementDraft;
use control::{ClockAct, Command, Verdict};
use model::{AckLevel, ChangeId, Digest, Scope, TenantId};
use signed::{Act, Report, Seen};
use wire::{DocumentUpload, Submission};

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
        let refused = world.sign_and_submit(FINANCE, act).await.unwrap_err();
        let client::ClientError::Problem(detail, _) = &refused else { panic!("{refused}") };
        assert_eq!(detail.code, "role.missing");
        match (detail.entry, detail.see_entry) {
            (Some(entry), None) => assert!(leaves.insert(entry), "a leaf of its own"),
            (None, Some(first)) => {
                assert!(
                    leaves.contains(&first) && refused.to_string().contains("only counted, with entry"),
                    "{refused}"
                );
                summed += 1;
            }
            other => panic!("{other:?}"),
        }
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
async fn a_refusal_is_told_as_of_now_and_an_ended_change_takes_no_more_words() {
    let world = World::new(true).await;
    let mut replica = Replica::new(&world, world.client());
    world.registered().await;
    world.client().submit(&world.draft(OPERATOR_1, CHANGE).await, AckLevel::Published).await.unwrap();
    replica.observe().await;
    let binding = replica.state().changes[&CHANGE].binding(replica.state(), now()).unwrap();
    let approve = || Act::Approve { binding, slot: 1, on_behalf_of: None };
    let draft = world.sign_and_submit(FINANCE, approve()).await.unwrap_err().to_string();
    assert!(draft.contains("change.status") && draft.contains("is draft"), "{draft}");
    world.sign_and_submit(OPERATOR_1, Act::Seal { binding }).await.unwrap();
    let cancelled = world.sign_and_submit(OPERATOR_1, Act::Cancel { change: CHANGE, revision: 1 }).await.unwrap();

    let before = size(&world).await;
    let revised = world.draft(OPERATOR_1, CHANGE).await;
    let ended = (409, "change.ended".to_owned(), None);
    assert_eq!(problem(world.sign_and_submit(FINANCE, approve()).await), ended);
    assert_eq!(problem(world.sign_and_submit(OPERATOR_1, Act::Hold { change: CHANGE, revision: 1 }).await), ended);
    assert_eq!(send(&world, &revised).await, ended, "nor is it revised");
    let told = world.sign_and_submit(FINANCE, approve()).await.unwrap_err().to_string();
    assert!(told.contains(&format!("entry {}", cancelled.index)) && told.contains("another change"), "{told}");
    assert!(!told.contains("recorded as"), "nothing records it: {told}");
    let late = world.said(FINANCE, approve(), vec![]).await;
    let answer = post(&world, "/v1/commands", &[], &late).await.json();
    assert_eq!(answer["error"]["see_entry"], cancelled.index);
    assert_eq!(size(&world).await, before, "none of it is recorded");
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
    let stranger = signer(99).sign_statement(draft(seen)).unwrap();
    assert_eq!(send(&world, &stranger).await.1, "principal.unknown");
    let fork = signer(OPERATOR_1).sign_statement(draft(Seen { root: Digest([1; 32]), ..seen })).unwrap();
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
    let clock = Submission {
        command: Command::Clock { act: ClockAct::Settle {} },
        openings: vec![],
        package: None,
        document: None,
    };
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
    let mut wordy = serde_json::to_value(&named).unwrap();
    wordy["note"] = "hello".into();
    assert_eq!(post(&world, "/v1/commands", &[], &wordy).await.status, 422);
    let huge = announced(&world, "POST /v1/commands", &["content-type: application/json"], (512 << 10) + 1).await;
    assert_eq!((huge.status, huge.code().as_str()), (413, "body.too_large"));
    assert_eq!(size(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_opened_by_its_authors_word_with_exactly_the_package_signed_for() {
    let world = World::new(true).await;
    world.registered().await;
    let draft = world.draft(OPERATOR_1, CHANGE).await;
    let before = size(&world).await;
    let mut forged = draft.clone();
    if let Command::Signed { statement, .. } = &mut forged.command {
        statement.person = person(OPERATOR_2);
    }
    assert_eq!(send(&world, &forged).await.1, "principal.unknown");
    let bare = Submission { package: None, ..draft.clone() };
    assert_eq!(send(&world, &bare).await, (404, "blob.missing".to_owned(), None));
    let differs = Submission { package: world.draft(OPERATOR_1, CHANGE).await.package, ..draft.clone() };
    assert_eq!(send(&world, &differs).await, (400, "package.differs".to_owned(), None));
    let mut unopened = draft.clone();
    unopened.package.as_mut().unwrap().openings.pop();
    assert_eq!(send(&world, &unopened).await.1, "openings.differ");
    let setting = DocumentUpload::Setting(control::Setting::Rules { number: 0 });
    let wordy = Submission { document: Some(setting.clone()), ..draft.clone() };
    assert_eq!(send(&world, &wordy).await, (400, "document.not_named".to_owned(), None));
    let tenant = world.said(OPERATOR_1, Act::RegisterTenant { tenant: TenantId([9; 16]) }, vec![]).await;
    for laden in [
        Submission { package: draft.package.clone(), ..tenant.clone() },
        Submission { document: Some(setting), ..tenant },
    ] {
        assert_eq!(send(&world, &laden).await.1, "command.not_accepted");
    }
    assert_eq!(size(&world).await, before);

    let first = world.client().submit(&draft, AckLevel::Durable).await.unwrap();
    assert_eq!(world.client().submit(&draft, AckLevel::Durable).await.unwrap(), first, "the same word is one");
    let refused = world.draft(FINANCE, ChangeId([72; 16])).await;
    assert_eq!(send(&world, &refused).await.1, "role.missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_governing_document_is_the_one_named_sound_and_of_bounded_size() {
    let world = World::new(true).await;
    let mut replica = Replica::new(&world, world.client());
    replica.sync().await;
    let (base, roster) = (replica.state().roster_digest, replica.state().roster.clone());
    let ask = async |next: &signed::Roster, sent: Option<DocumentUpload>| {
        let body = control::Body::RosterChange { base, next: next.digest().unwrap(), possessions: vec![] };
        let opened = world.open(OPERATOR_1, ChangeId(client::random_bytes()), body, vec![]).await;
        Submission { document: sent, ..opened }
    };
    let mut next = roster.clone();
    next.people[3].tenants = Some(vec![]);
    let whole = |roster: &signed::Roster| Some(DocumentUpload::Roster(roster.clone()));
    let before = size(&world).await;
    let setting = Some(DocumentUpload::Setting(control::Setting::Rules { number: 0 }));
    for (document, told) in [
        (None, (404, "blob.missing")),
        (whole(&roster), (400, "document.differs")),
        (setting, (400, "document.differs")),
    ] {
        let (status, code, entry) = send(&world, &ask(&next, document).await).await;
        assert_eq!(((status, code.as_str()), entry), (told, None));
    }
    let mut unsound = next.clone();
    unsound.people[0].keys.clear();
    let answer = world.client().submit(&ask(&unsound, whole(&unsound)).await, AckLevel::Durable).await;
    let told = answer.unwrap_err().to_string();
    assert!(told.contains("document.unsound") && told.contains("a person has no key"), "{told}");
    let mut wide = next.clone();
    wide.people[3].tenants = Some((0..8_000_u64).map(tenant_of).collect());
    assert_eq!(send(&world, &ask(&wide, whole(&wide)).await).await, (400, "document.too_large".to_owned(), None));
    assert_eq!(size(&world).await, before);
    let missing = world.client().blob("roster", &next.digest().unwrap()).await;
    assert_eq!(problem(missing).1, "blob.missing", "nothing of it was kept");

    // What is accepted is kept before its leaf: a stranger can fetch it and decide the leaf again.
    world.client().submit(&ask(&next, whole(&next)).await, AckLevel::Published).await.unwrap();
    replica.sync().await;
    let bytes = world.client().blob("roster", &next.digest().unwrap()).await.unwrap();
    assert_eq!(bytes, model::canon::to_vec(&next).unwrap());
}

fn tenant_of(n: u64) -> TenantId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&n.to_be_bytes());
    TenantId(id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_again_is_the_same_login_and_its_token_stands_for_no_other() {
    let world = World::new(true).await;
    let (_, token) = client::random_token();
    let signer = crate::fixture::key(OPERATOR_1);
    let key = signed::ssh::key_id(&signer.public_key().to_openssh().unwrap()).unwrap();
    let (ledger, person, expires) = (world.trust.genesis, person(OPERATOR_1), now().plus_millis(60_000));
    let ask = |scope| {
        let login = signed::LoginRequest { ledger, person, key, token, scope, expires };
        let signature = signed::ssh::sign(&signer, &login.message().unwrap()).unwrap();
        wire::SessionRequest::Person { login, signature }
    };
    let first = world.client().login(&ask(Scope::Read)).await.unwrap();
    assert_eq!(world.client().login(&ask(Scope::Read)).await.unwrap(), first);
    assert_eq!(problem(world.client().login(&ask(Scope::Person)).await).1, "token.spent");
    assert_eq!(size(&world).await, 2);
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
        (ask(OPERATOR_1, OPERATOR_1, 25 * 3_600_000, ledger), "credential.lifetime"),
        (ask(OPERATOR_1, OPERATOR_1, -60_000, ledger), "credential.lifetime"),
    ] {
        assert_eq!(problem(world.client().login(&request).await).1, code);
    }
    let mut altered = ask(OPERATOR_1, OPERATOR_1, 60_000, ledger);
    let wire::SessionRequest::Person { login, .. } = &mut altered else { panic!("a person's") };
    login.scope = Scope::Ingest;
    assert_eq!(problem(world.client().login(&altered).await).1, "statement.unsigned");
    let console =
        |key, ledger, life_ms| client::console_login(&key, ledger, now().plus_millis(life_ms)).unwrap().request;
    for (request, code) in [
        (console(service_key(model::Service::Governance), ledger, 60_000), "principal.unknown"),
        (console(console_key(), Digest([1; 32]), 60_000), "statement.other_ledger"),
        (console(console_key(), ledger, 25 * 3_600_000), "credential.lifetime"),
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
    let binding = replica.state().changes[&CHANGE].binding(replica.state(), now()).unwrap();
    world.sign_and_submit(OPERATOR_2, Act::Approve { binding, slot: 0, on_behalf_of: None }).await.unwrap();
    world.sign_and_submit(FINANCE, Act::Approve { binding, slot: 1, on_behalf_of: None }).await.unwrap();
    let held = world.sign_and_submit(AUDITOR, Act::Hold { change: CHANGE, revision: 1 }).await.unwrap();
    let again = world.said(OPERATOR_1, Act::Run { binding, not_before: None }, vec![]).await;
    let answer = post(&world, "/v1/commands", &[], &again).await.json();
    assert_eq!(answer["error"]["code"], "change.held");
    assert_eq!(answer["error"]["message"], "Support Auditor 1 holds this change");
    assert_eq!(answer["error"]["entry"], held.index + 1);
    // An unfounded intent of a service is refused, recorded, and named by ids.
    let step = signed::StepRef { change: CHANGE, revision: 1, step: 0, undo: false };
    let report = Report::Intent {
        step,
        key: signed::step_key(&step),
        nonce: client::random_nonce(),
        act_by: now().plus_millis(1_000),
    };
    let receipt = replica.receipt(model::Service::Platform, report);
    let (status, code, entry) = send(&world, &receipt).await;
    assert_eq!((status, code.as_str(), entry), (409, "step.not_due", Some(held.index + 2)));
    assert_eq!(send(&world, &receipt).await.2, entry);
    let mut forged = receipt;
    if let Command::Receipt { receipt, .. } = &mut forged.command {
        receipt.service = model::Service::Integration;
    }
    assert_eq!(send(&world, &forged).await, (401, "statement.unsigned".to_owned(), None));
    // What a service says it has seen must be of this ledger, as what a person says.
    let other = Seen { size: 1, root: Digest([1; 32]) };
    let report = Report::Ended { grant: CHANGE };
    let fork = replica.receipt_seeing(model::Service::Engine, report, other);
    assert_eq!(send(&world, &fork).await, (401, "statement.fork".to_owned(), None));
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
        let side_ports = [port + 1_000, port + 2_000];
        let engine = model::EngineId(client::random_bytes());
        let act = Act::RegisterEngine {
            engine,
            tenant: TENANT,
            node: crate::fixture::NODE,
            port,
            side_ports,
            profile: shop(),
            hosts: vec![],
        };
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
