//! Starting a confined process.

use crate::{
    ConfineError, Enforced, Environment, Identity, Limits, Log, group, identity::readable, limits::MAX_SPEC_BYTES, log,
};
use rustix::pipe::{PipeFlags, pipe_with};
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    io::{Read, Write},
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long the host may take to apply the limits and start the target.
const REPORT_WITHIN: Duration = Duration::from_secs(10);
const MAX_REPORT_BYTES: usize = 16 << 10;
const STRANGER: &str = "the host is not one: it said something else than a report";

/// What is started.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Target {
    /// The executable, absolute, below one of the readable paths.
    pub program: PathBuf,
    pub args: Vec<OsString>,
    /// Where it runs.
    pub cwd: PathBuf,
    pub environment: Environment,
    /// Directories that it finds, made by itself where they are not there: below one of the writable paths.
    pub directories: Vec<PathBuf>,
}

/// The executable that calls [`crate::enter`]: it is given `args`, and then the words that `enter` takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    pub program: PathBuf,
    /// Its arguments up to the words.
    pub args: Vec<OsString>,
}

impl Host {
    /// This very executable with the hidden subcommand `confine`. The kernel's own link is used, so it
    /// works when the file was replaced by an upgrade or lies where the engine's user may not look.
    pub fn this() -> Self {
        Self { program: "/proc/self/exe".into(), args: vec!["confine".into()] }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().current_dir("/");
        command
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

/// What the host is told, as JSON on its standard input: arguments show in the process table, and this may hold secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) target: Target,
    pub(crate) limits: Limits,
    /// Whether the memory is limited by the group that the host is in.
    pub(crate) grouped: bool,
}

/// One line of what the host says back.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    Enforced(Enforced),
    Failed(String),
}

/// Starts the target under its limits, in a session of its own, without standard input, its output kept in `log` and the
/// older part beside it (see [`crate::MAX_LOG_BYTES`]) by a process that ends with it. Both outlive this process.
///
/// # Errors
/// When the host or the writer of the log cannot be started, a limit cannot be put on, or the target cannot be executed;
/// nothing runs then.
pub fn spawn(host: &Host, target: &Target, limits: &Limits, log: &Log) -> Result<Started, ConfineError> {
    if let Some(key) = target.environment.fault() {
        return Err(ConfineError::Spec(format!("no process can be given the variable `{key}`")));
    }
    let output = keep_log(host, log)?;
    let mut command = host.command();
    // Standard output is the way back for the report; `enter` replaces it by the log before the target starts.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(output);
    if let Some((uid, gid)) = limits.uid_gid {
        command.uid(uid).gid(gid);
    }
    let mut child = command.spawn().map_err(|source| ConfineError::Host { path: host.program.clone(), source })?;
    // Nothing holds the log's pipe open here.
    drop(command);
    match tell(&mut child, target, limits).and_then(|()| await_report(&mut child)) {
        Ok(started) => {
            reap(child, &target.program)?;
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

/// Whoever starts a process must take its exit status, else it stays in the table. No error: it ends by itself.
fn reap(mut child: Child, program: &Path) -> Result<(), ConfineError> {
    let reaper = std::thread::Builder::new().name("reaper".to_owned());
    reaper.spawn(move || drop(child.wait())).map_err(ConfineError::io(program)).map(drop)
}

/// Starts the writer of a log, and waits until it keeps what comes; what is written into the end that comes back goes there.
fn keep_log(host: &Host, log: &Log) -> Result<OwnedFd, ConfineError> {
    // The writer runs in another directory.
    let path = std::path::absolute(&log.path).map_err(ConfineError::io(&log.path))?;
    log::begin(&path, log.begin.as_deref())?;
    let mut orders = serde_json::to_vec(&log.masked).map_err(|e| ConfineError::Spec(e.to_string()))?;
    orders.push(b'\n');
    if orders.len() > MAX_SPEC_BYTES {
        return Err(ConfineError::Spec(format!("what is to be masked is above {MAX_SPEC_BYTES} bytes")));
    }
    let (read, write) = pipe_with(PipeFlags::CLOEXEC).map_err(|e| ConfineError::io(&path)(e.into()))?;
    let mut command = host.command();
    command.arg(log::LOG).arg(&path).stdin(read).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|source| ConfineError::Host { path: host.program.clone(), source })?;
    // Nothing reads it here: a writer that ended is a closed pipe.
    drop(command);
    let mut pipe = std::fs::File::from(write);
    let told = pipe.write_all(&orders);
    let said = report(&mut child);
    if told.is_ok() && said.as_ref().is_ok_and(|said| said == log::READY.as_bytes()) {
        reap(child, &path)?;
        return Ok(pipe.into());
    }
    // It may have ended by itself; either way its status is taken.
    let _ = child.kill();
    let _ = child.wait();
    let said = String::from_utf8_lossy(&said?).into_owned();
    Err(match said.strip_prefix(log::FAILED) {
        Some(why) => ConfineError::Log(why.to_owned()),
        None if said.is_empty() => ConfineError::Log("its writer ended without a word".to_owned()),
        None => ConfineError::Refused(STRANGER.to_owned()),
    })
}

/// Tells the host what to do once it is in its group: it begins nothing before.
fn tell(child: &mut Child, target: &Target, limits: &Limits) -> Result<(), ConfineError> {
    let refused = |what: &str, error: std::io::Error| ConfineError::Refused(format!("{what}: {error}"));
    let grouped = match &limits.group {
        Some(name) => group::enter(name, child.id(), limits.memory_mib).map_err(|e| refused("a control group", e))?,
        None => false,
    };
    let spec = Spec { target: target.clone(), limits: limits.clone(), grouped };
    let spec = serde_json::to_vec(&spec).map_err(|e| ConfineError::Spec(e.to_string()))?;
    if spec.len() > MAX_SPEC_BYTES {
        return Err(ConfineError::Spec(format!("arguments and environment are above {MAX_SPEC_BYTES} bytes")));
    }
    let mut pipe = child.stdin.take().ok_or_else(|| ConfineError::Refused("its input is not connected".to_owned()))?;
    match pipe.write_all(&spec) {
        // The program has ended or does not read its input. Its report says why; a missing report says that it ended.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        told => told.map_err(|e| refused("its input", e)),
    }
}

/// All that a child says on its standard output until it closes that.
fn report(child: &mut Child) -> Result<Vec<u8>, ConfineError> {
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
            0 => return Ok(said),
            n if said.len() + n > MAX_REPORT_BYTES => {
                return Err(ConfineError::Refused("its report is too long".to_owned()));
            }
            n => said.extend_from_slice(&chunk[..n]),
        }
    }
}

/// The pipe ends when the target has been executed (it is closed on exec) or the host has ended.
fn await_report(child: &mut Child) -> Result<Started, ConfineError> {
    let said = report(child)?;
    let mut enforced = None;
    for line in said.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(Report::Enforced(report)) => enforced = Some(report),
            Ok(Report::Failed(why)) => return Err(ConfineError::Refused(why)),
            Err(_) => {
                return Err(ConfineError::Refused(STRANGER.to_owned()));
            }
        }
    }
    let enforced = enforced.ok_or_else(|| ConfineError::Refused("the host ended without a report".to_owned()))?;
    let identity = Identity::of_child(child.id())?;
    Ok(Started { identity, enforced })
}
