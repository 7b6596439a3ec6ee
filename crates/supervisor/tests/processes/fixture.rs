//! A supervisor of shell scripts in a directory of its own.

use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use supervisor::{
    Request, Response, ServiceSpec, ServiceStatus, Supervisor, SupervisorError, SupervisorOptions, Timing,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Longest wait for anything in these tests.
const DEADLINE: Duration = Duration::from_secs(20);

pub struct Fixture {
    pub dir: tempfile::TempDir,
    stop: oneshot::Sender<()>,
    pub run: JoinHandle<Result<(), SupervisorError>>,
}

/// Nobody answers there: port 1 needs privileges that no test has a use for.
fn silent() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

pub fn timing() -> Timing {
    Timing {
        backoff_first: Duration::from_millis(5),
        backoff_cap: Duration::from_millis(20),
        stop_grace: Duration::from_millis(300),
        probe_starting: Duration::from_millis(5),
        probe_ready: Duration::from_millis(5),
        ..Timing::default()
    }
}

/// `/bin/sh -c SCRIPT DIR` for each (name, script): the directory is `$0` in the script.
pub fn options(dir: &Path, scripts: &[(&str, &str)]) -> SupervisorOptions {
    let spec = |(name, script): &(&str, &str)| ServiceSpec {
        name: (*name).to_owned(),
        args: vec!["-c".to_owned(), (*script).to_owned(), dir.display().to_string()],
        probe: silent(),
    };
    SupervisorOptions { exe: PathBuf::from("/bin/sh"), services: scripts.iter().map(spec).collect(), timing: timing() }
}

impl Fixture {
    pub fn start(scripts: &[(&str, &str)]) -> Self {
        Self::start_with(scripts, |_| {})
    }

    pub fn start_with(scripts: &[(&str, &str)], change: impl FnOnce(&mut SupervisorOptions)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let lock = supervisor::lock(dir.path()).unwrap();
        let mut options = options(dir.path(), scripts);
        change(&mut options);
        let (stop, stopped) = oneshot::channel();
        let run = tokio::spawn(Supervisor::run(lock, options, |_, _| {}, async move { drop(stopped.await) }));
        Self { dir, stop, run }
    }

    pub async fn ask(&self, request: Request) -> Response {
        until("the supervisor to answer", async || match supervisor::request(self.dir.path(), &request).await {
            Err(SupervisorError::NotRunning { .. }) => None,
            answer => Some(answer.unwrap()),
        })
        .await
    }

    /// The child's status once it satisfies `condition`.
    pub async fn wait(&self, name: &str, what: &str, condition: impl Fn(&ServiceStatus) -> bool) -> ServiceStatus {
        until(what, async || {
            let Response::Done { services } = self.ask(Request::Status).await else {
                panic!("status is never refused")
            };
            services.into_iter().find(|service| service.name == name).filter(|service| condition(service))
        })
        .await
    }

    pub async fn wait_pid(&self, name: &str) -> u32 {
        self.wait(name, "a process", |service| service.pid.is_some()).await.pid.unwrap()
    }

    /// Ends everything and gives the outcome back, with the directory still there.
    pub async fn end(self) -> (tempfile::TempDir, Result<(), SupervisorError>) {
        self.stop.send(()).unwrap();
        (self.dir, self.run.await.unwrap())
    }
}

/// Polls `condition` until it holds; fails the test at the deadline.
pub async fn until<T>(what: &str, condition: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Whether the process runs; a dead one that nobody has reaped yet does not.
pub fn alive(pid: u32) -> bool {
    // proc_pid_stat(5): the state follows the command, which stands in parentheses.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

pub fn kill_9(pid: u32) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::KILL).unwrap();
}

/// The number a script wrote to a file, once it is whole.
pub async fn written_pid(path: &Path) -> u32 {
    until("a pid in a file", async || {
        let text = std::fs::read_to_string(path).ok()?;
        text.strip_suffix('\n')?.parse().ok()
    })
    .await
}

/// Waits for the directory's lock: another test's child may hold a copy between its fork and exec.
pub async fn relock(dir: &Path) -> supervisor::Lock {
    until("the lock's release", async || supervisor::lock(dir).ok()).await
}
