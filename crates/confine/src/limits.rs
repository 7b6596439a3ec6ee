//! What one process may have.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The limits of one process. Beyond the paths given here it sees the system's libraries
/// (`/usr`, `/lib*`), the time zone data and the harmless devices, and nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// User and group to become; only root can. All supplementary groups are dropped.
    pub uid_gid: Option<(u32, u32)>,
    /// Private writable memory of the process, in MiB (`RLIMIT_DATA`).
    pub memory_mib: u32,
    pub open_files: u32,
    /// Processes and threads of its user together; the kernel does not count those of root.
    pub processes: u32,
    /// May be read and executed, with everything below. Each must exist.
    pub read_paths: Vec<PathBuf>,
    /// May be written too, with everything below. Each must exist.
    pub write_paths: Vec<PathBuf>,
    /// TCP.
    pub network: Network,
}

/// What TCP ports it may use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Any: for the front, whose ports change while it runs.
    Free,
    /// Only these.
    Only {
        /// Ports it may listen on.
        bind: Vec<u16>,
        /// Ports it may connect to, on any host.
        connect: Vec<u16>,
    },
}
