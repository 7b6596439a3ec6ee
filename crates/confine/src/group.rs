//! A control group of its own: the one limit of memory that holds for a process and all its children together.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Below the group of the service that starts processes.
const OURS: &str = "countersign";

/// How a kernel's memory controller is asked.
struct Controller {
    /// The group of this process.
    own: PathBuf,
    /// The file that holds the limit in bytes.
    limit: &'static str,
    /// The file with a line `oom_kill N`: how many processes were ended because the limit was reached.
    kills: &'static str,
}

/// Whether a process of the group `name` was ended by the kernel because together they reached their limit. Known until the
/// next process of that group is started.
pub fn killed_for_memory(name: &str) -> bool {
    let Some(Controller { own, kills, .. }) = controller() else { return false };
    let text = fs::read_to_string(own.join(OURS).join(name).join(kills)).unwrap_or_default();
    text.lines().filter_map(|line| line.strip_prefix("oom_kill ")?.parse::<u64>().ok()).any(|count| count > 0)
}

/// Puts a process into the group `name`, limited to so many MiB. `false` where this machine gives us no such group.
///
/// # Errors
/// When there is a controller that we may use and it fails.
pub(crate) fn enter(name: &str, pid: u32, memory_mib: u32) -> io::Result<bool> {
    let Some(controller) = controller() else { return Ok(false) };
    let ours = controller.own.join(OURS);
    if let Err(error) = fs::create_dir_all(&ours) {
        // Not ours to use: a service without that right limits each process by itself, and says so.
        return if is_forbidden(&error) { Ok(false) } else { Err(error) };
    }
    forget_group(name);
    match put(&ours.join(name), controller.limit, pid, memory_mib) {
        Err(error) if is_forbidden(&error) => Ok(false),
        done => done.map(|()| true),
    }
}

/// Removes a group in which nothing runs any more, with what is known of its end. The kernel refuses it where something runs.
pub fn forget_group(name: &str) {
    if let Some(Controller { own, .. }) = controller() {
        let _ = fs::remove_dir(own.join(OURS).join(name));
    }
}

fn put(group: &Path, limit: &str, pid: u32, memory_mib: u32) -> io::Result<()> {
    fs::create_dir_all(group)?;
    fs::write(group.join(limit), (u64::from(memory_mib) << 20).to_string())?;
    fs::write(group.join("cgroup.procs"), pid.to_string())
}

/// Whether this process is in the group.
pub(crate) fn is_in(name: &str) -> bool {
    let end = format!("/{OURS}/{name}");
    fs::read_to_string("/proc/self/cgroup").is_ok_and(|text| text.lines().any(|line| line.ends_with(&end)))
}

fn is_forbidden(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// Version 1 where it has the memory controller; version 2 where our own group may limit its children (cgroups(7)).
fn controller() -> Option<Controller> {
    let text = fs::read_to_string("/proc/self/cgroup").ok()?;
    let below = |root: &str, path: &str| Path::new(root).join(path.trim_start_matches('/'));
    for line in text.lines() {
        let mut fields = line.splitn(3, ':');
        let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        if controllers.split(',').any(|name| name == "memory") {
            let own = below("/sys/fs/cgroup/memory", path);
            return own.is_dir().then_some(Controller {
                own,
                limit: "memory.limit_in_bytes",
                kills: "memory.oom_control",
            });
        }
        if number == "0" {
            let own = below("/sys/fs/cgroup", path);
            let children = fs::read_to_string(own.join("cgroup.subtree_control")).unwrap_or_default();
            if children.split_whitespace().any(|name| name == "memory") {
                return Some(Controller { own, limit: "memory.max", kills: "memory.events" });
            }
        }
    }
    None
}
