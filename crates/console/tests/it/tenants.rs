//! Tenants, their quotas and their AI leases: what each viewer sees, and what is said while Platform Services is silent.

use crate::fixture::Console;
use axum::Json;
use axum::http::HeaderMap;
use axum::routing::get;
use control::{Body, Cap, Envelope, Named, Quota, TenantTerm, TenantTerms, Terms};
use model::{ChangeId, Instant, LeaseClass, Period, Service, TenantId, Token};
use serde_json::{Value, json};
use signed::{Act, JournalHead, Report};
use std::net::{Ipv4Addr, SocketAddr};
use testkit::{Double, World};
use view::Names;

/// A tenant that only who reads everything may see.
const OTHER: TenantId = TenantId([0xb0; 16]);
const LEASE: ChangeId = ChangeId([0x51; 16]);
const LEASE_OF_OTHER: ChangeId = ChangeId([0x52; 16]);
/// A hybrid lease that waits for approval.
const FLAGGED: ChangeId = ChangeId([0x53; 16]);
const EXCEPTION: ChangeId = ChangeId([0x54; 16]);
const OVERRIDE: ChangeId = ChangeId([0x55; 16]);

fn token(text: &str) -> Token {
    text.parse().unwrap()
}

fn cap(tenant: TenantId, class: LeaseClass, cycles: u64, raises: Option<ChangeId>) -> Terms {
    let (zone, purpose) = (token("America/New_York"), token("merchandising"));
    Terms::Cap(Cap { tenant, class, cycles, period: Period::Month, zone, purpose, price: None, raises })
}

fn grants(terms: Terms, for_ms: Option<i64>) -> Body {
    Body::Grant { terms, for_ms, asked_by: None }
}

fn open(double: &Double, id: ChangeId, body: Body) {
    double.open(World::AUTHOR, id, body, None);
    double.observe(id);
}

/// Two tenants with a lease each; one has an exception, an override, and a lease that is asked for.
async fn furnished() -> Double {
    let envelope = vec![Envelope { class: LeaseClass::Worker, cycles: 1_000, period: Period::Month, price: None }];
    let quota = Quota { memory_mib: Some(512), engines: Some(2), per_second: Some(20), ..Quota::default() };
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: Double::TENANT, quota, envelope }] };
    let double = Double::serve(World::scoped().with_terms(terms), (Ipv4Addr::LOCALHOST, 0).into()).await;
    double.sign_and_submit(World::AUTHOR, Act::RegisterTenant { tenant: OTHER });
    double.register(model::Digest([1; 32]), 64);
    let mut names = Names::default();
    for (named, text) in [
        (Named::Tenant(Double::TENANT), Double::TENANT_NAME),
        (Named::Tenant(OTHER), Double::OTHER_NAME),
        (Named::Engine(Double::ENGINE), Double::ENGINE_NAME),
    ] {
        names.say(named, Double::opening(text), true);
    }
    double.name(names);
    for (id, tenant) in [(LEASE, Double::TENANT), (LEASE_OF_OTHER, OTHER)] {
        open(&double, id, grants(cap(tenant, LeaseClass::Worker, 1_000, None), None));
        double.countersign(id);
    }
    let raised = Quota { memory_mib: Some(700), ..Quota::default() };
    open(&double, EXCEPTION, grants(Terms::Quota { tenant: Double::TENANT, quota: raised }, Some(3_600_000)));
    double.countersign(EXCEPTION);
    open(&double, FLAGGED, grants(cap(Double::TENANT, LeaseClass::Hybrid, 50_000, None), None));
    let binding = double.binding(FLAGGED);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding });
    double
}

/// What stands in for Platform Services: ready, and answering what is used of leases until it is dropped.
struct Platform {
    at: SocketAddr,
    served: tokio::task::JoinHandle<()>,
}

impl Platform {
    async fn of(answer: Value) -> Self {
        Self::checked(answer, json!([])).await
    }

