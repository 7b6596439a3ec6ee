//! How far a process may be limited.

use rustix::process::{Resource, getrlimit};

/// Processes and threads of an engine's user, both sides together.
const PROCESSES: u32 = 512;

/// A limit can be lowered, not raised above what the service itself was given.
pub(super) fn at_most(resource: Resource, wanted: u32) -> u32 {
    let given = getrlimit(resource).maximum.and_then(|most| u32::try_from(most).ok());
    given.map_or(wanted, |given| given.min(wanted))
}

/// Counted by the kernel for each user. Without a user of its own an engine would be stopped by what else its user
/// runs, so then only the user's own limit holds.
pub(super) fn processes(user: Option<u32>) -> u32 {
    at_most(Resource::Nproc, if user.is_some() { PROCESSES } else { u32::MAX })
}
