//! What of the system every confined program may read: what a runtime needs to start, and nothing that is another's.

use std::{fs, path::PathBuf};

/// Programs, libraries, certificates and zones. `/etc/passwd` and `/etc/group` hold names and no passwords; any user may
/// read them, and programs ask there who they are.
const DIRECTORIES: [&str; 10] = [
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/ssl/certs",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/sys/devices/system/cpu",
    "/sys/kernel/mm/transparent_hugepage",
];
const FILES: [&str; 21] = [
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/ssl/openssl.cnf",
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/nsswitch.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/mime.types",
    "/etc/passwd",
    "/etc/group",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/version",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/net/core/somaxconn",
    "/proc/sys/vm/overcommit_memory",
];
/// Directories of runtimes that keep their settings in `/etc` and do not start without them, by how their names begin.
const RUNTIMES: [&str; 3] = ["java-", "python3", "node"];
/// Devices that keep nothing; written too.
pub(crate) const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// Those that are here. A link is granted where it leads to: the kernel's rules are about files, not names.
pub(crate) fn system() -> Vec<PathBuf> {
    let settings = fs::read_dir("/etc").into_iter().flatten().flatten().map(|item| item.path());
    let settings = settings.filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        RUNTIMES.iter().any(|runtime| name.starts_with(runtime))
    });
    let fixed = DIRECTORIES.into_iter().chain(FILES).map(PathBuf::from);
    fixed.chain(settings).filter_map(|path| fs::canonicalize(path).ok()).collect()
}
