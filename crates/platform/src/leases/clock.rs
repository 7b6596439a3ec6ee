//! The journal's clock: this machine's, beside what the verified ledger and the clock itself have shown.

use follower::Follower;
use lease_journal::{Clock, SystemClock};
use model::Instant;

/// What has ended stays over for the journal, too, when the machine's clock is set back; and a journal that was idle for
/// long takes the ledger's word for the time, as it has no other.
pub(crate) struct BesideLedger {
    pub(crate) follower: Follower,
    pub(crate) own: SystemClock,
}

impl Clock for BesideLedger {
    fn wall(&self) -> Instant {
        self.own.wall()
    }

    fn monotonic_ms(&self) -> u64 {
        self.own.monotonic_ms()
    }

    fn passed(&self) -> Option<Instant> {
        Some(self.follower.latest(self.own.wall()))
    }

    fn vouched(&self) -> Option<Instant> {
        let state = self.follower.state();
        (state.size > 0).then_some(state.last)
    }
}
