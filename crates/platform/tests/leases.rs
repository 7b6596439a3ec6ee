//! The routes of engines before the lease journal, over real HTTP, with rights of the test's own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use client::{ClientError, Http};
use lease_journal::{Cap, Head, Journal, JournalOptions, PeriodKind, Right};
use model::{ChangeId, Digest, EngineId, Id, Instant};
use platform::leases::{
    Caller, EndingView, LeaseRights, LeaseUsage, Leases, LeasesUsage, NoRight, PostRequest, ReservationView,
    ReserveRequest,
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
/// Another lease, of which nothing was ever reserved.
const UNUSED: ChangeId = ChangeId([2; 16]);
const ENDED: Instant = Instant::EPOCH;

/// Who may read of as many leases as one answer holds, and of two more.
const MANY: &str = "cs_many";

/// Two engines, one lease of both and what it allows; the first is bound to a lease, to this one at first.
#[derive(Clone)]
struct Rights(Arc<Mutex<Option<Cap>>>, Arc<Mutex<ChangeId>>);

impl LeaseRights for Rights {
    fn shown(&self) -> Result<Option<Head>, String> {
        Ok(None)
    }

    fn caller(&self, token: &Digest) -> Option<Caller> {
        [("cs_engine", ENGINE, true), ("cs_other", OTHER, true), ("cs_before", ENGINE, false)].into_iter().find_map(
            |(word, engine, serves)| (*token == Digest::of_bytes(word.as_bytes())).then_some(Caller { engine, serves }),
        )
    }

    fn bound(&self, engine: &EngineId) -> Option<ChangeId> {
        (*engine == ENGINE).then_some(*self.1.lock().unwrap())
    }

    fn right(&self, lease: &ChangeId, _: &EngineId) -> Result<Right, NoRight> {
        if *lease != LEASE && *lease != *self.1.lock().unwrap() {
            return Err(NoRight::Unknown);
        }
        let cap = self.0.lock().unwrap().ok_or(NoRight::Ended { at: ENDED })?;
        Ok(Right { cap, zone: "UTC".to_owned(), kind: PeriodKind::Month })
    }

    fn may_see(&self, asking: &follower::Asking, lease: &ChangeId) -> bool {
        let Some(service_shell::Bearer(token)) = asking.bearer else { return false };
        let known = *lease == LEASE || *lease == *self.1.lock().unwrap();
        known && (self.caller(&token).is_some() || token == Digest::of_bytes(b"cs_person"))
    }

    fn sight(&self, asking: &follower::Asking) -> Result<control::ReadScope, service_shell::Problem> {
        let is_person = |bearer: service_shell::Bearer| bearer.0 == Digest::of_bytes(b"cs_person");
        let refused = || service_shell::Problem::unauthenticated("token.unknown", "nobody's", "sign in");
        if asking.bearer.is_some_and(|bearer| bearer.0 == Digest::of_bytes(MANY.as_bytes())) {
            return Ok(control::ReadScope::Tenants(std::collections::BTreeSet::new()));
        }
        asking.bearer.filter(|bearer| is_person(*bearer)).map(|_| control::ReadScope::Everything).ok_or_else(refused)
    }

    fn granted(&self, sight: &control::ReadScope) -> Vec<ChangeId> {
        match sight {
            control::ReadScope::Everything => vec![LEASE, UNUSED],
            control::ReadScope::Tenants(_) => vec![UNUSED; 1_002],
            control::ReadScope::Nothing => vec![],
        }
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
        let rights =
            Rights(Arc::new(Mutex::new(Some(Cap { cycles: cap, control_size: 1 }))), Arc::new(Mutex::new(LEASE)));
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
        "lease_cycles_total{service=\"platform\",verb=\"reserve\"} 100",
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

/// The process is not started again for another lease, so it asks for its own.
#[tokio::test]
async fn a_process_uses_whatever_lease_its_engine_is_bound_to_and_ends_what_it_has_under_the_one_before() {
    let (dir, after) = (tempfile::tempdir().unwrap(), ChangeId([3; 16]));
    let running = Running::start(dir.path(), 100);
    let own = async |token: &str, path: &str, body: Value| -> Result<Value, ClientError> {
        running.with(token).post(&format!("/v1/leases/own/reservations{path}"), &body).await
    };
    let ask = |id: u8, cycles: u64| json!({"id": Id([id; 16]), "cycles": cycles, "hold_ms": 60_000});
    let first = own("cs_engine", "", ask(1, 60)).await.unwrap();
    assert_eq!(first["lease"], json!(LEASE));
    *running.rights.1.lock().unwrap() = after;
    let second = own("cs_engine", "", ask(2, 100)).await.unwrap();
    assert_eq!(second["lease"], json!(after), "what was reserved under the other does not count here");
    for token in ["cs_engine", "cs_before"] {
        assert_eq!(own(token, "", ask(1, 60)).await.unwrap(), first, "asked again, it is granted once");
    }
    let posted = own("cs_engine", &format!("/{}/post", Id([1; 16])), json!({"cycles": 50})).await.unwrap();
    assert_eq!((&posted["lease"], &posted["posted"]), (&json!(LEASE), &json!(50)));
    own("cs_engine", &format!("/{}/void", Id([2; 16])), json!({})).await.unwrap();
    let usage: LeaseUsage = running.with("cs_engine").get("/v1/leases/own/usage").await.unwrap();
    assert_eq!(usage.lease, after);
    assert_eq!(code(own("cs_other", "", ask(3, 1)).await), "404 lease.not_found");
    assert_eq!(
        code(own("cs_engine", &format!("/{}/post", Id([9; 16])), json!({"cycles": 1})).await),
        "404 reservation.unknown"
    );
    assert_eq!(code(running.with("cs_other").get::<LeaseUsage>("/v1/leases/own/usage").await), "404 lease.not_found");
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

#[tokio::test]
async fn what_is_used_of_every_lease_is_read_by_who_may_read_and_by_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), 100);
    running.reserve("cs_engine", 1, 40).await.unwrap();
    running.post("cs_engine", 1, 30).await.unwrap();
    running.reserve("cs_engine", 2, 20).await.unwrap();
    let LeasesUsage { leases, left_off } = running.with("cs_person").get("/v1/leases").await.unwrap();
    let [used, unused] = &leases[..] else { panic!("{leases:?}") };
    assert_eq!((used.lease, used.periods[0].posted, used.periods[0].reserved), (LEASE, 30, 20));
    assert_eq!((unused.lease, unused.periods.len(), left_off), (UNUSED, 0, 0));
    let many: LeasesUsage = running.with(MANY).get("/v1/leases").await.unwrap();
    assert_eq!((many.leases.len(), many.left_off), (1_000, 2), "what is left off is said");
    for token in ["cs_engine", "cs_nobody"] {
        assert_eq!(code(running.with(token).get::<LeasesUsage>("/v1/leases").await), "401 token.unknown");
    }
    running.stop().await;
}

/// Whoever has an engine's token and floods the journal is told when to ask again, and nobody else waits for it.
#[tokio::test]
async fn an_engine_reserves_only_so_often_and_can_always_end_what_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(dir.path(), 1_000_000);
    let http = running.with("cs_engine");
    let path = format!("/v1/leases/{LEASE}/reservations");
    let ask = |http: Http, n: u64| async move {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        let request = ReserveRequest { id: Id(id), cycles: 1, hold_ms: 600_000 };
        http.post::<_, ReservationView>(&format!("/v1/leases/{LEASE}/reservations"), &request).await
    };
    ask(http.clone(), 0).await.unwrap();
    let (mut taken, mut refused) = (1, vec![]);
    for round in 0..100 {
        let mut asked = tokio::task::JoinSet::new();
        for n in 1..=64 {
            asked.spawn(ask(http.clone(), round * 64 + n));
        }
        while let Some(answer) = asked.join_next().await {
            match answer.unwrap() {
                Ok(_) => taken += 1,
                Err(error) => refused.push(error),
            }
        }
        if !refused.is_empty() {
            break;
        }
    }
    assert!(taken >= 1_000, "{taken}");
    assert_eq!(code(Err::<(), _>(refused.swap_remove(0))), "429 reservations.too_often");
    let first = Id([0; 16]);
    let request = ReserveRequest { id: first, cycles: 1, hold_ms: 600_000 };
    let again: ReservationView = http.post(&path, &request).await.unwrap();
    assert_eq!(again.journal_entry, 0, "what was granted is answered as the first time");
    let posted: EndingView = http.post(&format!("{path}/{first}/post"), &PostRequest { cycles: 1 }).await.unwrap();
    assert_eq!(posted.posted, 1);
    running.reserve("cs_other", 9, 1).await.unwrap();
    running.stop().await;
}
