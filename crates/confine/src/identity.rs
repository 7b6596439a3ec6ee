//! Which process, beyond doubt: a pid alone is reused.

use crate::ConfineError;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    os::fd::{AsFd, OwnedFd},
    path::Path,
    time::{Duration, Instant},
};

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// One process of one boot of one machine: pid, start time and boot id. Meant to be kept on disk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// Process id.
    pub pid: u32,
    /// Start time in clock ticks since boot: field 22 of `/proc/<pid>/stat` (proc(5)).
    pub start_ticks: u64,
    /// The kernel's id of this boot.
    pub boot_id: String,
}

/// How a process came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was not there any more.
    Already,
    /// It ended after SIGTERM, in time.
    Terminated,
    Killed,
}

impl Identity {
    /// This process.
    pub fn of_self() -> Result<Self, ConfineError> {
        let pid = std::process::id();
        Self::of_pid(pid)?
            .ok_or_else(|| ConfineError::Table { pid, what: "it does not list the process that asks".to_owned() })
    }

    /// The process that has this pid now; none when there is none, or only its exit status is left.
    pub fn of_pid(pid: u32) -> Result<Option<Self>, ConfineError> {
        Ok(Self::look(pid)?.and_then(|(found, finished)| (!finished).then_some(found)))
    }

    /// A child whose exit status was not taken yet: it is in the table even when it has ended already.
    pub(crate) fn of_child(pid: u32) -> Result<Self, ConfineError> {
        let (found, _) = Self::look(pid)?.ok_or_else(|| ConfineError::Table {
            pid,
            what: "it does not list a child that was just started".to_owned(),
        })?;
        Ok(found)
    }

    fn look(pid: u32) -> Result<Option<(Self, bool)>, ConfineError> {
        let Some(stat) = Stat::read(pid)? else { return Ok(None) };
        let boot = fs::read_to_string(BOOT_ID).map_err(ConfineError::io(Path::new(BOOT_ID)))?;
        Ok(Some((Self { pid, start_ticks: stat.start_ticks, boot_id: boot.trim().to_owned() }, stat.finished)))
    }

    /// Whether this very process still runs. What cannot be read counts as gone: it is never signalled.
    pub fn is_alive(&self) -> bool {
        Self::of_pid(self.pid).is_ok_and(|found| found.as_ref() == Some(self))
    }

    /// SIGHUP: asks a service to read its configuration again. `false` when the process is gone.
    pub fn hang_up(&self) -> Result<bool, ConfineError> {
        match self.open()? {
            Some(handle) => self.send(&handle, Signal::HUP).map(|()| true),
            None => Ok(false),
        }
    }

    /// A handle on this very process. The identity is checked after the handle is taken, so whatever has
    /// the pid later cannot be meant by it.
    pub(crate) fn open(&self) -> Result<Option<OwnedFd>, ConfineError> {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else { return Ok(None) };
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(handle) => Ok(self.is_alive().then_some(handle)),
            Err(Errno::SRCH) => Ok(None),
            Err(source) => Err(ConfineError::Signal { pid: self.pid, source }),
        }
    }

    pub(crate) fn send(&self, handle: &OwnedFd, signal: Signal) -> Result<(), ConfineError> {
        match pidfd_send_signal(handle, signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(source) => Err(ConfineError::Signal { pid: self.pid, source }),
        }
    }

    /// A pidfd is readable once its process has ended (pidfd_open(2)).
    pub(crate) fn wait(&self, handle: &OwnedFd, within: Duration) -> Result<bool, ConfineError> {
        readable(handle, within).map_err(|source| ConfineError::Signal { pid: self.pid, source })
    }
}

/// Waits until there is something to read (or the end) on `fd`, at most `within`.
pub(crate) fn readable(fd: &impl AsFd, within: Duration) -> Result<bool, Errno> {
    let deadline = Instant::now() + within;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(|_| Errno::INVAL)?;
        match poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&timeout)) {
            Ok(n) => return Ok(n > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// The fields of `/proc/<pid>/stat` that matter here.
pub(crate) struct Stat {
    /// Zombie or dead: only the exit status is left.
    finished: bool,
    /// Session id.
    pub(crate) session: u32,
    /// Start time.
    pub(crate) start_ticks: u64,
}

impl Stat {
    pub(crate) fn read(pid: u32) -> Result<Option<Self>, ConfineError> {
        let path = format!("/proc/{pid}/stat");
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            // A process that ends while its file is open gives ESRCH.
            Err(e)
                if e.kind() == std::io::ErrorKind::NotFound || e.raw_os_error() == Some(Errno::SRCH.raw_os_error()) =>
            {
                return Ok(None);
            }
            Err(e) => return Err(ConfineError::io(Path::new(&path))(e)),
        };
        Self::parse(&text).map(Some).ok_or_else(|| ConfineError::Table { pid, what: text.chars().take(200).collect() })
    }

    /// The second field is the program's name in parentheses and may hold any character, so counting
    /// begins behind the last closing one.
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let finished = matches!(*fields.first()?, "Z" | "X" | "x");
        Some(Self { finished, session: fields.get(3)?.parse().ok()?, start_ticks: fields.get(19)?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let line = "7 (a) Z 1 (b) S 1 7 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 9876 1 2 3\n";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.finished, stat.session, stat.start_ticks), (false, 42, 9876));
        assert!(Stat::parse("7 (a").is_none() && Stat::parse("7 (a) S 1").is_none());
    }

    #[test]
    fn this_process_is_alive_and_is_not_another_one() {
        let me = Identity::of_self().unwrap();
        assert!(me.is_alive());
        let (other_start, other_boot) = (
            Identity { start_ticks: me.start_ticks + 1, ..me.clone() },
            Identity { boot_id: "x".to_owned(), ..me.clone() },
        );
        for other in [other_start, other_boot] {
            assert!(!other.is_alive());
            assert_eq!(
                other.terminate(Duration::ZERO).unwrap(),
                Ended::Already,
                "this test would not live to see it fail"
            );
        }
        let kept = serde_json::to_string(&me).unwrap();
        assert_eq!(serde_json::from_str::<Identity>(&kept).unwrap(), me);
    }
}
