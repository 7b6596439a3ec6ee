//! The service, an engine of it that serves with a lease, and what it asks.

use client::{ClientError, Http};
use follower::ServiceOptions;
use model::{ChangeId, Digest, Id, Service};
use platform::PlatformOptions;
use platform::leases::{EndingView, LeaseUsage, PostRequest, ReservationView, ReserveRequest};
use std::net::TcpListener;
use std::path::Path;
use testkit::{Double, World};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const TOKEN: &str = "cs_engine";

pub struct Running {
    pub http: Http,
    pub lease: ChangeId,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// A ledger in which an engine serves with a lease of so many cycles a month.
pub async fn leased(cycles: u64, for_ms: Option<i64>) -> (Double, ChangeId) {
    let double = Double::start().await;
    double.register(artifact(), 256);
    let lease = double.grant(Double::cap(cycles, "America/New_York", None), for_ms);
    double.serve_with(artifact(), Some(lease), TOKEN);
    (double, lease)
}

pub fn artifact() -> Digest {
    Digest::of_bytes(b"a release")
}

impl Running {
    /// Following this Governance; not waiting for anything.
    pub fn following(dir: &Path, double: &Double, governance: &str, lease: ChangeId) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let http = Http::new(format!("http://{}", listener.local_addr().unwrap())).bearer(TOKEN);
        let service = ServiceOptions {
            dir: dir.to_owned(),
            listener,
            governance: governance.to_owned(),
            trust: double.trust(),
            key: World::service_key(Service::Platform),
            key_file: "keys/own.key".into(),
            version: "1.2.3".to_owned(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let options = PlatformOptions { service, keep: control::KeepRule::default(), accept_clock: false };
        let served = tokio::spawn(async move { platform::run(options, async { drop(stopped.await) }).await.unwrap() });
        Self { http, lease, stop, served }
    }

    /// Following the double, up to all that it has.
    pub async fn start(dir: &Path, double: &Double, lease: ChangeId) -> Self {
        let running = Self::following(dir, double, double.url(), lease);
        running.folded(double.leaves().len()).await;
        running
    }

    /// Until its own verified state has so many entries.
    pub async fn folded(&self, entries: usize) {
        let verified =
            |why: &str| why.strip_suffix(" entries verified").is_some_and(|n| n.parse::<usize>().unwrap() >= entries);
        self.until_check("ledger", |ok, why| ok && verified(why)).await;
    }

    /// Until a check of its readiness is so.
    pub async fn until_check(&self, name: &str, holds: impl Fn(bool, &str) -> bool) {
        let wait = async {
            loop {
                if let Ok(ready) = self.http.ready().await
                    && let Some(check) = ready.checks.iter().find(|check| check.name == name)
                    && holds(check.ok, check.why.as_deref().unwrap_or_default())
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let within = tokio::time::timeout(std::time::Duration::from_secs(60), wait).await;
        within.unwrap_or_else(|_| panic!("its check {name} is not so"));
    }

    pub async fn reserve(&self, id: u8, cycles: u64) -> Result<ReservationView, ClientError> {
        self.reserve_for(id, cycles, 60_000).await
    }

    pub async fn reserve_for(&self, id: u8, cycles: u64, hold_ms: u64) -> Result<ReservationView, ClientError> {
        let request = ReserveRequest { id: Id([id; 16]), cycles, hold_ms };
        self.http.post(&format!("/v1/leases/{}/reservations", self.lease), &request).await
    }

    pub async fn post(&self, id: u8, cycles: u64) -> Result<EndingView, ClientError> {
        let path = format!("/v1/leases/{}/reservations/{}/post", self.lease, Id([id; 16]));
        self.http.post(&path, &PostRequest { cycles }).await
    }

    pub async fn usage(&self) -> Result<LeaseUsage, ClientError> {
        self.http.get(&format!("/v1/leases/{}/usage", self.lease)).await
    }

    /// The whole answer to a reserve, as it comes.
    pub async fn raw_reserve(&self, id: u8, cycles: u64) -> String {
        let host = self.http.base().strip_prefix("http://").unwrap();
        let mut wire = tokio::net::TcpStream::connect(host).await.unwrap();
        let body = serde_json::to_string(&ReserveRequest { id: Id([id; 16]), cycles, hold_ms: 60_000 }).unwrap();
        let head = format!(
            "POST /v1/leases/{}/reservations HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {TOKEN}\r\n\
             content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.lease,
            body.len()
        );
        wire.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        wire.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// The entry that made the total of a lease's newest period final.
    pub async fn final_entry(&self, lease: ChangeId) -> Option<u64> {
        let usage: LeaseUsage = self.http.get(&format!("/v1/leases/{lease}/usage")).await.unwrap();
        usage.periods.first()?.journal_entry
    }

    pub async fn end(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }
}

pub fn code<T: std::fmt::Debug>(result: Result<T, ClientError>) -> String {
    match result {
        Err(ClientError::Problem(detail, status)) => {
            assert!(!detail.message.is_empty() && !detail.next.is_empty());
            format!("{status} {}", detail.code)
        }
        other => panic!("{other:?}"),
    }
}
