//! The journal, who may use it, and what was asked of it.

use super::counts::Counts;
use super::pace::Pace;
use super::{Caller, LeaseRights, problems};
use lease_journal::{Head, Journal, JournalError};
use model::Instant;
use service_shell::{Bearer, Check, Problem};
use std::sync::{Arc, Mutex, PoisonError};

/// The journal, who may use it, and what was asked of it. Clones share.
#[derive(Clone)]
pub struct Leases {
    pub(super) journal: Journal,
    pub(super) rights: Arc<dyn LeaseRights>,
    pub(super) counts: Counts,
    /// How fast each engine reserves.
    pub(super) pace: Pace,
    /// The head that the journal was held against last.
    held: Arc<Mutex<Option<Head>>>,
}

impl Leases {
    /// Over an open journal.
    pub fn new(journal: Journal, rights: impl LeaseRights) -> Self {
        let (counts, pace) = (Counts::default(), Pace::default());
        Self { journal, rights: Arc::new(rights), counts, pace, held: Arc::default() }
    }

    /// What readiness says of the journal of a process that began at `started`.
    pub fn check(&self, started: Instant) -> Check {
        let standing = self.journal.standing();
        let ok = standing.is_ok();
        Check::new("lease_journal", ok, standing.unwrap_or_else(|why| why), started)
    }

    /// Whether cycles are set aside by what is known here: it is up to date, and the journal is the one that it shows.
    pub(super) fn grants(&self) -> Result<(), Problem> {
        let shown = self.rights.shown().map_err(|why| problems::not_current(&why))?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(head) = shown.filter(|_| *held != shown) {
            // From here on the journal itself refuses, where it is another or shorter.
            let _ = self.journal.shown(head);
            *held = shown;
        }
        Ok(())
    }

    pub(super) fn caller(&self, Bearer(token): Bearer) -> Result<Caller, Problem> {
        self.rights.caller(&token).ok_or_else(|| self.unknown(problems::no_engine))
    }

    /// What is said of something that is not known here: while the ledger is being read, that is no answer yet.
    pub(super) fn unknown(&self, problem: impl FnOnce() -> Problem) -> Problem {
        self.rights.shown().map_or_else(|why| problems::not_current(&why), |_| problem())
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
