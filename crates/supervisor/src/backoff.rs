//! How long to wait before a child that died is started again.

use crate::Timing;
use std::time::Duration;

/// Doubles from `backoff_first` to `backoff_cap`; a healthy run forgives all before it.
#[derive(Debug)]
pub(crate) struct Backoff {
    timing: Timing,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(timing: Timing) -> Self {
        Self { timing, next: timing.backoff_first.min(timing.backoff_cap) }
    }

    /// The wait after a run of `ran` that `was_ready` at its end or not.
    pub(crate) fn after(&mut self, ran: Duration, was_ready: bool) -> Duration {
        if was_ready && ran >= self.timing.healthy_after {
            *self = Self::new(self.timing);
        }
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.timing.backoff_cap);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn doubles_to_the_cap_and_is_forgiven_by_a_healthy_run() {
        let mut backoff = Backoff::new(Timing::default());
        let waits: Vec<u128> = (0..8).map(|_| backoff.after(Duration::ZERO, false).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        let long = Duration::from_secs(31);
        assert_eq!(backoff.after(long, false).as_millis(), 5000, "long but never ready is not healthy");
        assert_eq!(backoff.after(long, true).as_millis(), 100);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn stays_within_its_bounds(runs in prop::collection::vec((0u64..60, any::<bool>()), 0..40)) {
            let timing = Timing::default();
            let mut backoff = Backoff::new(timing);
            for (ran_s, ready) in runs {
                let wait = backoff.after(Duration::from_secs(ran_s), ready);
                prop_assert!((timing.backoff_first..=timing.backoff_cap).contains(&wait));
            }
        }
    }
}
