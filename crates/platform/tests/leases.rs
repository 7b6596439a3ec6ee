//! The routes of engines before the lease journal, over real HTTP, with rights of the test's own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use client::{ClientError, Http};
use lease_journal::{Cap, Head, Journal, JournalOptions, PeriodKind, Right};
use model::{ChangeId, Digest, EngineId, Id, Instant};
use platform::leases::{
    Caller, EndingView, LeaseRights, LeaseUsage, Leases, NoRight, PostRequest, ReservationView, ReserveRequest,
};
use serde_json::{Value, json};
use service_shell::{Shell, ShellOptions};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const LEASE: ChangeId = ChangeId([1; 16]);
const ENGINE: EngineId = EngineId([7; 16]);
const OTHER: EngineId = EngineId([8; 16]);
const ENDED: Instant = Instant::EPOCH;

/// Two engines, one lease of both, and what it allows.
#[derive(Clone)]
struct Rights(Arc<Mutex<Option<Cap>>>);

impl LeaseRights for Rights {
    fn caller(&self, token: &Digest) -> Option<Caller> {
        [("cs_engine", ENGINE, true), ("cs_other", OTHER, true), ("cs_before", ENGINE, false)].into_iter().find_map(
            |(word, engine, serves)| (*token == Digest::of_bytes(word.as_bytes())).then_some(Caller { engine, serves }),
        )
    }

    fn right(&self, lease: &ChangeId, _: &EngineId) -> Result<Right, NoRight> {
        if *lease != LEASE {
            return Err(NoRight::Unknown);
        }
        let cap = self.0.lock().unwrap().ok_or(NoRight::Ended { at: ENDED })?;
        Ok(Right { cap, zone: "UTC".to_owned(), kind: PeriodKind::Month })
    }

    fn may_see(&self, token: &Digest, lease: &ChangeId) -> bool {
        *lease == LEASE && (self.caller(token).is_some() || *token == Digest::of_bytes(b"cs_person"))
    }
}

struct Running {
    http: Http,
    journal: Journal,
    rights: Rights,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    fn start(dir: &Path, cap: u64) -> Self {
        let journal = Journal::open(dir, JournalOptions::new("platform.test/leases")).unwrap();
        let rights = Rights(Arc::new(Mutex::new(Some(Cap { cycles: cap, control_size: 1 }))));
        let leases = Leases::new(journal.clone(), rights.clone());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shell = leases.in_shell(Shell::new(ShellOptions::new("platform", "1.2.3", address)));
        let readiness = leases.clone();
        let shell = shell.ready(move || vec![readiness.check(ENDED)]);
        let (stop, stopped) = oneshot::channel::<()>();
        let router = shell.router(leases.routes());
        let served = tokio::spawn(async move {
            service_shell::serve(listener, router, async { drop(stopped.await) }).await.unwrap();
        });
        Self { http: Http::new(format!("http://{address}")), journal, rights, stop, served }
    }

    fn allow(&self, cap: Option<Cap>) {
        *self.rights.0.lock().unwrap() = cap;
    }

    fn with(&self, token: &str) -> Http {
        self.http.clone().bearer(token)
    }

    async fn reserve(&self, token: &str, id: u8, cycles: u64) -> Result<ReservationView, ClientError> {
        let request = ReserveRequest { id: Id([id; 16]), cycles, hold_ms: 60_000 };
        self.with(token).post(&format!("/v1/leases/{LEASE}/reservations"), &request).await
    }

    async fn end(&self, token: &str, id: u8, verb: &str, body: &Value) -> Result<EndingView, ClientError> {
        let path = format!("/v1/leases/{LEASE}/reservations/{}/{verb}", Id([id; 16]));
        self.with(token).post(&path, body).await
    }

    async fn post(&self, token: &str, id: u8, cycles: u64) -> Result<EndingView, ClientError> {
        self.end(token, id, "post", &json!(PostRequest { cycles })).await
    }