    /// One whose checks do not all hold, if there are any.
    async fn checked(answer: Value, checks: Value) -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let asked = move |headers: HeaderMap| async move {
            // By its own word, and never by what Governance trusts.
            assert!(headers.contains_key(signed::CONSOLE_ASK) && !headers.contains_key("authorization"));
            Json(answer)
        };
        let is_ready = checks.as_array().is_some_and(Vec::is_empty);
        let ready = json!({"service": "platform", "version": "0.0.0", "ready": is_ready, "checks": checks});
        let status = if is_ready { axum::http::StatusCode::OK } else { axum::http::StatusCode::SERVICE_UNAVAILABLE };
        let router = axum::Router::new()
            .route("/readyz", get(async move || (status, Json(ready))))
            .route("/v1/artifacts", get(async || Json(json!([]))))
            .route("/v1/leases", get(asked));
        let served = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { at, served }
    }

    fn url(&self) -> String {
        format!("http://{}", self.at)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.served.abort();
    }
}

fn used(now: Instant) -> Value {
    let (from, until) = (now.plus_millis(-86_400_000), now.plus_millis(86_400_000));
    let period = json!({"from": from, "until": until, "posted": 300, "reserved": 50, "reservations": 2});
    let lease = |id: ChangeId, periods: Value| json!({"lease": id, "periods": periods, "journal_size": 5});
    json!({"leases": [lease(LEASE, json!([period])), lease(LEASE_OF_OTHER, json!([]))]})
}

fn now() -> Instant {
    (follower::system_clock())()
}

#[tokio::test]
async fn a_tenants_page_has_each_limit_beside_its_use_and_what_raises_it() {
    let double = furnished().await;
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    let path = format!("/tenants/{}", Double::TENANT);
    console.says(&path, &operator, "Northwind").await;
    let page = console.get(&path, Some(&operator)).await;
    let quota = page.between("id=\"quota\"", "</section>");
    for words in [
        "as its programs declare, not enforced",
        "0 of 700 MiB",
        "512 MiB without the exceptions",
        "0 of 2",
        "no limit",
        "memory 700 MiB",
        ">20 ",
    ] {
        assert!(quota.contains(words) || quota.contains(words.trim()), "{words}: {quota}");
    }
    assert!(quota.contains(&format!("/changes/{EXCEPTION}")), "the exception that stands");
    let ask = format!("/changes/new?kind=quota-exception&#38;tenant={}", Double::TENANT);
    assert!(quota.contains(&ask) || quota.contains(&ask.replace("&#38;", "&amp;")), "{quota}");
    assert!(page.between("id=\"envelope\"", "</section>").contains("Up to 1000 Worker cycles a month"));
    let leases = page.between("id=\"leases\"", "</table>");
    assert!(leases.contains(&format!("/leases/{LEASE}")) && leases.contains("America/New_York"), "{leases}");
    assert!(leases.contains("Not granted: awaiting approval"), "{leases}");
    assert!(leases.contains("Finance Reviewer"), "who must approve it: {leases}");
    assert!(page.body.contains(&format!("/engines/{}", Double::ENGINE)));
    let list = console.get("/tenants", Some(&operator)).await;
    assert!(list.body.contains("Northwind") && list.body.contains("Harbor") && list.body.contains("/tenants/new"));
}

#[tokio::test]
async fn of_a_tenant_with_many_leases_the_list_has_the_newest_and_says_how_many_more() {
    let double = furnished().await;
    for number in 0..7_u8 {
        let id = ChangeId([0x60 + number; 16]);
        open(&double, id, grants(cap(Double::TENANT, LeaseClass::Worker, 10 + u64::from(number), None), None));
        double.countersign(id);
    }
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    console.says("/tenants", &operator, "3 more").await;
    let list = console.get("/tenants", Some(&operator)).await;
    let row = list.between(&format!("data-tenant=\"{}\"", Double::TENANT), "</tr>");
    // Five that are granted, and the one that is asked for.
    assert_eq!((row.matches("/leases/").count(), row.matches("data-standing=\"waiting\"").count()), (6, 1), "{row}");
    assert!(row.contains(&format!("/tenants/{}#tenant-leases", Double::TENANT)), "{row}");
    let own = console.get(&format!("/tenants/{}", Double::TENANT), Some(&operator)).await;
    assert_eq!(own.between("id=\"leases\"", "</table>").matches("<tr data-lease").count(), 9);
    assert!(!own.body.contains("Not listed here"), "its own page has them all");
}

