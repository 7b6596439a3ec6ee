//! What one process may have.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the host is told at most: arguments and environment of a process (`ARG_MAX` of Linux is 2 MiB).
pub(crate) const MAX_SPEC_BYTES: usize = 1 << 20;

/// The limits of one process. Beyond the paths given here it sees the system's programs and libraries (`/usr`, `/lib*`),
/// certificates, names of hosts, users and zones, the harmless devices and its own entry in the process table, and
/// nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// User and group to become; only root can. All supplementary groups are dropped.
    pub uid_gid: Option<(u32, u32)>,
    /// Memory of the process and all its children, in MiB, where it gets a group; of each process by itself elsewhere.
    pub memory_mib: u32,
    /// The control group that it gets where the machine allows that, by a name that no other process here has.
    pub group: Option<String>,
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
