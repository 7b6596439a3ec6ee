//! The journal, who may use it, and what was asked of it.

use super::counts::Counts;
use super::{Caller, LeaseRights, problems};
use lease_journal::{Journal, JournalError};
use model::Instant;
use service_shell::{Bearer, Check, Problem};
use std::sync::Arc;

/// The journal, who may use it, and what was asked of it. Clones share.
#[derive(Clone)]
pub struct Leases {
    pub(super) journal: Journal,
    pub(super) rights: Arc<dyn LeaseRights>,
    pub(super) counts: Counts,
}

impl Leases {
    /// Over an open journal.
    pub fn new(journal: Journal, rights: impl LeaseRights) -> Self {
        Self { journal, rights: Arc::new(rights), counts: Counts::default() }
    }

    /// What readiness says of the journal of a process that began at `started`.
    pub fn check(&self, started: Instant) -> Check {
        let standing = self.journal.standing();
        let ok = standing.is_ok();
        Check::new("lease_journal", ok, standing.unwrap_or_else(|why| why), started)
    }

    pub(super) fn caller(&self, Bearer(token): Bearer) -> Result<Caller, Problem> {
        self.rights.caller(&token).ok_or_else(problems::no_engine)
    }

    /// An answer of the journal, counted.
    pub(super) fn told<T>(
        &self,
        verb: &'static str,
        answer: Result<T, JournalError>,
        cycles: u64,
    ) -> Result<T, Problem> {
        self.counts.count(verb, &answer, cycles, &self.journal);
        answer.map_err(|error| problems::journal(&error))
    }
}