    async fn usage(&self, token: &str) -> Result<LeaseUsage, ClientError> {
        self.with(token).get(&format!("/v1/leases/{LEASE}/usage")).await
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, ClientError>) -> String {
    match result {
        Err(ClientError::Problem(detail, status)) => {
            assert!(!detail.message.is_empty() && !detail.next.is_empty());
            format!("{status} {}", detail.code)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_engine_reserves_posts_and_voids_under_its_cap() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), 100);
    let granted = running.reserve("cs_engine", 1, 60).await.unwrap();
    assert_eq!((granted.cycles, granted.engine, granted.journal_entry), (60, ENGINE, 0));
    assert_eq!(running.reserve("cs_engine", 1, 60).await.unwrap(), granted, "asked again, it is granted once");
    assert_eq!(code(running.reserve("cs_engine", 1, 61).await), "409 reservation.conflict");
    assert_eq!(code(running.reserve("cs_other", 1, 41).await), "409 lease.cap_reached");
    running.reserve("cs_other", 1, 40).await.unwrap();
    let posted = running.post("cs_engine", 1, 50).await.unwrap();
    assert_eq!((posted.posted, running.post("cs_engine", 1, 50).await.unwrap()), (50, posted.clone()));
    assert_eq!(code(running.post("cs_engine", 1, 51).await), "409 reservation.conflict");
    assert_eq!(code(running.end("cs_engine", 1, "void", &json!({})).await), "409 reservation.posted");
    assert_eq!(code(running.post("cs_other", 1, 41).await), "409 reservation.too_much");
    assert_eq!(running.end("cs_other", 1, "void", &json!({})).await.unwrap().posted, 0);
    let usage = running.usage("cs_person").await.unwrap();
    let now = &usage.periods[0];
    assert_eq!((now.posted, now.reserved, now.reservations, usage.journal_size), (50, 0, 0, 4));
    let metrics = String::from_utf8(running.http.get_bytes("/metrics").await.unwrap().to_vec()).unwrap();
    for line in [
        "lease_questions_total{service=\"platform\",verb=\"reserve\",outcome=\"refused\"} 2",
        "lease_cycles_total{service=\"platform\",verb=\"reserve\"} 160",
        "lease_journal_entries{service=\"platform\"} 4",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(!metrics.contains("cs_engine"));
    running.stop().await;
}

#[tokio::test]
async fn a_cap_that_ended_leaves_what_was_granted_and_refuses_new() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), 100);
    running.reserve("cs_engine", 1, 100).await.unwrap();
    assert_eq!(code(running.reserve("cs_engine", 2, 1).await), "409 lease.cap_reached");
    running.allow(Some(Cap { cycles: 101, control_size: 2 }));
    running.reserve("cs_engine", 2, 1).await.unwrap();
    running.allow(None);
    assert_eq!(code(running.reserve("cs_engine", 3, 1).await), "409 lease.ended");
    assert_eq!(running.post("cs_engine", 1, 100).await.unwrap().posted, 100);
    assert_eq!(running.usage("cs_engine").await.unwrap().periods[0].reserved, 1);
    running.stop().await;
}

#[tokio::test]
async fn a_process_that_no_longer_serves_ends_what_it_reserved_and_reserves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), 100);
    running.reserve("cs_engine", 1, 60).await.unwrap();
    running.reserve("cs_engine", 2, 20).await.unwrap();
    assert_eq!(code(running.reserve("cs_before", 3, 1).await), "409 engine.not_serving");
    assert_eq!(running.post("cs_before", 1, 50).await.unwrap().posted, 50, "the same engine's, by its process before");
    assert_eq!(running.end("cs_before", 2, "void", &json!({})).await.unwrap().posted, 0);
    running.stop().await;
}

#[tokio::test]
async fn who_asks_for_what_is_not_theirs_or_not_a_question_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), 100);
    running.reserve("cs_engine", 1, 1).await.unwrap();
    let size = running.journal.log().size();
    assert_eq!(code(running.reserve("cs_nobody", 2, 1).await), "401 token.unknown");
    assert_eq!(code(running.post("cs_person", 1, 1).await), "401 token.unknown");
    assert_eq!(code(running.post("cs_other", 1, 1).await), "404 reservation.unknown");
    assert_eq!(code(running.end("cs_other", 1, "void", &json!({})).await), "404 reservation.unknown");
    assert_eq!(code(running.usage("cs_nobody").await), "404 lease.not_found");
    assert_eq!(code(running.reserve("cs_engine", 2, 0).await), "400 cycles.malformed");
    assert_eq!(code(running.reserve("cs_engine", 2, u64::MAX).await), "400 cycles.malformed");
    let http = running.with("cs_engine");
    let request = |body: Value, path: &str| {
        let (http, path) = (http.clone(), path.to_owned());
        async move { code(http.post::<_, Value>(&path, &body).await) }
    };
    let good = json!({"id": Id([2; 16]), "cycles": 1, "hold_ms": 1});
    let here = format!("/v1/leases/{LEASE}/reservations");
    let elsewhere = format!("/v1/leases/{}/reservations", ChangeId([9; 16]));
    assert_eq!(request(good.clone(), &elsewhere).await, "404 lease.not_found");
    assert_eq!(request(good.clone(), "/v1/leases/x/reservations").await, "400 id.malformed");
    assert_eq!(request(json!({"cycles": 1}), &format!("{here}/x/post")).await, "400 id.malformed");
    assert_eq!(
        request(json!({"id": Id([2; 16]), "cycles": 1, "hold_ms": 90_000_000}), &here).await,
        "400 hold.malformed"
    );
    for wrong in [
        json!({"cycles": 1}),
        json!({"id": "2", "cycles": 1, "hold_ms": 1}),
        json!({"id": Id([2; 16]), "cycles": -1, "hold_ms": 1}),
    ] {
        assert!(request(wrong, &here).await.starts_with('4'));
    }
    let mut more = good;
    more["cap"] = json!(1_000_000);
    assert!(request(more, &here).await.starts_with('4'), "a caller names no cap");
    assert!(request(json!({"pad": "x".repeat(5_000)}), &here).await.starts_with("413"));
    assert_eq!(running.journal.log().size(), size);
    running.stop().await;
}

#[tokio::test]
async fn a_journal_that_was_rolled_back_is_not_ready_and_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), 100);
    running.reserve("cs_engine", 1, 1).await.unwrap();
    assert!(running.http.ready().await.unwrap().ready);
    running.journal.shown(Head { size: 9, root: Digest([0; 32]) }).unwrap_err();
    assert_eq!(code(running.reserve("cs_engine", 2, 1).await), "503 journal.rolled_back");
    assert_eq!(code(running.post("cs_engine", 1, 1).await), "503 journal.rolled_back");
    let ready = running.http.ready().await.unwrap();
    assert!(!ready.ready && ready.checks[0].why.as_ref().unwrap().contains("put back"), "{ready:?}");
    running.stop().await;
}
