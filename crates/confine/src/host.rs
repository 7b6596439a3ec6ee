//! Inside the process: putting the limits on oneself, then becoming the target.

use crate::{
    ConfineError, Enforced, Landlock, Limits, Memory, Network,
    enforced::ROOM_MIB,
    group,
    limits::MAX_SPEC_BYTES,
    log,
    restrict::{keep_open, own_entry, restrict},
    spawn::{Report, Spec},
};
use landlock::{ABI, LandlockStatus, RulesetStatus};
use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, getegid, geteuid, setrlimit, setsid, umask},
    stdio::{dup2_stdin, dup2_stdout, stderr, stdout},
    thread::{no_new_privs, set_no_new_privs},
};
use std::{
    fs::File,
    io::{Read, Write},
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::Path,
    process::{Command, ExitCode},
};

/// The exit code of a host that did not become its target.
const REFUSED: u8 = 126;

/// The whole of the hidden subcommand `confine`. Without words it reads on its standard input what is to be started,
/// applies the limits, reports them, and becomes the target. With `log FILE` it keeps its standard input there.
///
/// Must be called before any other thread is started (limits of files and ports are a thread's own). As a host it comes
/// back only when something was refused; the reason went to who called [`crate::spawn`].
pub fn enter<T: AsRef<str>>(words: &[T]) -> ExitCode {
    match words.iter().map(AsRef::as_ref).collect::<Vec<_>>().as_slice() {
        [] => host(),
        [log::LOG, path] => match log::keep(Path::new(path)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(REFUSED),
        },
        _ => told(&ConfineError::Spec("it takes no such words".to_owned())),
    }
}

/// What this process and all that it starts hold in memory reaches no file when one of them crashes.
///
/// # Errors
/// When the system refuses the limit.
pub fn no_core_files() -> Result<(), ConfineError> {
    limit("no core files", Resource::Core, 0)
}

fn host() -> ExitCode {
    let Ok(pipe) = rustix::io::fcntl_dupfd_cloexec(stdout(), 3).map(File::from) else {
        return ExitCode::from(REFUSED);
    };
    let Err(error) = become_target(&pipe);
    // Who started this has gone when the pipe is closed; the log still gets it.
    let _ = send_report(&pipe, &Report::Failed(error.to_string()));
    told(&error)
}

fn told(error: &ConfineError) -> ExitCode {
    // The log it goes to may be full, and that is no other error than the one it tells of.
    let _ = writeln!(std::io::stderr(), "{error}");
    ExitCode::from(REFUSED)
}

fn become_target(pipe: &File) -> Result<std::convert::Infallible, ConfineError> {
    let Spec { target, limits, grouped } = read_spec()?;
    let tasks = Path::new("/proc/self/task");
    if std::fs::read_dir(tasks).map_err(ConfineError::io(tasks))?.count() != 1 {
        return Err(ConfineError::Spec("it was entered after other threads had started".to_owned()));
    }
    let null = Path::new("/dev/null");
    dup2_stdin(File::open(null).map_err(ConfineError::io(null))?).map_err(|e| refused("an empty input", e))?;
    dup2_stdout(stderr()).map_err(|e| refused("the log", e))?;
    setsid().map_err(|e| refused("a session of its own", e))?;
    umask(Mode::from_raw_mode(0o077));
    std::env::set_current_dir(&target.cwd).map_err(ConfineError::io(&target.cwd))?;
    let (enforced, own) = apply(&limits, grouped)?;
    for dir in &target.directories {
        std::fs::create_dir_all(dir).map_err(ConfineError::io(dir))?;
    }
    keep_open(&own).map_err(|e| refused("its own entry in the process table", e))?;
    send_report(pipe, &Report::Enforced(enforced)).map_err(ConfineError::io(Path::new("report")))?;
    let mut command = Command::new(&target.program);
    let error = command.args(&target.args).env_clear().envs(target.environment.all()).exec();
    Err(ConfineError::Io { path: target.program, source: error })
}

fn read_spec() -> Result<Spec, ConfineError> {
    let mut bytes = Vec::new();
    let limit = MAX_SPEC_BYTES as u64 + 1;
    std::io::stdin().take(limit).read_to_end(&mut bytes).map_err(ConfineError::io(Path::new("standard input")))?;
    // What is wrong is not quoted: it may be a secret.
    serde_json::from_slice(&bytes)
        .map_err(|e| ConfineError::Spec(format!("its standard input is no specification at byte {}", e.column())))
}

fn send_report(mut pipe: &File, report: &Report) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    pipe.write_all(&line)
}

fn refused(what: &str, error: impl std::fmt::Display) -> ConfineError {
    ConfineError::Refused(format!("{what}: {error}"))
}

/// Puts the limits on. What comes back beside them is the open entry in the process table that the rules name.
fn apply(limits: &Limits, grouped: bool) -> Result<(Enforced, OwnedFd), ConfineError> {
    // Counted while the process table may still be read.
    let handed_files = handed_files()?;
    let memory = memory(limits, grouped)?;
    no_core_files()?;
    limit("open files", Resource::Nofile, limits.open_files.into())?;
    limit("processes", Resource::Nproc, limits.processes.into())?;
    set_no_new_privs(true).map_err(|e| refused("no new privileges", e))?;
    // The highest number there is, so that it is in nobody's way.
    let highest = i32::try_from(limits.open_files.saturating_sub(1)).unwrap_or(i32::MAX);
    let own = own_entry(highest).map_err(|e| refused("its own entry in the process table", e))?;
    let status = restrict(limits, &own).map_err(|e| refused("landlock", e))?;
    let abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi,
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => ABI::Unsupported,
    };
    let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
    let enforced = Enforced {
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
        memory,
        open_files: true,
        processes: uid != 0,
        handed_files,
    };
    Ok((enforced, own))
}

fn limit(what: &str, resource: Resource, value: u64) -> Result<(), ConfineError> {
    setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) }).map_err(|e| refused(what, e))
}

/// A group counts what is used, by all together. Without one there is only what each process reserves.
fn memory(limits: &Limits, grouped: bool) -> Result<Memory, ConfineError> {
    if grouped {
        let name = limits.group.as_deref().unwrap_or_default();
        return if group::is_in(name) { Ok(Memory::Group) } else { Err(refused("memory", "it is not in its group")) };
    }
    let most = u64::from(limits.memory_mib.saturating_add(ROOM_MIB)) << 20;
    limit("memory", Resource::Data, most)?;
    Ok(Memory::Rlimit)
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
