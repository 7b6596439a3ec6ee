//! The cap that the ledger says at each of its sizes.

use super::stage::Stage;
use model::ChangeId;
use std::collections::BTreeMap;
use testkit::Double;

/// How long a raised cap stands: longer than any run.
const FOR_MS: i64 = 24 * 3_600_000;

/// From which size of the control log on there is which cap.
pub struct Caps {
    from: BTreeMap<u64, u64>,
    base: u64,
    raised: Option<ChangeId>,
}

impl Caps {
    pub fn new(base: u64) -> Self {
        Self { from: [(0, base)].into(), base, raised: None }
    }

    /// The cap in force at this size.
    pub fn at(&self, size: u64) -> u64 {
        *self.from.range(..=size).next_back().unwrap().1
    }

    /// Raises the cap of the lease to this: in place of the override that stands.
    pub fn raise(&mut self, stage: &Stage, cycles: u64) {
        let double = &stage.double;
        if let Some(raised) = self.raised.take() {
            let revision = double.state().changes[&raised].revision;
            let leaf =
                double.sign_and_submit(testkit::World::AUDITOR, signed::Act::Revoke { change: raised, revision });
            self.from.insert(leaf + 1, self.base);
        }
        let raised = double.grant(Double::cap(cycles, "UTC", Some(stage.lease)), Some(FOR_MS));
        // The last entry of the grant is the run that starts it; others may have been recorded since.
        let leaf = double.started(raised);
        self.from.insert(leaf + 1, cycles);
        self.raised = Some(raised);
    }
}
