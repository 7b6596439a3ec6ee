//! The orderly end of a demonstration: nothing of it stays behind.

use crate::{EngineError, file, layout::Layout, record::Record, runtime::records};
use confine::{Ended, Identity};
use std::{path::Path, time::Duration};

/// The front lets requests in flight end first.
const FRONT_WITHIN: Duration = Duration::from_secs(11);
const ENGINE_WITHIN: Duration = Duration::from_secs(5);

/// What was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The front, when one ran.
    pub front: bool,
    /// Engine processes that ran.
    pub engines: usize,
}

/// Ends the front and the engines of the runtime in `dir`, and only those that are, by pid, start time and boot id,
/// the recorded ones. The records stay: the next start brings back what serves. Blocks, up to about 20 s.
///
/// Call it when the service has ended, otherwise that starts them again.
///
/// # Errors
/// When a record cannot be read or a process cannot be ended; all others are ended all the same, and the first
/// error is told.
pub fn stop_all(dir: &Path) -> Result<Stopped, EngineError> {
    let layout = Layout::new(dir);
    let front = layout.front_by_itself();
    // One that was just started has no pid file of its own yet.
    let started: Result<Option<confine::Started>, _> = file::read(&layout.front_start());
    let (started, mut first) = started.map_or_else(|error| (None, Err(error)), |started| (started, Ok(())));
    let fronts: Vec<Identity> = front.into_iter().chain(started.map(|started| started.identity)).collect();
    let mut front = false;
    for identity in fronts {
        match identity.terminate(FRONT_WITHIN) {
            Ok(ended) => front |= ended != Ended::Already,
            Err(error) => first = first.and(Err(error.into())),
        }
    }
    let mut identities: Vec<(Identity, Option<u32>)> = vec![];
    for (_, record) in records(&layout)? {
        match record {
            Ok(record) => identities.extend(processes(&record)),
            Err(error) => first = first.and(Err(error)),
        }
    }
    let ended: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            identities.iter().map(|(identity, user)| scope.spawn(|| ended(identity, *user))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut engines = 0;
    for ended in ended {
        match ended {
            Ok(ended) => engines += usize::from(ended != Ended::Already),
            Err(error) => first = first.and(Err(error.into())),
        }
    }
    first.map(|()| Stopped { front, engines })
}

fn ended(identity: &Identity, user: Option<u32>) -> Result<Ended, confine::ConfineError> {
    let ended = identity.terminate(ENGINE_WITHIN)?;
    user.map_or(Ok(()), |user| identity.end_session(user))?;
    Ok(ended)
}

fn processes(record: &Record) -> impl Iterator<Item = (Identity, Option<u32>)> {
    record.sides.iter().flatten().filter_map(|side| Some((side.process.clone()?, record.user)))
}
