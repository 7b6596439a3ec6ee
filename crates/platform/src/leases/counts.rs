//! What was asked of the journal, and what came of it.

use lease_journal::{Journal, JournalError};
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};
use service_shell::Metrics;

/// The labels of a question: which, and what came of it. Both are words of ours, never a caller's.
type Of = [(&'static str, &'static str); 2];

/// Counters of one journal. Clones share.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    asked: Family<Of, Counter>,
    cycles: Family<[(&'static str, &'static str); 1], Counter>,
    entries: Gauge,
}

impl Counts {
    pub(super) fn register(&self, metrics: &Metrics) {
        metrics.register(|registry| {
            let asked = "Reservations asked for and ended, by what came of it; one asked again counts again";
            registry.register("lease_questions", asked, self.asked.clone());
            registry.register("lease_cycles", "Cycles reserved and posted, as answered", self.cycles.clone());
            registry.register("lease_journal_entries", "Entries of the lease journal", self.entries.clone());
        });
    }

    /// Counts an answer of `cycles`.
    pub(super) fn count<T>(&self, verb: &'static str, answer: &Result<T, JournalError>, cycles: u64, of: &Journal) {
        let outcome = match answer {
            Ok(_) => "granted",
            Err(JournalError::Refused(_)) => "refused",
            Err(_) => "failed",
        };
        self.asked.get_or_create(&[("verb", verb), ("outcome", outcome)]).inc();
        if answer.is_ok() {
            self.cycles.get_or_create(&[("verb", verb)]).inc_by(cycles);
        }
        self.entries.set(i64::try_from(of.log().size()).unwrap_or(i64::MAX));
    }
}
