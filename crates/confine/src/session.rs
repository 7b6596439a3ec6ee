//! What a confined process left behind: every process starts in a session of its own, named by its pid.

use crate::{ConfineError, Identity, identity::Stat};
use std::{fs, path::Path};

/// The processes still in the session that `leader` began. Asked once the leader has ended: the kernel
/// does not give its number away while a session carries it, so the same number means the same session.
pub(crate) fn left_behind(leader: &Identity) -> Result<Vec<Identity>, ConfineError> {
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
