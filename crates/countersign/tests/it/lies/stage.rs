//! One liar, one data directory, and the processes that follow the liar.

use super::column::Column;
use crate::plane::{EXE, Plane, get, until};
use model::{Digest, EngineId, NodeId, Service};
use serde_json::{Value, json};
use signed::Act;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::net::Ipv4Addr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use testkit::{Double, World};
use tokio::runtime::Runtime;

/// An engine on the other node.
pub const OTHER_ENGINE: EngineId = EngineId([31; 16]);
const MEMORY_MIB: u32 = 256;

/// A packed release: the directory that keeps it, and its digest.
static RELEASE: LazyLock<(tempfile::TempDir, Digest)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("release.tar");
    let packed = Command::new(EXE).args(["artifact", "pack", "2026.03.1", "--json", "-o"]).arg(&out).output().unwrap();
    assert!(packed.status.success(), "{packed:?}");
    let (_, digest) = artifact::inspect(&out).unwrap();
    (dir, digest)
});
/// The release that is deployed.
pub static ARTIFACT: LazyLock<Digest> = LazyLock::new(|| RELEASE.1);

/// One liar and who follows it.
pub struct Stage {
    // First, so that they end before the directory and the engines in it do.
    services: BTreeMap<Service, Running>,
    pub double: Double,
    plane: Plane,
    runtime: Runtime,
}

/// A process, killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stage {
    /// Founded, tenant and engines known, the release published; everything is in place that the
    /// column's act needs, so that nothing but the ledger keeps it from acting.
    pub fn new(column: &Column) -> Self {
        let (plane, runtime) = (Plane::empty(), Runtime::new().unwrap());
        let listen = (Ipv4Addr::LOCALHOST, plane.port("governance")).into();
        let double = runtime.block_on(Double::serve(World::wide(), listen));
        found(&plane, &double);
        register(&plane, &double);
        let stage = Self { services: BTreeMap::new(), double, plane, runtime };
        stage.supply(column.service);
        stage
    }

    fn supply(&self, service: Service) {
        let tar = RELEASE.0.path().join("release.tar");
        match service {
            Service::Platform | Service::Node => {
                let store = artifact::ArtifactStore::open(self.dir("platform").join("artifacts")).unwrap();
                store.receive(&mut File::open(&tar).unwrap(), &ARTIFACT).unwrap();
            }
            Service::Engine => drop(artifact::unpack(&tar, &self.dir("node").join("store")).unwrap()),
            Service::Governance | Service::Integration => {}
        }
    }

    fn dir(&self, service: &str) -> PathBuf {
        let dir = self.plane.dir().join(service);
        DirBuilder::new().recursive(true).mode(0o711).create(&dir).unwrap();
        dir
    }

    fn config(&self) -> PathBuf {
        self.plane.home.path().join("config.json")
    }

    /// Says no longer which node this is.
    pub fn forget_node(&self) {
        write(&self.config(), &json!({}));
    }

    /// Starts one service in a process of its own.
    pub fn start(&mut self, service: Service) {
        if service == Service::Node && !self.services.contains_key(&Service::Platform) {
            // Who hands the release out; it is lied to as well.
            self.start(Service::Platform);
            self.until_folded(Service::Platform);
        }
        let log = File::options().create(true).append(true).open(self.plane.home.path().join("serve.log")).unwrap();
        let base = self.plane.base.to_string();
        let mut command = self.plane.command(&["serve", "--only", service.word(), "--base-port", &base]);
        command.arg("--config").arg(self.config()).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.services.insert(service, Running(command.spawn().unwrap()));
    }

    /// Ends it without a word, as a power cut would.
    pub fn kill(&mut self, service: Service) {
        drop(self.services.remove(&service).expect("it was started"));
    }

    /// Waits until a check of a service is so; answers its reason.
    pub fn until_check(&self, service: Service, name: &str, holds: impl Fn(&Value) -> bool) -> String {
        let (url, mut why) = (format!("{}/readyz", self.plane.url(service.word())), String::new());
        until(&format!("{service} to say so of its {name}"), || {
            let body: Value = get(&url).and_then(|(_, body)| serde_json::from_str(&body).ok()).unwrap_or_default();
            let checks = body["checks"].as_array().cloned().unwrap_or_default();
            let Some(check) = checks.iter().find(|check| check["name"] == name) else { return false };
            check["why"].as_str().unwrap_or_default().clone_into(&mut why);
            holds(check)
        });
        why
    }

    /// Waits until a service has folded all that is served.
    pub fn until_folded(&self, service: Service) {
        let all = format!("{} entries verified", self.double.leaves().len());
        self.until_check(service, "ledger", |check| check["why"] == all.as_str());
    }

    /// Waits until a service has stopped for good; answers what it says.
    pub fn until_stopped(&self, service: Service) -> String {
        let stopped = |check: &Value| check["why"].as_str().is_some_and(|why| why.starts_with("stopped at leaf "));
        let why = self.until_check(service, "ledger", stopped);
        let (status, _) = get(&format!("{}/readyz", self.plane.url(service.word()))).expect("it serves on");
        assert_eq!(status, 503, "{why}");
        why
    }

    /// The release that visitors of the engine get.
    pub fn shop(&self) -> Option<String> {
        crate::shop::release(self.plane.shop_port(0))
    }

    /// Waits until the ledger is so.
    pub fn until_double(&self, holds: impl Fn(&control::State) -> bool) {
        self.runtime.block_on(self.double.until(holds));
    }

    /// Whether the column's service has done anything that shows.
    pub fn acted(&self, column: &Column) -> bool {
        match column.service {
            Service::Node => self.placed(),
            Service::Engine => self.started(),
            // Their acts look and change nothing: what shows is what they say of them.
            _ => !self.double.submitted().is_empty(),
        }
    }

    fn placed(&self) -> bool {
        let url = format!("{}/v1/inventory", self.plane.url("node"));
        let asked = crate::seen::asked(&url, "node", &World::console_key(), self.double.state().ledger);
        let (status, body) = asked.expect("it serves");
        assert_eq!(status, 200, "{body}");
        let inventory: Value = serde_json::from_str(&body).unwrap();
        let kept = inventory["artifacts"] != json!([]);
        let on_disk = fs::read_dir(self.dir("node").join("store")).unwrap().next().is_some();
        assert_eq!(kept, on_disk, "{inventory}");
        let placed = inventory["placements"] != json!([]);
        assert_eq!(placed, self.dir("node").join("placements.json").exists(), "{inventory}");
        kept || placed
    }

    fn started(&self) -> bool {
        let engine = self.dir("engine");
        let records = fs::read_dir(engine.join("engines")).is_ok_and(|mut entries| entries.next().is_some());
        let table: Option<Value> =
            fs::read(engine.join("front/routes.json")).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let routed = table.is_some_and(|table| table["routes"] != json!([]));
        let runs = runs_from(&self.dir("node").join("store"));
        let answers = get(&format!("http://127.0.0.1:{}/healthz", self.plane.shop_port(0) + 1_000)).is_some();
        records || routed || runs || answers
    }
}

