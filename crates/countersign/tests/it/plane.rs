//! A whole installation in a directory of its own, on ports of its own, that leaves nothing behind.

use serde_json::Value;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The binary under test.
pub const EXE: &str = env!("CARGO_BIN_EXE_countersign");
/// Longest wait for any condition; a test that needs it all has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The people of a plane: name, roles.
pub const PEOPLE: [(&str, &str); 4] = [
    ("ada", "governance-operator"),
    ("ben", "governance-operator"),
    ("cy", "finance-reviewer"),
    ("di", "support-auditor"),
];

/// An installation.
pub struct Plane {
    /// Everything it has.
    pub home: TempDir,
    /// Its first port.
    pub base: u16,
    serve: Option<Child>,
}

/// What a command of the command line came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// What a process came to.
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The JSON it printed.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Demands success.
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Demands a refusal with this stable code.
    pub fn refused(self, code: &str) -> Self {
        assert_eq!(self.code, 5, "{self:?}");
        // For a person, and for a program.
        let said =
            [format!("({code})"), format!("({code}, recorded as entry "), format!("\"error\":{{\"code\":\"{code}\"")];
        assert!(said.iter().any(|said| self.stderr.contains(said)), "{self:?}");
        self
    }
}

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A base whose ports are all free just now: below the ephemeral range, another one for each plane
/// of this process, at a place that depends on the process.
fn free_base() -> u16 {
    let start = u16::try_from(std::process::id() % 200).unwrap();
    for _ in 0..200 {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let base = 10_000 + (start + n) % 200 * 45;
        let ports = [0, 2, 3, 4, 8, 10, 21, 22, 1_021, 1_022, 2_021, 2_022];
        if ports.iter().all(|above| TcpListener::bind(("127.0.0.1", base + above)).is_ok()) {
            return base;
        }
    }
    panic!("no free ports between 10000 and 21000");
}

/// The standard kinds, with clocks that a test can wait for.
fn quick_kinds() -> control::Setting {
    let mut kinds = control::KindTable::standard();
    for kind in &mut kinds.kinds {
        (kind.cooling_ms, kind.soak_ms) = (kind.cooling_ms.min(50), kind.soak_ms.min(50));
    }
    control::Setting::Kinds(kinds)
}

impl Plane {
    /// An empty directory.
    pub fn empty() -> Self {
        let home = tempfile::Builder::new().prefix("cs-").tempdir().unwrap();
        Self { home, base: free_base(), serve: None }
    }

    /// Keys for [`PEOPLE`] and a founded ledger, nothing running.
    pub fn founded() -> Self {
        let plane = Self::empty();
        for (name, _) in PEOPLE {
            plane.cli(&["key", "new", plane.key(name).to_str().unwrap()]).ok();
        }
        plane.found();
        plane
    }

    /// Founds a ledger of [`PEOPLE`] with the keys of another plane.
    pub fn founded_with_keys_of(&self, other: &Self) {
        for (name, _) in PEOPLE {
            for file in [name.to_owned(), format!("{name}.pub")] {
                std::fs::copy(other.key(&file), self.key(&file)).unwrap();
            }
        }
        self.found();
    }

    /// Founds a ledger with the keys of [`PEOPLE`] that are here.
    pub fn found(&self) {
        let file = self.home.path().join("kinds.json");
        std::fs::write(&file, serde_json::to_vec(&quick_kinds()).unwrap()).unwrap();
        let mut args: Vec<String> = vec!["init".into(), "--settings".into(), file.display().to_string()];
        for (name, roles) in PEOPLE {
            let key = self.key(name).display().to_string();
            args.extend(["--founder".into(), format!("{name}:{roles}:{key}.pub"), "--key".into(), key]);
        }
        self.cli(&args.iter().map(String::as_str).collect::<Vec<_>>()).ok();
    }

    /// Founded and serving.
    pub fn serving() -> Self {
        let mut plane = Self::founded();
        plane.serve();
        plane
    }

    /// The data directory.
    pub fn dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Somebody's private key file.
    pub fn key(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A service's port by its distance from the base.
    pub fn port(&self, service: &str) -> u16 {
        let above = match service {
            "governance" => 0,
            "node" => 2,
            "engine" => 3,
            "integration" => 4,
            "platform" => 10,
            other => panic!("no service {other}"),
        };
        self.base + above
    }

    /// A service's URL.
    pub fn url(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.port(service))
    }

