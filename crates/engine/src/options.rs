//! Where the engines of a node run, as whom, and with which patience.

use confine::Host;
use std::{collections::BTreeSet, path::PathBuf, time::Duration};

/// What a [`crate::Runtime`] needs to know.
#[derive(Debug, Clone)]
pub struct RuntimeOptions {
    /// Its own directory: records, data and logs of the engines, the front's files. Made when it is not there.
    pub dir: PathBuf,
    /// Node Runtime's unpacked artifacts: `store/<manifest digest>/`.
    pub store: PathBuf,
    /// The executable with the hidden subcommands `front --dir DIR` and `confine`. `/proc/self/exe`
    /// is this very one, also where the engines' users may not look.
    pub program: PathBuf,
    /// Unprivileged users; none unless the service is root.
    pub run_as: Option<RunAs>,
    /// Where Platform Services answers, and on which port: there an engine uses its lease. None: its processes are not
    /// told, and may not connect there.
    pub platform: Option<(String, u16)>,
    pub timing: Timing,
}

impl RuntimeOptions {
    /// What puts its limits on a process before it begins.
    pub(crate) fn host(&self) -> Host {
        Host { program: self.program.clone(), args: vec!["confine".into()] }
    }
}

/// The users that front and engines run as, each its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunAs {
    /// User and group of the front; engines get the numbers after it, at most [`RunAs::MAX_ENGINES`].
    pub base: u32,
}

impl RunAs {
    /// Most engines with a user each.
    pub const MAX_ENGINES: u32 = 1_000;

    /// Users from 30000 on when this process is root, none otherwise: only root can become another user.
    pub fn if_root() -> Option<Self> {
        rustix::process::geteuid().is_root().then_some(Self { base: 30_000 })
    }

    /// The lowest user that is not taken.
    pub(crate) fn free(self, taken: &BTreeSet<u32>) -> Option<u32> {
        (1..=Self::MAX_ENGINES).filter_map(|n| self.base.checked_add(n)).find(|user| !taken.contains(user))
    }
}

/// The waits; the default is what the product runs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Probes in a row that must succeed before an engine counts as healthy.
    pub probe_successes: u32,
    /// Between two probes of a start, once the process listens; until then it is asked every 2 ms whether it does.
    pub probe_every: Duration,
    /// Longest wait for one answer.
    pub probe_timeout: Duration,
    /// For what was switched to, to be met through the front.
    pub probe_within: Duration,
    /// For requests in flight, before a stop.
    pub drain_within: Duration,
    /// From SIGTERM to SIGKILL.
    pub terminate_within: Duration,
    /// For the front to apply a table, a restart of the front included.
    pub front_within: Duration,
    /// Between two looks at the processes.
    pub watch_every: Duration,
    /// Between two probes of a running engine.
    pub health_every: Duration,
    /// Between two looks whether the front limits tenants as the fold says.
    pub limits_every: Duration,
    /// Between two readings of what the front counts.
    pub count_every: Duration,
    /// Between two judgements of a release's health.
    pub judge_every: Duration,
    /// Wait before the second restart; each further one waits twice as long.
    pub backoff_first: Duration,
    /// Longest wait before a restart.
    pub backoff_cap: Duration,
    /// A process that ran this long is restarted at once.
    pub healthy_after: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            probe_successes: 3,
            probe_every: Duration::from_millis(100),
            probe_timeout: Duration::from_secs(1),
            probe_within: Duration::from_secs(10),
            drain_within: Duration::from_secs(10),
            terminate_within: Duration::from_secs(5),
            front_within: Duration::from_secs(10),
            watch_every: Duration::from_millis(200),
            health_every: Duration::from_secs(1),
            limits_every: Duration::from_millis(500),
            count_every: Duration::from_secs(5),
            judge_every: Duration::from_secs(60),
            backoff_first: Duration::from_millis(200),
            backoff_cap: Duration::from_secs(10),
            healthy_after: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_user_is_given_and_none_beyond_the_last() {
        let (run_as, last) = (RunAs { base: 30_000 }, 30_000 + RunAs::MAX_ENGINES);
        assert_eq!(run_as.free(&BTreeSet::new()), Some(30_001), "the base is the front's own");
        assert_eq!(run_as.free(&BTreeSet::from([30_001, 30_003])), Some(30_002));
        assert_eq!(run_as.free(&(30_001..last).collect()), Some(last));
        assert_eq!(run_as.free(&(30_001..=last).collect()), None);
        assert_eq!(RunAs { base: u32::MAX }.free(&BTreeSet::new()), None, "there is no number above");
    }
}
