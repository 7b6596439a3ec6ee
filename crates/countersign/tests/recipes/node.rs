//! A node in a temporary directory, with the real binary as packer, front and host of `confine`.

use client::{ClientError, Http};
use control::Config;
use engine::{RunAs, Runtime, RuntimeOptions, Setup, Site, Timing};
use hyper::Method;
use model::{Bundle, Digest, EngineId, Side, TenantId};
use signed::Served;
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The binary.
const EXE: &str = env!("CARGO_BIN_EXE_countersign");

/// Whose engine it is.
const TENANT: TenantId = TenantId([1; 16]);

/// Whether a program is there.
pub fn has(program: &str) -> bool {
    Path::new(program).exists()
}

/// Says that a recipe was not tried: counted as skipped by `cargo xtask test`.
pub fn skipped(test: &str, why: &str) {
    println!("skipped: {why}");
    let Some(path) = std::env::var_os("COUNTERSIGN_SKIPS") else { return };
    let mut file = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
    writeln!(file, "{test}: {why}").unwrap();
}

/// One node and one engine.
pub struct Node {
    dir: TempDir,
    runtime: Runtime,
    site: Site,
    side_ports: [u16; 2],
    given: Mutex<Option<Config>>,
    /// Generation of the route, and what it leads to.
    now: Mutex<(u64, Option<Side>)>,
    watch: tokio::task::JoinHandle<()>,
}

impl Node {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        // All held at once, so that they differ.
        let ports: Vec<_> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let port = |n: usize| ports[n].local_addr().unwrap().port();
        let options = RuntimeOptions {
            dir: dir.path().join("engine"),
            store: dir.path().join("store"),
            program: EXE.into(),
            run_as: RunAs::if_root(),
            platform: None,
            timing: Timing { probe_every: Duration::from_millis(50), ..Timing::default() },
        };
        let runtime = Runtime::open(options).unwrap();
        let watch = tokio::spawn(runtime.clone().keep(Vec::new));
        let (site, side_ports) =
            (Site { engine: EngineId([33; 16]), tenant: TENANT, port: port(0) }, [port(1), port(2)]);
        Self { runtime, site, side_ports, given: Mutex::default(), now: Mutex::new((0, None)), watch, dir }
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// What starts are given from now on.
    pub fn give(&self, config: Config) {
        *self.given.lock().unwrap() = Some(config);
    }

    /// Keeps a secret on this node; what a config names it by.
    pub fn deposit(&self, secret: &str) -> Digest {
        self.runtime.vault().put(TENANT, secret, model::Instant::EPOCH).unwrap().secret
    }

    /// A copy of a recipe, where what it needs can be built into it.
    pub fn copy(&self, recipe: &str) -> PathBuf {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recipes").join(recipe);
        let to = self.path(recipe);
        let copied = Command::new("cp").arg("-r").arg(from).arg(&to).status().unwrap();
        assert!(copied.success());
        to
    }

    /// Packs a recipe as this version, and does what a deployment does on a node.
    pub async fn deploy(&self, recipe: &str, version: &str, more: &[&str]) -> Digest {
        if !self.path(recipe).exists() {
            self.copy(recipe);
        }
        let tar = self.path("release.tar");
        let mut pack = Command::new(EXE);
        pack.args(["artifact", "pack"]).arg(self.path(recipe)).args(["--version", version, "--json"]).args(more);
        let packed = pack.arg("-o").arg(&tar).output().unwrap();
        assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
        let (_, _, digest) = artifact::unpack(&tar, &self.path("store")).unwrap();
        self.lead_to(digest).await;
        digest
    }

    /// What a rollback does: the same steps, towards what served before.
    pub async fn back_to(&self, artifact: Digest) {
        self.lead_to(artifact).await;
    }

    /// What the program and what it is given come to.
    fn setup(&self, artifact: Digest) -> Setup {
        let tree = self.path("store").join(artifact.to_string());
        let manifest = artifact::verify_tree(&tree, &artifact).unwrap();
        let config = self.given.lock().unwrap().clone();
        let merged = control::Merged::of(&manifest.program().unwrap().profile, config.as_ref()).unwrap();
        Setup { memory_mib: merged.memory_mib, start_within_ms: merged.start_within_ms, config }
    }

    async fn lead_to(&self, artifact: Digest) {
        let (generation, before) = *self.now.lock().unwrap();
        let side = before.map_or(Side::Blue, Side::other);
        let setup = self.setup(artifact);
        let config = setup.config.as_ref().map(|config| config.digest().unwrap());
        let at = Served { side, bundle: Bundle { config, ..Bundle::of(artifact) } };
        let port = self.side_ports[usize::from(side == Side::Green)];
        if let Err(error) = self.runtime.start(self.site, at, port, setup).await {
            panic!("{error}\n{}", self.printed());
        }
        self.runtime.switch(self.site, generation, generation + 1, Some(at)).await.unwrap();
        if let Some(before) = before {
            self.runtime.stop(self.site.engine, before).await.unwrap();
        }
        self.runtime.check(self.site.engine, generation + 1, Some(at)).await.unwrap();
        *self.now.lock().unwrap() = (generation + 1, Some(side));
    }

    fn http(&self) -> Http {
        Http::new(format!("http://127.0.0.1:{}", self.site.port))
    }

    /// What a visitor gets, through the front.
    pub async fn get(&self, path: &str) -> String {
        match self.http().get_bytes(path).await {
            Ok(body) => String::from_utf8(body.to_vec()).unwrap(),
            Err(error) => panic!("{error}\n{}", self.printed()),
        }
    }

    /// The status of a visitor's answer.
    pub async fn status(&self, path: &str) -> u16 {
        match self.http().send(Method::GET, path, "text/plain", Vec::new().into()).await {
            Ok(answer) => answer.status.as_u16(),
            Err(ClientError::Problem(_, status)) => status,
            Err(error) => panic!("{error}\n{}", self.printed()),
        }
    }

    pub async fn post(&self, path: &str, body: &str) {
        self.send(Method::POST, path, body).await;
    }

    pub async fn put(&self, path: &str, body: &str) {
        self.send(Method::PUT, path, body).await;
    }

    async fn send(&self, method: Method, path: &str, body: &str) {
        let sent = self.http().send(method, path, "text/plain", body.to_owned().into()).await;
        let answer = sent.unwrap_or_else(|error| panic!("{error}\n{}", self.printed()));
        assert_eq!(answer.status.as_u16(), 201);
    }

    /// All that its sides printed.
    pub fn printed(&self) -> String {
        let logs = self.path("engine/engines").join(self.site.engine.to_string()).join("logs");
        let read = |name: &str| fs::read(logs.join(name)).unwrap_or_default();
        let both = ["blue.log", "green.log"].map(|name| String::from_utf8_lossy(&read(name)).into_owned());
        both.concat()
    }

    /// Whether this machine limits TCP ports.
    pub async fn limits_ports(&self) -> bool {
        let view = self.runtime.engine(&self.site.engine).await.unwrap();
        view.sides.iter().all(|side| side.enforced.as_ref().is_some_and(|enforced| enforced.tcp_ports))
    }
}

/// Nothing of a test outlives it, whether it passed or not.
impl Drop for Node {
    fn drop(&mut self) {
        self.watch.abort();
        let stopped = engine::stop_all(&self.path("engine"));
        if !std::thread::panicking() {
            stopped.unwrap();
        }
    }
}

/// Waits until something holds.
pub fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
