//! Starting a confined process.

use crate::{ConfineError, Enforced, Identity, Limits, identity::readable};
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::Read,
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long the host may take to apply the limits and start the target.
const REPORT_WITHIN: Duration = Duration::from_secs(10);
const MAX_REPORT_BYTES: usize = 16 << 10;
/// A log larger than this becomes `<log>.1` at the next start.
const MAX_LOG_BYTES: u64 = 8 << 20;
/// All the environment there is.
const ENVIRONMENT: [(&str, &str); 3] = [("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("TZ", "UTC")];

/// What is started.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Target {
    /// The executable, absolute, below one of the readable paths.
    pub program: PathBuf,
    pub args: Vec<OsString>,
    /// Where it runs.
    pub cwd: PathBuf,
}

/// The executable that calls [`crate::enter`]: it is given `args` and then the specification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    pub program: PathBuf,
    /// Its arguments up to the specification.
    pub args: Vec<OsString>,
}

impl Host {
    /// This very executable with the hidden subcommand `confine`. The kernel's own link is used, so it
    /// works when the file was replaced by an upgrade or lies where the engine's user may not look.
    pub fn this() -> Self {
        Self { program: "/proc/self/exe".into(), args: vec!["confine".into()] }
    }
}

/// A process that runs under its limits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Started {
    /// Which process.
    pub identity: Identity,
    /// What is enforced on it.
    pub enforced: Enforced,
}

/// What the host is told, as JSON in its last argument. Nothing secret belongs here: it shows in the process table.
#[derive(Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) target: Target,
    pub(crate) limits: Limits,
}

/// One line of what the host says back.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    Enforced(Enforced),
    Failed(String),
}

/// Starts the target under its limits, in a session of its own, without standard input, its output
/// appended to `log`. It outlives this process.
///
/// # Errors
/// When the host cannot be started, a limit cannot be put on, or the target cannot be executed; nothing runs then.
pub fn spawn(host: &Host, target: &Target, limits: &Limits, log: &Path) -> Result<Started, ConfineError> {
    let spec = serde_json::to_string(&Spec { target: target.clone(), limits: limits.clone() })
        .map_err(|e| ConfineError::Spec(e.to_string()))?;
    let mut command = Command::new(&host.program);
    command.args(&host.args).arg(spec).env_clear().envs(ENVIRONMENT).current_dir("/");
    // Standard output is the way back for the report; `enter` replaces it by the log before the target starts.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(open_log(log)?);
    if let Some((uid, gid)) = limits.uid_gid {
        command.uid(uid).gid(gid);
    }
    let mut child = command.spawn().map_err(|source| ConfineError::Host { path: host.program.clone(), source })?;
    match await_report(&mut child) {
        Ok(started) => {
            // Whoever starts a process must take its exit status, else it stays in the table. No error: it ends by itself.
            let reaper = move || drop(child.wait());
            std::thread::Builder::new()
                .name("reaper".to_owned())
                .spawn(reaper)
                .map_err(ConfineError::io(&target.program))?;
            Ok(started)
        }
        Err(error) => {
            // It may have ended by itself; either way its status is taken, and the first error is the one to tell.
            let _ = child.kill();
            let _ = child.wait();
            Err(error)
        }
    }
}

/// The pipe ends when the target has been executed (it is closed on exec) or the host has ended.
fn await_report(child: &mut Child) -> Result<Started, ConfineError> {
    let mut pipe =
        child.stdout.take().ok_or_else(|| ConfineError::Refused("its output is not connected".to_owned()))?;
    let deadline = Instant::now() + REPORT_WITHIN;
    let (mut said, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if !readable(&pipe, left).map_err(|source| ConfineError::Signal { pid: child.id(), source })? {
            return Err(ConfineError::Silent(REPORT_WITHIN.as_secs()));
        }
        match pipe.read(&mut chunk).map_err(ConfineError::io(Path::new("report")))? {
            0 => break,
            n if said.len() + n > MAX_REPORT_BYTES => {
                return Err(ConfineError::Refused("its report is too long".to_owned()));
            }
            n => said.extend_from_slice(&chunk[..n]),
        }
    }
    let mut enforced = None;
    for line in said.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(Report::Enforced(report)) => enforced = Some(report),
            Ok(Report::Failed(why)) => return Err(ConfineError::Refused(why)),
            Err(_) => {
                return Err(ConfineError::Refused(
                    "the host is not one: it said something else than a report".to_owned(),
                ));
            }
        }
    }
    let enforced = enforced.ok_or_else(|| ConfineError::Refused("the host ended without a report".to_owned()))?;
    let identity = Identity::of_child(child.id())?;
    Ok(Started { identity, enforced })
}

fn open_log(path: &Path) -> Result<File, ConfineError> {
    if fs::metadata(path).is_ok_and(|meta| meta.len() > MAX_LOG_BYTES) {
        let mut older = path.as_os_str().to_owned();
        older.push(".1");
        fs::rename(path, older).map_err(ConfineError::io(path))?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(ConfineError::io(path))
}