#[tokio::test]
async fn a_lease_says_whether_it_is_flagged_who_approves_it_and_what_raises_it() {
    let double = furnished().await;
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    let path = |id: ChangeId| format!("/leases/{id}");
    console.says(&path(FLAGGED), &operator, "data-flagged=\"true\"").await;
    let page = console.get(&path(FLAGGED), Some(&operator)).await;
    assert!(
        page.body.contains("has no Worker + Analyst lease") && page.body.contains("Finance Reviewer"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("Does not stand: not granted (awaiting approval)")
            && !page.body.contains("id=\"ask-override\"")
    );
    let page = console.get(&path(LEASE), Some(&operator)).await;
    assert!(page.body.contains("data-flagged=\"false\"") && page.body.contains("id=\"ask-override\""));
    assert!(page.body.contains(&format!("lease={LEASE}")), "what is asked for is filled in");

    double.open(
        World::AUTHOR,
        OVERRIDE,
        grants(cap(Double::TENANT, LeaseClass::Worker, 2_500, Some(LEASE)), Some(3_600_000)),
        None,
    );
    double.sign_and_submit(World::AUTHOR, Act::Escalate { change: OVERRIDE, revision: 1 });
    double.countersign(OVERRIDE);
    console.says(&path(LEASE), &operator, "Raised from 1000 to 2500 cycles until").await;
    assert_eq!(console.get(&path(OVERRIDE), Some(&operator)).await.status, 404, "an override is no lease");
    assert_eq!(console.get(&path(EXCEPTION), Some(&operator)).await.status, 404);
}

#[tokio::test]
async fn who_sees_one_tenant_reads_of_no_other_and_no_lease_of_it() {
    let double = furnished().await;
    let console = Console::demo(&double).await;
    let (operator, finance) = (console.seated(World::OPERATOR).await, console.seated(World::FINANCE).await);
    let auditor = console.seated(World::AUDITOR).await;
    console.says(&format!("/leases/{LEASE_OF_OTHER}"), &operator, "Harbor").await;
    for (path, finance_sees) in [
        (format!("/tenants/{OTHER}"), false),
        (format!("/leases/{LEASE_OF_OTHER}"), false),
        (format!("/tenants/{}", Double::TENANT), true),
        (format!("/leases/{LEASE}"), true),
    ] {
        let status = if finance_sees { 200 } else { 404 };
        assert_eq!(console.get(&path, Some(&finance)).await.status, status, "{path}");
        assert_eq!(console.get(&path, Some(&auditor)).await.status, 404, "{path}");
    }
    let list = console.get("/tenants", Some(&finance)).await.body;
    assert!(list.contains("Northwind") && !list.contains("Harbor"), "{list}");
    let page = console.get(&format!("/tenants/{}", Double::TENANT), Some(&finance)).await.body;
    assert!(!page.contains("id=\"ask-terms\""), "a document that leaves the rest out is not asked for");
    let list = console.get("/tenants", Some(&auditor)).await.body;
    assert!(!list.contains("Northwind") && !list.contains("Harbor"), "{list}");
}

/// Why a check of a source fails may name another tenant's things.
#[tokio::test]
async fn why_a_source_is_not_ready_is_told_to_who_sees_everything() {
    let double = furnished().await;
    let why = format!("`{OTHER}/of-harbor.json` cannot be read");
    let checks = json!([{"name": "files", "ok": false, "why": why}]);
    let platform = Platform::checked(used(now()), checks).await;
    let console = Console::demo_with(&double, &platform.url()).await;
    let (operator, finance) = (console.seated(World::OPERATOR).await, console.seated(World::FINANCE).await);
    console.says("/sources", &operator, "of-harbor.json").await;
    for page in ["/", "/sources"] {
        let shown = console.get(page, Some(&finance)).await.body;
        assert!(!shown.contains("of-harbor.json"), "{page}: {shown}");
    }
    console.says("/sources", &finance, "Answers, but is not ready: files.").await;
}

#[tokio::test]
async fn what_is_used_is_platforms_own_number_and_not_known_without_it() {
    let double = furnished().await;
    let silent = Console::demo(&double).await;
    let operator = silent.seated(World::OPERATOR).await;
    let path = format!("/leases/{LEASE}");
    silent.says(&path, &operator, "Not known: Platform Services has not said it yet.").await;

    let platform = Platform::of(used(now())).await;
    let console = Console::demo_with(&double, &platform.url()).await;
    let operator = console.seated(World::OPERATOR).await;
    console.says(&path, &operator, "300 of 1000 cycles used, 50 reserved by 2 reservations, 650 left").await;
    let page = console.get(&path, Some(&operator)).await;
    assert!(page.body.contains("data-use=\"known\"") && page.body.contains("value=\"350\""), "{}", page.body);
    let other = format!("/leases/{LEASE_OF_OTHER}");
    console.says(&other, &operator, "0 of 1000 cycles used, none reserved, 1000 left.").await;

    drop(platform);
    console.says(&path, &operator, "Not known: Platform Services gives no answer. When it last did,").await;
    let page = console.get(&path, Some(&operator)).await;
    assert!(page.body.contains("data-use=\"unknown\"") && !page.body.contains("value=\"350\""), "{}", page.body);
}

#[tokio::test]
async fn what_rests_on_a_shorter_journal_than_is_recorded_is_not_believed() {
    let double = furnished().await;
    let journal = JournalHead { size: 6, root: model::Digest::ZERO };
    double.accept(double.receipt(Service::Platform, Report::JournalGrown { journal }));
    // Its journal has 5 entries.
    let platform = Platform::of(used(now())).await;
    let console = Console::demo_with(&double, &platform.url()).await;
    let operator = console.seated(World::OPERATOR).await;
    let path = format!("/leases/{LEASE}");
    console
        .says(&path, &operator, "Not believed: Platform Services says what is used of a shorter lease journal")
        .await;
    let page = console.get(&path, Some(&operator)).await;
    assert!(page.body.contains("data-use=\"unknown\"") && !page.body.contains("300 of 1000"), "{}", page.body);
}

#[tokio::test]
async fn a_plan_above_quota_names_the_exception_that_lets_it_pass_and_leads_to_it() {
    let quota = Quota { memory_mib: Some(32), ..Quota::default() };
    let terms = TenantTerms { tenants: vec![TenantTerm { tenant: Double::TENANT, quota, envelope: vec![] }] };
    let double = Double::serve(World::new().with_terms(terms), (Ipv4Addr::LOCALHOST, 0).into()).await;
    let artifact = model::Digest([1; 32]);
    double.register(artifact, 64);
    let change = double.draft(artifact);
    double.observe(change);
    let console = Console::demo(&double).await;
    let operator = console.seated(World::OPERATOR).await;
    let path = format!("/changes/{change}");
    console.says(&path, &operator, "id=\"over-quota\"").await;
    let page = console.get(&path, Some(&operator)).await;
    let over = page.between("id=\"over-quota\"", "</p>");
    assert!(over.contains("64 MiB of memory") && over.contains("32 are allowed now"), "{over}");
    assert!(over.contains("Ask for the quota exception that allows 64 MiB of memory…"), "{over}");
    let href =
        over.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    assert_eq!(href, format!("/changes/new?kind=quota-exception&tenant={}&memory-mib=64", Double::TENANT));
    let form = console.get(&href, Some(&operator)).await;
    assert!(form.between("name=\"memory-mib\"", ">").contains("value=\"64\""), "{}", form.body);

    let raised = Quota { memory_mib: Some(64), ..Quota::default() };
    open(&double, EXCEPTION, grants(Terms::Quota { tenant: Double::TENANT, quota: raised }, Some(3_600_000)));
    double.countersign(EXCEPTION);
    console.says(&format!("/tenants/{}", Double::TENANT), &operator, "of 64 MiB").await;
    assert!(!console.get(&path, Some(&operator)).await.body.contains("id=\"over-quota\""), "it passes now");
}
