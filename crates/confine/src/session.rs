//! The end of a confined process and of what it left behind: every one starts in a session of its own,
//! named by its pid.

use crate::{ConfineError, Ended, Identity, identity::Stat};
use rustix::process::Signal;
use std::{fs, os::unix::fs::MetadataExt, path::Path, time::Duration};

/// How long the kernel may take to take a killed process away.
const KILL_WITHIN: Duration = Duration::from_secs(5);

impl Identity {
    /// SIGTERM, and SIGKILL when it is still there after `within`; then everything left in its session.
    ///
    /// A process that has the pid but another start time is never signalled.
    pub fn terminate(&self, within: Duration) -> Result<Ended, ConfineError> {
        let Some(handle) = self.open()? else { return Ok(Ended::Already) };
        let mut ended = Ended::Terminated;
        self.send(&handle, Signal::TERM)?;
        if !self.wait(&handle, within)? {
            ended = Ended::Killed;
            self.send(&handle, Signal::KILL)?;
            if !self.wait(&handle, KILL_WITHIN)? {
                return Err(ConfineError::Unkillable(self.pid));
            }
        }
        for straggler in left_behind(self)? {
            if let Some(handle) = straggler.open()? {
                straggler.send(&handle, Signal::KILL)?;
                straggler.wait(&handle, KILL_WITHIN)?;
            }
        }
        Ok(ended)
    }
}

impl Identity {
    /// SIGKILL to what a process that has ended by itself left behind in its session, where that belongs to `user`. A
    /// session of another user is another one, that a later process of the same number began; so is any on another boot.
    pub fn end_session(&self, user: u32) -> Result<(), ConfineError> {
        if self.is_alive() || Identity::of_self()?.boot_id != self.boot_id {
            return Ok(());
        }
        for straggler in left_behind(self)? {
            let owner = fs::metadata(format!("/proc/{}", straggler.pid)).map(|meta| meta.uid());
            if owner.is_ok_and(|owner| owner == user)
                && let Some(handle) = straggler.open()?
            {
                straggler.send(&handle, Signal::KILL)?;
                straggler.wait(&handle, KILL_WITHIN)?;
            }
        }
        Ok(())
    }
}

/// The session that a process is in, named by the pid that began it; none when there is no such process.
pub fn session(pid: u32) -> Option<u32> {
    Stat::read(pid).ok().flatten().map(|stat| stat.session)
}

/// The processes still in the session that `leader` began. Asked once the leader has ended: the kernel
/// does not give its number away while a session carries it, so the same number means the same session.
fn left_behind(leader: &Identity) -> Result<Vec<Identity>, ConfineError> {
    let proc = Path::new("/proc");
    let mut found = Vec::new();
    for item in fs::read_dir(proc).map_err(ConfineError::io(proc))? {
        let name = item.map_err(ConfineError::io(proc))?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // Another user's process that cannot be read is none of ours.
        let Ok(Some(stat)) = Stat::read(pid) else { continue };
        if pid != leader.pid && stat.session == leader.pid && stat.start_ticks >= leader.start_ticks {
            found.push(Identity { pid, start_ticks: stat.start_ticks, boot_id: leader.boot_id.clone() });
        }
    }
    // A new process under the leader's old number would be the leader of a session of its own.
    let reused = Identity::of_pid(leader.pid)?.is_some_and(|now| now != *leader);
    Ok(if reused { Vec::new() } else { found })
}
