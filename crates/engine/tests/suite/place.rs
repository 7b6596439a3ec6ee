//! A node in a temporary directory: two releases in its store, free ports, nothing left behind.

use artifact::{Answer, Arg, Entry, Health, Mode, Program, Source, SourceFile, Spec, pack, unpack};
use engine::{EnginesView, RunAs, Runtime, RuntimeOptions, Setup, Site, Timing, Wanted};
use model::{Bundle, Digest, EngineId, Profile, Range, Side, TenantId, Token};
use rustix::process::Signal;
use serde_json::Value;
use signed::Served;
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub const SOON: Duration = Duration::from_secs(20);

/// For a release that becomes healthy, milliseconds.
const PATIENT: u32 = 10_000;

/// What the releases of these tests get.
pub fn setup() -> Setup {
    Setup { memory_mib: 256, start_within_ms: 10_000, config: None }
}

/// An artifact on a side.
pub fn at(side: Side, artifact: Digest) -> Served {
    Served { side, bundle: Bundle::of(artifact) }
}

pub struct Place {
    dir: TempDir,
    pub site: Site,
    pub side_ports: [u16; 2],
    pub old: Digest,
    pub new: Digest,
}

impl Place {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        // All held at once, so that they differ.
        let ports: Vec<_> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let port = |n: usize| ports[n].local_addr().unwrap().port();
        let site = Site { engine: EngineId([21; 16]), tenant: TenantId([1; 16]), port: port(0) };
        let side_ports = [port(1), port(2)];
        let mut place = Self { dir, site, side_ports, old: Digest::ZERO, new: Digest::ZERO };
        let releases = storefront::releases();
        place.old = place.publish(releases[0].0, &releases[0].1);
        place.new = place.publish(releases[1].0, &releases[1].1);
        place
    }

    /// Packs and unpacks a release as Node Runtime would.
    pub fn publish(&self, version: &str, files: &[(&str, &[u8])]) -> Digest {
        self.publish_as("storefront", version, files, PATIENT)
    }

    /// A release that listens only some time after its start.
    pub fn publish_late(&self) -> Digest {
        let (version, files) = &storefront::releases()[0];
        self.publish_as("late-storefront", version, files, PATIENT)
    }

    /// A release that exits some time after it was healthy.
    pub fn publish_dying(&self) -> Digest {
        let (version, files) = &storefront::releases()[0];
        self.publish_as("dying-storefront", version, files, PATIENT)
    }

    fn publish_as(&self, subcommand: &str, version: &str, files: &[(&str, &[u8])], start_within_ms: u32) -> Digest {
        let file = |path: &str, mode, source| SourceFile { path: path.parse().unwrap(), mode, source };
        let executable = Source::File(std::env::current_exe().unwrap());
        let mut sources = vec![file("bin/storefront", Mode::Execute, executable)];
        sources.extend(files.iter().map(|(path, bytes)| file(path, Mode::Read, Source::Bytes(bytes.to_vec()))));
        let spec = Spec {
            product: "pod-storefront-core".parse().unwrap(),
            version: version.parse().unwrap(),
            program: Some(Program {
                profile: Profile { start_within_ms: Range::only(start_within_ms), ..testkit::release::profile() },
                entry: Entry {
                    executable: "bin/storefront".parse().unwrap(),
                    args: vec![Arg::Fixed(subcommand.parse().unwrap()), Arg::ReleaseDir, Arg::DataDir, Arg::Listen],
                },
                health: Health { path: "/healthz".parse().unwrap(), answer: Answer::Release },
            }),
        };
        let archive = self.path("release.tar");
        pack(spec, sources, &archive).unwrap();
        let (_, _, digest) = unpack(&archive, &self.store()).unwrap();
        fs::remove_file(archive).unwrap();
        digest
    }

    /// A release whose health says that it does not work.
    pub fn publish_broken(&self) -> Digest {
        let (_, files) = &storefront::releases()[1];
        let text = std::str::from_utf8(files[0].1).unwrap();
        let broken = text.replace("\"healthy\": true", "\"healthy\": false");
        assert_ne!(text, broken);
        self.publish_as("storefront", "2026.03.1", &[(files[0].0, broken.as_bytes()), files[1]], 1_500)
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    pub fn dir(&self) -> PathBuf {
        self.path("engine")
    }

    pub fn store(&self) -> PathBuf {
        self.path("store")
    }

    pub fn timing() -> Timing {
        let (probe_every, watch_every) = (Duration::from_millis(20), Duration::from_millis(50));
        let health_every = Duration::from_millis(200);
        let (limits_every, count_every, judge_every) = (watch_every, watch_every, Duration::from_millis(500));
        Timing { probe_every, watch_every, health_every, limits_every, count_every, judge_every, ..Timing::default() }
    }

    pub fn runtime(&self) -> Runtime {
        self.runtime_with(Self::timing())
    }

    pub fn runtime_with(&self, timing: Timing) -> Runtime {
        let (dir, store, program) = (self.dir(), self.store(), "/proc/self/exe".into());
        Runtime::open(RuntimeOptions { dir, store, program, run_as: RunAs::if_root(), platform: None, timing }).unwrap()
    }

    pub fn serving(side: Side, artifact: Digest) -> Served {
        at(side, artifact)
    }

    /// Starts a release and leads the traffic to it.
    pub async fn deploy(&self, runtime: &Runtime, from: u64, side: Side, artifact: Digest) {
        self.deploy_with(runtime, from, Self::serving(side, artifact), setup()).await;
    }

    /// The same with what its process gets.
    pub async fn deploy_with(&self, runtime: &Runtime, from: u64, at: Served, setup: Setup) {
        let port = self.side_ports[usize::from(at.side == Side::Green)];
        runtime.start(self.site, at, port, setup).await.unwrap();
        runtime.switch(self.site, from, from + 1, Some(at)).await.unwrap();
    }

    /// What the ledger wants: the sides take turns from green on, as these tests deploy.
    pub fn wanted(&self, generation: u64, artifact: Digest) -> Wanted {
        let (site, side_ports) = (self.site, self.side_ports);
        let serving = Some(at(if generation % 2 == 1 { Side::Green } else { Side::Blue }, artifact));
        Wanted { site, side_ports, generation, serving, setup: Some(setup()), ahead: None, limits: None }
    }

    /// The version that visitors meet, through the front; what was found instead otherwise.
    pub async fn met(&self) -> Result<String, String> {
        let http = client::Http::new(format!("http://{}", self.front()));
        let answer: serde_json::Value = http.get("/healthz").await.map_err(|error| error.to_string())?;
        Ok(answer["release"].as_str().unwrap().to_owned())
    }

    /// Rewrites the engine's record as a crash would have left it.
    pub fn edit_record(&self, edit: impl FnOnce(&mut Value)) {
        let path = self.dir().join("engines").join(self.site.engine.to_string()).join("record.json");
        let mut record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut record);
        fs::write(&path, record.to_string()).unwrap();
    }

    pub fn front(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.site.port))
    }
}

