//! What is known of a child, as `status` answers it.

use crate::LastExit;
use model::Instant;
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a child is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its process runs.
    Running,
    /// It died and is started again after its wait.
    Waiting,
    /// It was stopped on request, and stays so until it is started.
    Stopped,
    /// It refused to start (exit code 78); start it once the cause is gone.
    Refused,
}

/// One child's status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStatus {
    pub name: String,
    /// What it is doing.
    pub state: State,
    pub since: Instant,
    /// Its process, while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pid: Option<u32>,
    /// Whether its last probe answered 200.
    pub ready: bool,
    /// Starts after the first that nobody asked for.
    pub restarts: u32,
    /// How it ended last, if it ever did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_exit: Option<LastExit>,
}

impl ServiceStatus {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: State::Waiting,
            since: now(),
            pid: None,
            ready: false,
            restarts: 0,
            last_exit: None,
        }
    }

    /// Enters `state`; a process and its readiness belong to `Running` alone.
    pub(crate) fn enter(&mut self, state: State, pid: Option<u32>) {
        (self.state, self.since, self.pid, self.ready) = (state, now(), pid, false);
    }
}

/// The wall clock, for people to read; no wait depends on it.
pub(crate) fn now() -> Instant {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