/// Whether a process runs a program below this directory.
fn runs_from(store: &Path) -> bool {
    let programs =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| fs::read_link(entry.path().join("exe")).ok());
    programs.into_iter().any(|program| program.starts_with(store))
}

fn write(path: &Path, value: &Value) {
    fs::write(path, value.to_string()).unwrap();
}

/// A data directory as `init` leaves it on a machine that only follows: trust and keys.
pub fn found(plane: &Plane, double: &Double) {
    for dir in ["", "keys", "node", "engine"] {
        DirBuilder::new().recursive(true).mode(0o711).create(plane.dir().join(dir)).unwrap();
    }
    write(&plane.dir().join("countersign.json"), &json!({"product": "countersign", "format": 1}));
    write(&plane.dir().join("trust.json"), &serde_json::to_value(double.trust()).unwrap());
    for service in Service::ALL {
        let secret = Digest(World::service_secret(*service));
        fs::write(plane.dir().join(format!("keys/{service}.key")), secret.to_string()).unwrap();
    }
    write(&plane.home.path().join("config.json"), &json!({"node": "prod-node-01"}));
}

fn register(plane: &Plane, double: &Double) {
    let tenant = Double::TENANT;
    double.sign_and_submit(World::AUTHOR, Act::RegisterTenant { tenant });
    let engine = |engine: EngineId, node: NodeId, n: u16| {
        let port = plane.shop_port(n);
        let side_ports = [port + 1_000, port + 2_000];
        double.sign_and_submit(
            World::AUTHOR,
            Act::RegisterEngine { engine, tenant, node, port, side_ports, profile: testkit::shop(), hosts: vec![] },
        );
    };
    engine(Double::ENGINE, World::NODE, 0);
    engine(OTHER_ENGINE, World::OTHER_NODE, 1);
    double.publish(*ARTIFACT, "2026.03.1", MEMORY_MIB);
}