/// Nothing of a test outlives it, whether it passed or not.
impl Drop for Place {
    fn drop(&mut self) {
        let stopped = engine::stop_all(&self.dir());
        let left = below(&self.store());
        for pid in &left {
            if let Ok(Some(identity)) = confine::Identity::of_pid(*pid) {
                let _ = identity.terminate(Duration::ZERO);
            }
        }
        if !std::thread::panicking() {
            stopped.unwrap();
            assert!(left.is_empty(), "processes were left behind: {left:?}");
        }
    }
}

/// Processes whose executable lies below a directory.
pub fn below(dir: &Path) -> Vec<u32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|item| item.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.starts_with(dir))).collect()
}

pub fn kill(pid: u32) {
    send(pid, Signal::KILL);
}

pub fn send(pid: u32, signal: Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Waits until something holds, and says how long it took.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, holds: impl Fn() -> F) -> (T, Duration) {
    let begin = Instant::now();
    loop {
        if let Some(found) = holds().await {
            return (found, begin.elapsed());
        }
        assert!(begin.elapsed() < SOON, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The pid on a side, 0 for blue and 1 for green, when it runs.
pub fn pid(view: &EnginesView, side: model::Side) -> Option<u32> {
    view.engines[0].sides.iter().find(|found| found.side == side && found.running)?.pid
}

/// A visitor who never rests, on kept connections.
pub struct Visitor {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    failures: Arc<Mutex<Vec<String>>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Visitor {
    pub fn begin(front: SocketAddr) -> Self {
        let mut visitor = Self { stop: Arc::default(), asked: Arc::default(), failures: Arc::default(), tasks: vec![] };
        for _ in 0..2 {
            let (stop, asked) = (Arc::clone(&visitor.stop), Arc::clone(&visitor.asked));
            let failures = Arc::clone(&visitor.failures);
            visitor.tasks.push(tokio::spawn(async move {
                let http = client::Http::new(format!("http://{front}"));
                while !stop.load(Ordering::Relaxed) {
                    if let Err(error) = http.get_bytes("/").await {
                        failures.lock().unwrap().push(error.to_string());
                    }
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        visitor
    }

    /// How many requests were answered so far.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    pub async fn end(self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        let failures = self.failures.lock().unwrap().clone();
        (self.asked.load(Ordering::Relaxed), failures)
    }
}

pub fn token(text: &str) -> Token {
    text.parse().unwrap()
}
