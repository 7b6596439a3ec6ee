//! Who may read what, through the real routes: every role with every scope, and the console.

use crate::fixture::{
    ARTIFACT, AUDITOR, ENGINE, FINANCE, OPERATOR_1, OPERATOR_2, TENANT, World, console_key, now, person, problem, text,
    token,
};
use crate::raw::raw;
use crate::replica::Replica;
use crate::story::{CHANGE, sealed};
use client::{EntryQuery, GovernanceClient};
use control::{Command, Login, Named, SessionCommand, Viewer};
use model::{AckLevel, Category, Digest, EngineId, Resource, Scope, Severity, TenantId};
use signed::Act;
use view::EntryRow;
use wire::{Event, Submission};

/// A tenant without engine or change.
const OTHER: TenantId = TenantId([22; 16]);

fn event(id: &str, tenant: Option<TenantId>) -> Event {
    Event {
        id: id.to_owned(),
        source: token("ci.build"),
        kind: token("pipeline.finished"),
        category: Category::Reported,
        severity: Severity::High,
        occurred: None,
        tenant,
        title: format!("a secret of {id}"),
        description: None,
    }
}

/// A release published for the tenant without engine alone.
const THEIRS: Digest = Digest([23; 32]);

/// A sealed change of one tenant, another tenant with a release of its own, and events of both and of neither.
async fn furnished(world: &World) {
    let mut replica = Replica::new(world, world.signed_in(OPERATOR_1, Scope::Read).await);
    sealed(world, &mut replica).await;
    let named = vec![text("name", Some(OTHER.into()), "Harbor Goods")];
    let submission = world.said(OPERATOR_1, Act::RegisterTenant { tenant: OTHER }, named).await;
    world.client().submit(&submission, AckLevel::Published).await.unwrap();
    let theirs = Act::Publish {
        resource: Resource::Artifact,
        digest: THEIRS,
        product: token("harbor-core"),
        version: token("1"),
        tenant: Some(OTHER),
    };
    let named = vec![text("name", None, "Harbor's own release")];
    let submission = world.said(OPERATOR_1, theirs, named).await;
    world.client().submit(&submission, AckLevel::Published).await.unwrap();
    let sender = world.signed_in(OPERATOR_1, Scope::Ingest).await;
    sender.events(&[event("a", Some(TENANT)), event("b", Some(OTHER)), event("c", None)]).await.unwrap();
}

/// A login that nobody has signed.
fn made_up() -> Submission {
    let login = Login { token: Digest([1; 32]), scope: Scope::Person, expires: now() };
    let session = SessionCommand { command: client::random_command(), principal: person(OPERATOR_1).into(), login };
    Submission { command: Command::Session(session), openings: vec![], package: None, document: None }
}

impl World {
    async fn console(&self) -> GovernanceClient {
        self.console_with_credential().await.0
    }

    async fn console_with_credential(&self) -> (GovernanceClient, String) {
        let said = client::console_login(&console_key(), self.trust.genesis, now().plus_millis(3_600_000)).unwrap();
        self.client().login(&said.request).await.unwrap();
        (self.client().bearer(said.token.clone()), said.token)
    }
}

fn place(row: &EntryRow) -> (String, u64, u32) {
    (row.log.clone(), row.index, row.effect)
}

/// Every row, three at a time, with the counts that each page said.
async fn rows(reader: &GovernanceClient) -> (Vec<EntryRow>, u64, u64) {
    let mut page = reader.entries(&EntryQuery::newest(true, 3)).await.unwrap();
    let counts = (page.headlines, page.total);
    let mut rows = std::mem::take(&mut page.rows);
    while let Some(next) = &page.next {
        page = reader.entries(&EntryQuery::newest(true, 3).before(Some(next))).await.unwrap();
        assert_eq!((page.headlines, page.total), counts);
        rows.append(&mut page.rows);
    }
    (rows, counts.0, counts.1)
}