    /// The front's port of the nth engine.
    pub fn shop_port(&self, n: u16) -> u16 {
        self.base + 21 + n
    }

    /// Runs the command line on this plane.
    pub fn cli(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// The command line on this plane, not yet run.
    pub fn command(&self, args: &[&str]) -> Command {
        self.command_in(&self.dir(), args)
    }

    fn command_in(&self, dir: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(EXE);
        command.args(args).arg("--dir").arg(dir).current_dir(self.home.path()).stdin(Stdio::null());
        // Tests read whole titles.
        command.env_remove("COLUMNS");
        command.env_remove("COUNTERSIGN_DIR").env_remove("COUNTERSIGN_TOKEN").env_remove("SSH_AUTH_SOCK");
        command
    }

    /// As [`Plane::cli`] with `--json` and `--key` of somebody.
    pub fn by(&self, who: &str, args: &[&str]) -> Ran {
        let key = self.key(who).display().to_string();
        let mut all = args.to_vec();
        all.extend(["--json", "--key", &key]);
        self.cli(&all)
    }

    /// Starts `serve` and waits until all five are ready.
    pub fn serve(&mut self) {
        self.serve_with(&[]);
    }

    /// The same with these words after `serve`.
    pub fn serve_with(&mut self, more: &[&str]) {
        let log = File::options().create(true).append(true).open(self.home.path().join("serve.log")).unwrap();
        let base = self.base.to_string();
        // As somebody types it: what is started elsewhere finds it all the same.
        let mut command = self.command_in("data".as_ref(), &[&["serve", "--base-port", &base], more].concat());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.serve = Some(command.spawn().unwrap());
        self.ready();
    }

    /// Waits until all five are ready, and the console, whose sign-in is an entry of its own.
    pub fn ready(&self) {
        let services = ["governance", "platform", "node", "engine", "integration"].map(|name| (name, self.url(name)));
        let console = ("the console", format!("http://127.0.0.1:{}", self.base + 8));
        for (name, url) in services.into_iter().chain([console]) {
            let url = format!("{url}/readyz");
            until(&format!("{name} to be ready"), || get(&url).is_some_and(|(status, _)| status == 200));
        }
    }

    /// The supervisor's process.
    pub fn supervisor(&self) -> u32 {
        self.serve.as_ref().expect("it serves").id()
    }

    /// A service's process, as it says itself.
    pub fn pid(&self, service: &str) -> Option<u32> {
        let (_, body) = get(&format!("{}/healthz", self.url(service)))?;
        let health: Value = serde_json::from_str(&body).ok()?;
        health["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok())
    }

    /// Ends the supervisor and waits for it.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.serve.take() {
            signal(child.id(), "TERM");
            child.wait().unwrap();
        }
    }

    /// Kills the supervisor as a power cut would, without a word to anybody.
    pub fn kill_supervisor(&mut self) {
        let mut child = self.serve.take().expect("it serves");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// What the services wrote, for a failure's message.
    pub fn logs(&self) -> String {
        let mut text = std::fs::read_to_string(self.home.path().join("serve.log")).unwrap_or_default();
        for entry in std::fs::read_dir(self.dir().join("logs")).into_iter().flatten().flatten() {
            let log = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let tail: Vec<_> = log.lines().rev().take(15).collect();
            text += &["--- ", &entry.path().display().to_string(), "\n"].concat();
            tail.into_iter().rev().for_each(|line| text += &[line, "\n"].concat());
        }
        text
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.stop();
        // Engines and front outlive the services on purpose; a test's must not outlive the test.
        if self.dir().join("engine").exists() {
            let _ = engine::stop_all(&self.dir().join("engine"));
        }
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
    }
}

/// Sends a signal.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).stderr(Stdio::null()).status().unwrap();
    assert!(sent.success() || name == "KILL", "cannot signal {pid}");
}

/// Waits for a condition.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One plain GET; none when nobody answers.
pub fn get(url: &str) -> Option<(u16, String)> {
    crate::shop::get(url)
}
