//! What is used of AI leases, as Platform Services observes it.

use control::State;
use model::{ChangeId, Instant};
use serde::{Deserialize, Serialize};

/// What was used of a lease, as that service answers it; newer fields are tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseUse {
    pub lease: ChangeId,
    /// Its last periods in which anything was reserved, the newest first.
    pub periods: Vec<PeriodUse>,
    /// Entries of the lease journal that this is read from, or more.
    pub journal_size: u64,
}

/// What was used in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodUse {
    pub from: Instant,
    pub until: Instant,
    /// Cycles that were used.
    pub posted: u64,
    /// Cycles that are set aside.
    pub reserved: u64,
    /// By how many reservations.
    pub reservations: u32,
    /// The entry in the lease journal that made the total final, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal_entry: Option<u64>,
}

/// Why what is said of a lease is not believed.
pub const JOURNAL_SHORTER: &str =
    "not believed: Platform Services says it of a shorter lease journal than the ledger has recorded";

impl LeaseUse {
    /// Whether it can be true: it rests on all of the journal that this state, verified before it was asked for, knows of.
    pub fn is_believed(&self, state: &State) -> bool {
        state.journal.as_ref().is_none_or(|(head, _)| self.journal_size >= head.size)
    }

    /// The period that ran at an instant, if anything was reserved in it by then.
    pub fn at(&self, at: Instant) -> Option<&PeriodUse> {
        self.periods.iter().find(|period| period.from <= at && at < period.until)
    }

    /// What was used, at an instant, of the cycles of the period that ran then: one that is over is no part of them.
    pub fn text(&self, at: Instant, cycles: u64) -> String {
        let Some(period) = self.at(at) else { return format!("0 of {cycles} cycles used in this period") };
        let PeriodUse { from, until, posted, reserved, reservations, .. } = period;
        let open = match reservations {
            0 => "none reserved".to_owned(),
            1 => format!("{reserved} reserved by 1 reservation"),
            many => format!("{reserved} reserved by {many} reservations"),
        };
        format!("{posted} of {cycles} cycles used, {open}, in the period from {from} until {until}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Digest;
    use signed::JournalHead;

    #[test]
    fn a_period_that_is_over_is_no_part_of_what_can_be_used_now() {
        let at = Instant::from_millis;
        let period = PeriodUse {
            from: at(1_000),
            until: at(2_000),
            posted: 30,
            reserved: 5,
            reservations: 2,
            journal_entry: None,
        };
        let used = LeaseUse { lease: ChangeId([1; 16]), periods: vec![period], journal_size: 9 };
        assert_eq!(
            used.text(at(1_999), 100),
            "30 of 100 cycles used, 5 reserved by 2 reservations, in the period from 1970-01-01T00:00:01.000Z until \
             1970-01-01T00:00:02.000Z"
        );
        for outside in [999, 2_000] {
            assert_eq!(used.text(at(outside), 100), "0 of 100 cycles used in this period");
        }
    }

    #[test]
    fn what_rests_on_less_of_the_journal_than_is_recorded_is_not_believed() {
        let used = |journal_size| LeaseUse { lease: ChangeId([1; 16]), periods: vec![], journal_size };
        let mut state = State::empty();
        assert!(used(0).is_believed(&state));
        state.journal = Some((JournalHead { size: 9, root: Digest::ZERO }, 3));
        assert!(!used(8).is_believed(&state) && used(9).is_believed(&state) && used(10).is_believed(&state));
    }
}
