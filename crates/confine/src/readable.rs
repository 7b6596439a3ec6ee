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
/// Devices that keep nothing; written too.
pub(crate) const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// Those that are here. A link is granted where it leads to: the kernel's rules are about files, not names.
pub(crate) fn system() -> Vec<PathBuf> {
    let settings = fs::read_dir("/etc").into_iter().flatten().flatten().map(|item| item.path());
    let settings = settings.filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        is_runtime(name)
    });
    let fixed = DIRECTORIES.into_iter().chain(FILES).map(PathBuf::from);
    fixed.chain(settings).filter_map(|path| fs::canonicalize(path).ok()).collect()
}

/// Directories of runtimes that keep their settings in `/etc` and do not start without them, by the whole name: what only
/// begins like one is another program's.
fn is_runtime(name: &str) -> bool {
    let is_version = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let java = || name.strip_prefix("java-")?.strip_suffix("-openjdk");
    match name {
        "node" | "nodejs" | "python3" => true,
        _ => name.strip_prefix("python3.").or_else(java).is_some_and(is_version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_runtimes_are_read_and_of_what_only_begins_like_one_not() {
        for name in ["node", "nodejs", "python3", "python3.11", "java-17-openjdk"] {
            assert!(is_runtime(name), "{name}");
        }
        for name in ["node_exporter", "node-red", "nodejs.d", "python3-app", "python3.", "java-app", "java--openjdk"] {
            assert!(!is_runtime(name), "{name}");
        }
    }
}
