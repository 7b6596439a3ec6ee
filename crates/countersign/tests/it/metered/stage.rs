//! A ledger in the test, an engine that serves with a lease, and the process of Platform Services that follows.

use crate::lies::stage::found;
use crate::plane::{Plane, get, until};
use client::{ClientError, Http};
use model::{ChangeId, Digest, Id};
use platform::leases::{ReservationView, ReserveRequest};
use serde_json::Value;
use std::fs::File;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use testkit::{Double, World};
use tokio::runtime::Runtime;

/// The token of the process that serves.
pub const TOKEN: &str = "cs_engine";

/// The ledger, and Platform Services. Its process is killed when it is dropped.
pub struct Stage {
    pub double: Double,
    pub lease: ChangeId,
    pub runtime: Runtime,
    plane: Plane,
    service: Option<Child>,
}

impl Stage {
    /// Of a lease of so many cycles a month; nothing is started.
    pub fn new(cycles: u64) -> Self {
        let (plane, runtime) = (Plane::empty(), Runtime::new().unwrap());
        let listen = (Ipv4Addr::LOCALHOST, plane.port("governance")).into();
        let double = runtime.block_on(Double::serve(World::wide(), listen));
        found(&plane, &double);
        double.register(artifact(), 256);
        let lease = double.grant(Double::cap(cycles, "UTC", None), None);
        double.serve_with(artifact(), Some(lease), TOKEN);
        Self { double, lease, runtime, plane, service: None }
    }

    pub fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.plane.home.path().join("serve.log")).unwrap();
        let mut command =
            self.plane.command(&["serve", "--only", "platform", "--base-port", &self.plane.base.to_string()]);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.service = Some(command.spawn().unwrap());
    }

    /// SIGKILL.
    pub fn kill_9(&mut self) {
        let mut child = self.service.take().expect("it was started");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The journal's directory.
    pub fn journal(&self) -> PathBuf {
        self.plane.dir().join("platform/leases")
    }

    /// Platform Services, as an engine with this token asks it.
    pub fn http(&self) -> Http {
        Http::new(self.plane.url("platform")).bearer(TOKEN)
    }

    /// Waits until its verified state is what is served, or until it says so of its ledger.
    pub fn until_ledger(&self, says: &str) {
        let url = format!("{}/readyz", self.plane.url("platform"));
        until(&format!("its ledger to be `{says}`"), || {
            let body: Value = get(&url).and_then(|(_, body)| serde_json::from_str(&body).ok()).unwrap_or_default();
            let mut checks = body["checks"].as_array().into_iter().flatten();
            checks.any(|check| {
                check["name"] == "ledger" && check["why"].as_str().is_some_and(|why| why.starts_with(says))
            })
        });
    }

    pub fn until_folded(&self) {
        self.until_ledger(&format!("{} entries verified", self.double.leaves().len()));
    }

    pub fn reserve(&self, lease: ChangeId, id: u8, cycles: u64) -> Result<ReservationView, ClientError> {
        let request = ReserveRequest { id: Id([id; 16]), cycles, hold_ms: 3_600_000 };
        let path = format!("/v1/leases/{lease}/reservations");
        self.runtime.block_on(self.http().post(&path, &request))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(mut child) = self.service.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

pub fn artifact() -> Digest {
    Digest::of_bytes(b"a release")
}

/// The stable code of a refusal, with its status.
pub fn code<T: std::fmt::Debug>(result: Result<T, ClientError>) -> String {
    match result {
        Err(ClientError::Problem(detail, status)) => format!("{status} {}", detail.code),
        other => panic!("{other:?}"),
    }
}
