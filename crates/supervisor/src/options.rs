//! What to supervise, and with which patience.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// One child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Its name in status, log file and requests: 1 to 32 of `a-z 0-9 -`.
    pub name: String,
    /// Arguments of the executable.
    pub args: Vec<String>,
    /// Where it answers `GET /readyz`.
    pub probe: SocketAddr,
}

/// What to run.
#[derive(Debug, Clone)]
pub struct SupervisorOptions {
    /// The executable of every child.
    pub exe: PathBuf,
    /// The children, in the order they are started.
    pub services: Vec<ServiceSpec>,
    pub timing: Timing,
}

/// The waits of a supervisor; the default is what the product runs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Wait before the first restart; each further one waits twice as long.
    pub backoff_first: Duration,
    /// Longest wait before a restart.
    pub backoff_cap: Duration,
    /// A child that ran this long and was ready starts again at the first wait.
    pub healthy_after: Duration,
    /// What a child gets between its closed pipe and SIGKILL.
    pub stop_grace: Duration,
    /// Between two probes of a child that is not ready yet.
    pub probe_starting: Duration,
    /// Between two probes of a ready child.
    pub probe_ready: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            backoff_first: Duration::from_millis(100),
            backoff_cap: Duration::from_secs(5),
            healthy_after: Duration::from_secs(30),
            stop_grace: Duration::from_secs(4),
            probe_starting: Duration::from_millis(100),
            probe_ready: Duration::from_secs(2),
        }
    }
}
