//! A whole installation of the real binary, in a directory and on ports of its own, that leaves nothing behind.

use crate::error::Error;
use client::Http;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Names the binary that is measured.
const VARIABLE: &str = "COUNTERSIGN_BIN";
/// Longest wait for any condition.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// The five services and their distance from the first port.
pub const SERVICES: [(&str, u16); 5] =
    [("governance", 0), ("node", 2), ("engine", 3), ("integration", 4), ("platform", 10)];
/// Who founds it: name and role.
pub const FOUNDERS: [(&str, &str); 4] = [
    ("ada", "governance-operator"),
    ("ben", "governance-operator"),
    ("cy", "finance-reviewer"),
    ("di", "support-auditor"),
];
/// Distance of the shop's port; its slots lie 1,000 and 2,000 above.
const SHOP: u16 = 21;
/// Last lines of the log that an error shows.
const LOG_LINES: usize = 20;

/// The binary that is measured.
///
/// # Errors
/// When nobody named one.
pub fn executable() -> Result<PathBuf, Error> {
    std::env::var_os(VARIABLE).map(PathBuf::from).filter(|path| path.is_file()).ok_or(Error::NoBinary)
}

/// An installation.
pub struct Plane {
    home: TempDir,
    exe: PathBuf,
    base: u16,
    serve: Option<Child>,
}

/// A first port whose block is free just now, below the ephemeral range, at a place that depends on the process.
fn free_base() -> Result<u16, Error> {
    let free = |above: u16, base: u16| TcpListener::bind(("127.0.0.1", base + above)).is_ok();
    let mut above: Vec<u16> = SERVICES.iter().map(|(_, above)| *above).collect();
    above.extend([SHOP, SHOP + 1_000, SHOP + 2_000]);
    let start = u16::try_from(std::process::id() % 100).expect("below 100");
    let bases = (0..100).map(|n| 24_000 + (start + n) % 100 * 45);
    bases.into_iter().find(|base| above.iter().all(|above| free(*above, *base))).ok_or(Error::NoPorts)
}

impl Plane {
    /// Keys for everybody and a founded ledger below `dir`, nothing running.
    ///
    /// # Errors
    /// When the binary refuses.
    pub fn founded(dir: &Path, exe: &Path) -> Result<Self, Error> {
        let made = Error::io("make a directory for an installation");
        // Engines run as users of their own where they can, and must be let through.
        let open = Permissions::from_mode(0o711);
        let home = tempfile::Builder::new().prefix("cs-bench-").permissions(open).tempdir_in(dir).map_err(made)?;
        let plane = Self { home, exe: exe.to_owned(), base: free_base()?, serve: None };
        fs::create_dir(plane.scratch()).map_err(Error::io("make a directory for measuring"))?;
        let text = |path: &Path| path.display().to_string();
        let mut founding = vec!["init".to_owned()];
        for (name, role) in FOUNDERS {
            let key = text(&plane.key(name));
            plane.cli(&["key", "new", &key])?;
            founding.extend(["--founder".into(), format!("{name}:{role}:{key}.pub"), "--key".into(), key]);
        }
        plane.cli(&founding.iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok(plane)
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// A directory beside it, on the same disk.
    pub fn scratch(&self) -> PathBuf {
        self.home.path().join("scratch")
    }

    /// Somebody's private key file.
    pub fn key(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A service's port.
    pub fn port(&self, service: &str) -> u16 {
        let above = SERVICES.iter().find(|(name, _)| *name == service).map_or(0, |(_, above)| *above);
        self.base + above
    }

    /// A service's URL.
    pub fn url(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.port(service))
    }

    /// The shop's port, at the front.
    pub fn shop_port(&self) -> u16 {
        self.base + SHOP
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.exe);
        command.args(args).arg("--dir").arg(self.data()).current_dir(self.home.path()).stdin(Stdio::null());
        command.env_remove("COUNTERSIGN_DIR").env_remove("COUNTERSIGN_TOKEN").env_remove("SSH_AUTH_SOCK");
        command
    }

    /// Runs a command of the binary to its end.
    ///
    /// # Errors
    /// With its last words when it fails.
    pub fn cli(&self, args: &[&str]) -> Result<(), Error> {
        let output = self.command(args).output().map_err(Error::io("start countersign"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::Command { command: args.join(" "), said })
    }

    /// Starts one service alone, or all of them, and waits until each is ready.
    ///
    /// # Errors
    /// When one is not ready in time.
    pub async fn serve(&mut self, services: &[&str]) -> Result<(), Error> {
        let base = self.base.to_string();
        let mut args = vec!["serve", "--base-port", &base];
        if let [only] = services {
            args.extend(["--only", only]);
        }
        let log = File::create(self.log()).map_err(Error::io("make a log"))?;
        let mut command = self.command(&args);
        command.stdout(log.try_clone().map_err(Error::io("share a log"))?).stderr(log);
        self.serve = Some(command.spawn().map_err(Error::io("start countersign"))?);
        for service in services {
            let http = Http::new(self.url(service));
            let deadline = Instant::now() + PATIENCE;
            while http.get_bytes("/readyz").await.is_err() {
                if Instant::now() > deadline {
                    return Err(self.late(format!("{service} to be ready")));
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.home.path().join("serve.log")
    }

    /// That a condition did not come true in time.
    pub fn late(&self, what: String) -> Error {
        let files = fs::read_dir(self.data().join("logs")).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut logs = String::new();
        for path in files.chain([self.log()]) {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let lines: Vec<_> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
            logs.extend(["--- ", &path.display().to_string(), "\n", &last.join("\n"), "\n"]);
        }
        Error::Late { what, within_s: PATIENCE.as_secs(), logs }
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        if let Some(mut child) = self.serve.take() {
            end(&mut child);
        }
        // Front and engines outlive the services on purpose; these must not outlive the bench.
        let engines = self.data().join("engine");
        if engines.exists()
            && let Err(error) = engine::stop_all(&engines)
        {
            eprintln!("bench: {error}");
        }
    }
}

/// Asks a process of ours to end and, when it does not, ends it.
fn end(child: &mut Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
    let deadline = Instant::now() + PATIENCE;
    while asked && Instant::now() < deadline {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(LOOK),
            Ok(Some(_)) | Err(_) => return,
        }
    }
    // What is gone already cannot be killed, and that is as good.
    drop(child.kill());
    drop(child.wait());
}