/// That this reader sees of the ledger what concerns none but these tenants, and no trace of more.
async fn sees(reader: &GovernanceClient, full: &[EntryRow], own: &[TenantId]) {
    let covered = |tags: &[TenantId]| tags.iter().all(|tag| own.contains(tag));
    let (seen, headlines, total) = rows(reader).await;
    let expected: Vec<_> = full.iter().filter(|row| covered(&row.tags)).cloned().collect();
    assert_eq!(seen.iter().map(place).collect::<Vec<_>>(), expected.iter().map(place).collect::<Vec<_>>());
    assert_eq!(total, expected.len() as u64);
    assert_eq!(headlines, expected.iter().filter(|row| row.headline).count() as u64);

    for row in full {
        let answer = reader.entry(&row.log, row.index).await;
        if covered(&row.tags) {
            assert_eq!(answer.unwrap().rows.iter().find(|known| known.effect == row.effect), Some(row));
        } else {
            assert_eq!(problem(answer), problem(reader.entry(&row.log, 1_000_000).await), "as one that is not there");
        }
    }

    let theirs = own.contains(&TENANT);
    let names = reader.names().await.unwrap();
    assert_eq!(names.people.len(), 4, "the roster is the platform's own");
    assert_eq!(names.tenants.keys().copied().collect::<Vec<_>>(), own);
    assert_eq!(
        (names.engines.len(), names.titles.len(), names.reasons.len()),
        if theirs { (1, 1, 1) } else { (0, 0, 0) }
    );
    let releases: Vec<Digest> = Some(THEIRS).filter(|_| own.contains(&OTHER)).into_iter().chain([ARTIFACT]).collect();
    assert_eq!(names.artifacts.keys().copied().collect::<Vec<_>>(), releases, "{names:?}");
    assert_eq!(names.openings.contains_key(&Named::Resource(THEIRS)), own.contains(&OTHER));
    let listed: Vec<view::ArtifactView> = reader.http().get("/v1/artifacts").await.unwrap();
    assert_eq!(listed.iter().map(|known| known.artifact).collect::<Vec<_>>(), releases);
    let engines: Vec<EngineId> = reader.engines().await.unwrap().iter().map(|engine| engine.id).collect();
    assert_eq!(engines, if theirs { vec![ENGINE] } else { vec![] });
    assert_eq!(reader.changes().await.unwrap().len(), usize::from(theirs));
    let by_engine = EntryQuery { engine: Some(ENGINE), ..EntryQuery::newest(true, 50) };
    assert_eq!(reader.entries(&by_engine).await.unwrap().total > 0, theirs);
    let by_change = EntryQuery { change: Some(CHANGE), ..EntryQuery::newest(true, 50) };
    assert_eq!(reader.entries(&by_change).await.unwrap().total > 0, theirs);
    let secret = EntryQuery { text: "a secret of b".to_owned(), ..EntryQuery::newest(true, 50) };
    assert_eq!(reader.entries(&secret).await.unwrap().rows.len(), usize::from(own.contains(&OTHER)));
    if theirs {
        assert_eq!(reader.change(&CHANGE).await.unwrap().id, CHANGE);
        reader.explain(&CHANGE, &person(FINANCE)).await.unwrap();
    } else {
        let nothing = problem(reader.change(&model::ChangeId([1; 16])).await);
        assert_eq!(problem(reader.change(&CHANGE).await), nothing);
        assert_eq!(problem(reader.explain(&CHANGE, &person(FINANCE)).await), nothing);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_reads_the_platforms_matters_and_those_of_its_tenants_and_counts_nothing_else() {
    let scopes: [&[TenantId]; 3] = [&[TENANT], &[OTHER], &[]];
    for turn in 0..3 {
        // People in order: two operators, a reviewer, an auditor; the first sees everything.
        let world = World::shaped(false, |roster| {
            for (n, person) in roster.people.iter_mut().skip(1).enumerate() {
                person.tenants = Some(scopes[(n + turn) % 3].to_vec());
            }
        })
        .await;
        furnished(&world).await;
        // Of a change that has ended the same is seen and hidden as of an open one.
        if turn > 0 {
            world.sign_and_submit(OPERATOR_1, Act::Cancel { change: CHANGE, revision: 1 }).await.unwrap();
        }
        let full = rows(&world.signed_in(OPERATOR_1, Scope::Read).await).await.0;
        assert!(full.iter().any(|row| row.tags == [TENANT]) && full.iter().any(|row| row.tags.is_empty()));
        let readers = [(OPERATOR_2, Scope::Person), (FINANCE, Scope::Read), (AUDITOR, Scope::Read)];
        let console = world.console().await;
        for (n, (who, scope)) in readers.into_iter().enumerate() {
            let own = scopes[(n + turn) % 3];
            let reader = world.signed_in(who, scope).await;
            let full = rows(&world.signed_in(OPERATOR_1, Scope::Read).await).await.0;
            sees(&reader, &full, own).await;
            sees(&console.viewer(person(who)), &full, own).await;
        }
        let full = rows(&world.signed_in(OPERATOR_1, Scope::Read).await).await.0;
        sees(&console, &full, &[TENANT, OTHER]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_reads_texts_and_does_nothing_else() {
    let world = World::new(false).await;
    furnished(&world).await;
    let console = world.console().await;
    assert_eq!(console.names().await.unwrap().person(&person(FINANCE)), "Finance Reviewer 1");
    assert_eq!(console.entries(&EntryQuery::newest(false, 1)).await.unwrap().rows[0].title, "a secret of c");
    console.tile("control", "tile/entries/000.p/1").await.unwrap();
    let opened = console.entries(&EntryQuery::newest(true, 50)).await.unwrap().rows;
    assert!(opened.iter().any(|row| row.actor == "the console" && row.title == "Credential issued to the console"));

    assert_eq!(problem(console.events(&[event("d", None)]).await).1, "scope.forbidden");
    assert_eq!(problem(console.submit(&made_up(), AckLevel::Durable).await).1, "command.not_accepted");
    let explain = format!("/v1/changes/{CHANGE}/explain");
    assert_eq!(problem(console.http().get::<serde_json::Value>(&explain).await).1, "person.not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_console_reads_for_somebody_else_and_only_for_who_may_read() {
    let world = World::new(false).await;
    let reader = world.signed_in(OPERATOR_1, Scope::Read).await;
    assert_eq!(problem(reader.viewer(person(FINANCE)).names().await).1, "viewer.forbidden");
    let console = world.console().await;
    assert_eq!(problem(console.viewer(person(99)).names().await).1, "reader.unknown");
    console.viewer(person(FINANCE)).names().await.unwrap();
    let said = client::console_login(&console_key(), world.trust.genesis, now().plus_millis(60_000)).unwrap();
    world.client().login(&said.request).await.unwrap();
    let bearer = format!("authorization: Bearer {}", said.token);
    let viewer = format!("countersign-viewer: {}", person(FINANCE));
    for headers in [&[bearer.as_str(), "countersign-viewer: x"][..], &[&bearer, &viewer, &viewer]] {
        assert_eq!(raw(&world, "GET /v1/names", headers, b"").await.code(), "viewer.malformed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_visitor_reads_as_a_governance_operator_and_is_nobody_outside_a_demonstration() {
    for demo in [true, false] {
        let world = World::new(demo).await;
        furnished(&world).await;
        let operator = world.signed_in(OPERATOR_1, Scope::Read).await;
        let (console, credential) = world.console_with_credential().await;
        let visitor = console.viewer(Viewer::DemoVisitor);
        if demo {
            let full = rows(&operator).await.0;
            sees(&visitor, &full, &[TENANT, OTHER]).await;
        } else {
            assert_eq!(problem(visitor.names().await).1, "reader.unknown");
            assert_eq!(problem(visitor.entries(&EntryQuery::newest(true, 3)).await).1, "reader.unknown");
        }
        // It is the console's word about who looks: nobody's credential is the visitor's, and nothing is done by it.
        assert_eq!(problem(operator.viewer(Viewer::DemoVisitor).names().await).1, "viewer.forbidden");
        assert_eq!(problem(visitor.events(&[event("d", None)]).await).1, "scope.forbidden");
        assert_eq!(problem(visitor.submit(&made_up(), AckLevel::Durable).await).1, "command.not_accepted");
        let alone = ["authorization: Bearer demo-visitor", "countersign-viewer: demo-visitor"];
        for headers in [&alone[1..], &alone] {
            assert_eq!(raw(&world, "GET /v1/names", headers, b"").await.status, 401, "demo {demo}");
        }
        let explain = format!("GET /v1/changes/{CHANGE}/explain");
        let headers = [format!("authorization: Bearer {credential}"), alone[1].to_owned()];
        let headers: Vec<_> = headers.iter().map(String::as_str).collect();
        let code = if demo { "person.not_found" } else { "reader.unknown" };
        assert_eq!(raw(&world, &explain, &headers, b"").await.code(), code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_role_reads_nothing() {
    let world = World::shaped(false, |roster| {
        let mut idle = roster.people[3].clone();
        (idle.id, idle.roles) = (person(9), vec![]);
        let openssh = signed::ssh::normalise(&crate::fixture::key(9).public_key().to_openssh().unwrap()).unwrap();
        idle.keys = vec![signed::PersonKey { id: signed::ssh::key_id(&openssh).unwrap(), openssh }];
        roster.people.push(idle);
    })
    .await;
    let idle = world.signed_in(9, Scope::Read).await;
    for path in ["/v1/names", "/v1/people", "/v1/entries", "/v1/entries/control/0", "/v1/changes", "/v1/engines"] {
        assert_eq!(problem(idle.http().get::<serde_json::Value>(path).await).1, "reader.unknown", "{path}");
    }
}
