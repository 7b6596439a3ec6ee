//! Inside the process: putting the limits on oneself, then becoming the target.

use crate::{
    ConfineError, Enforced, Landlock, Limits, Memory, Network,
    spawn::{Report, Spec},
};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, PathBeneath, PathFd, RestrictionStatus,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, getegid, geteuid, setrlimit, setsid, umask},
    stdio::{dup2_stdout, stderr, stdout},
    thread::{no_new_privs, set_no_new_privs},
};
use std::{
    fs::File,
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// What is asked of the kernel; an older one enforces what it knows, and the report says so.
const ASKED: ABI = ABI::V6;
/// What every dynamically linked program reads.
const SYSTEM_READ: [&str; 7] = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom"];
const SYSTEM_WRITE: [&str; 2] = ["/dev/null", "/dev/zero"];

/// The whole of the hidden subcommand `confine`: applies the limits in `spec_json`, reports them, and becomes the target.
///
/// Must be called before any other thread is started (limits of files and ports are a thread's own). It comes
/// back only when something was refused; the reason went to who called [`crate::spawn`].
pub fn enter(spec_json: &str) -> ExitCode {
    let Ok(pipe) = rustix::io::fcntl_dupfd_cloexec(stdout(), 3).map(File::from) else {
        return ExitCode::from(126);
    };
    let error = match become_target(spec_json, &pipe) {
        Err(error) => error.to_string(),
    };
    // Who started this has gone when the pipe is closed; the log still gets it.
    let _ = send_report(&pipe, &Report::Failed(error.clone()));
    // The log it goes to may be full, and that is no other error than the one it tells of.
    let _ = writeln!(std::io::stderr(), "{error}");
    ExitCode::from(126)
}

fn become_target(spec_json: &str, pipe: &File) -> Result<std::convert::Infallible, ConfineError> {
    let Spec { target, limits } = serde_json::from_str(spec_json).map_err(|e| ConfineError::Spec(e.to_string()))?;
    let tasks = Path::new("/proc/self/task");
    if std::fs::read_dir(tasks).map_err(ConfineError::io(tasks))?.count() != 1 {
        return Err(ConfineError::Spec("it was entered after other threads had started".to_owned()));
    }
    dup2_stdout(stderr()).map_err(|e| refused("the log", e))?;
    setsid().map_err(|e| refused("a session of its own", e))?;
    umask(Mode::from_raw_mode(0o077));
    std::env::set_current_dir(&target.cwd).map_err(ConfineError::io(&target.cwd))?;
    let enforced = apply(&limits)?;
    send_report(pipe, &Report::Enforced(enforced)).map_err(ConfineError::io(Path::new("report")))?;
    let error = Command::new(&target.program).args(&target.args).exec();
    Err(ConfineError::Io { path: target.program, source: error })
}

fn send_report(mut pipe: &File, report: &Report) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    pipe.write_all(&line)
}

fn refused(what: &str, error: impl std::fmt::Display) -> ConfineError {
    ConfineError::Refused(format!("{what}: {error}"))
}

fn apply(limits: &Limits) -> Result<Enforced, ConfineError> {
    // Counted while the process table may still be read.
    let handed_files = handed_files()?;
    let limit = |what: &str, resource, value: u64| {
        setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) }).map_err(|e| refused(what, e))
    };
    limit("no core files", Resource::Core, 0)?;
    limit("memory", Resource::Data, u64::from(limits.memory_mib) << 20)?;
    limit("open files", Resource::Nofile, limits.open_files.into())?;
    limit("processes", Resource::Nproc, limits.processes.into())?;
    set_no_new_privs(true).map_err(|e| refused("no new privileges", e))?;
    let status = restrict(limits).map_err(|e| refused("landlock", e))?;
    let abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi,
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => ABI::Unsupported,
    };
    let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
    Ok(Enforced {
        uid,
        gid,
        no_new_privs: no_new_privs().map_err(|e| refused("no new privileges", e))?,
        landlock: match status.ruleset {
            RulesetStatus::FullyEnforced => Landlock::Full,
            RulesetStatus::PartiallyEnforced => Landlock::Partial,
            RulesetStatus::NotEnforced => Landlock::None,
        },
        tcp_ports: abi >= ABI::V4 && limits.network != Network::Free,
        signals: abi >= ABI::V6,
        memory: Memory::Rlimit,
        open_files: true,
        processes: uid != 0,
        handed_files,
    })
}

/// Open files that will survive `exec`. Rust opens none of that kind, so these came from outside; without
/// `unsafe` they cannot be closed, so they are counted and said (flags of `/proc/self/fdinfo`, proc(5)).
fn handed_files() -> Result<u32, ConfineError> {
    const CLOSE_ON_EXEC: u32 = rustix::fs::OFlags::CLOEXEC.bits();
    let dir = Path::new("/proc/self/fdinfo");
    let mut count = 0;
    for item in std::fs::read_dir(dir).map_err(ConfineError::io(dir))? {
        let path = item.map_err(ConfineError::io(dir))?.path();
        let standard = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()).is_none_or(|fd| fd <= 2);
        // The handle this walk itself uses is gone again when it is looked at.
        let Ok(info) = std::fs::read_to_string(&path) else { continue };
        let flags = info.lines().find_map(|line| u32::from_str_radix(line.strip_prefix("flags:")?.trim(), 8).ok());
        if !standard && flags.is_some_and(|flags| flags & CLOSE_ON_EXEC == 0) {
            count += 1;
        }
    }
    Ok(count)
}

/// Best effort by the crate's own rules: what the kernel does not know is left out and shows in the status.
fn restrict(limits: &Limits) -> Result<RestrictionStatus, Box<dyn std::error::Error>> {
    let (read, write) = (AccessFs::from_read(ASKED), AccessFs::from_all(ASKED));
    let mut rules = Ruleset::default().handle_access(write)?.scope(Scope::from_all(ASKED))?;
    if matches!(limits.network, Network::Only { .. }) {
        rules = rules.handle_access(AccessNet::from_all(ASKED))?;
    }
    let mut rules = rules
        .create()?
        .add_rules(path_beneath_rules(SYSTEM_READ, read))?
        .add_rules(path_beneath_rules(SYSTEM_WRITE, AccessFs::from_file(ASKED)))?
        .add_rules(existing(&limits.read_paths)?.into_iter().map(|path| rule(&path, read)))?
        .add_rules(existing(&limits.write_paths)?.into_iter().map(|path| rule(&path, write)))?;
    if let Network::Only { bind, connect } = &limits.network {
        let port = |port: &u16, access| Ok::<_, RulesetError>(NetPort::new(*port, access));
        rules = rules
            .add_rules(bind.iter().map(|n| port(n, AccessNet::BindTcp)))?
            .add_rules(connect.iter().map(|n| port(n, AccessNet::ConnectTcp)))?;
    }
    Ok(rules.restrict_self()?)
}

/// A path that is not there would silently not be granted, so it is an error that names it.
fn existing(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    paths
        .iter()
        .map(|path| if path.exists() { Ok(path.clone()) } else { Err(format!("`{}` does not exist", path.display())) })
        .collect()
}

fn rule(path: &Path, access: BitFlags<AccessFs>) -> Result<PathBeneath<PathFd>, Box<dyn std::error::Error>> {
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(ASKED) };
    Ok(PathBeneath::new(PathFd::new(path)?, access))
}
