//! What was used of each lease in a period that is over goes into the ledger, once.

use control::State;
use follower::Follower;
use lease_journal::{Head, Journal, Usage};
use model::ChangeId;
use signed::{JournalHead, Report};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Between two looks whether a period is over.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A report that the ledger has not heard of by then is made again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// Most periods of one lease that are looked at: a year of days and more.
const PERIODS_MAX: usize = 400;

/// Makes totals final and reports them, until the reports end; and holds the journal against what was reported of it.
pub(crate) async fn keep(follower: Follower, journal: Journal, told: mpsc::Sender<Report>) {
    let mut sent: BTreeMap<(ChangeId, model::Instant), Instant> = BTreeMap::new();
    loop {
        let state = follower.state();
        // What was lost of the journal would be granted again.
        let rolled_back = shown(&state, &journal).is_err();
        if !rolled_back {
            for (lease, period) in journal.committable() {
                if let Err(error) = journal.commit(lease, period).await {
                    tracing::warn!(%lease, %error, "platform: a period's total is not final yet");
                }
            }
            sent.retain(|_, at| at.elapsed() < AGAIN_AFTER);
            for (lease, usage) in due(&state, &journal) {
                if sent.contains_key(&(lease, usage.period.from)) {
                    continue;
                }
                let Ok(total) = journal.commit(lease, usage.period).await else { continue };
                let journal = JournalHead { size: total.head.size, root: total.head.root };
                let (from, until, cycles) = (total.period.from, total.period.until, total.posted);
                sent.insert((lease, from), Instant::now());
                if told.send(Report::Used { lease, from, until, cycles, journal }).await.is_err() {
                    return;
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Holds the journal against the head of it that the ledger has.
pub(crate) fn shown(state: &State, journal: &Journal) -> Result<(), lease_journal::HeadFault> {
    let Some((known, _)) = state.journal else { return Ok(()) };
    journal.shown(Head { size: known.size, root: known.root })
}

/// The oldest period of each lease that is final here and not in the ledger: they are told in their order.
fn due(state: &State, journal: &Journal) -> Vec<(ChangeId, Usage)> {
    let leases = state.grants.iter().filter(|(_, grant)| grant.terms.cap().is_some_and(|cap| cap.raises.is_none()));
    let due = leases.filter_map(|(lease, grant)| {
        let told = |usage: &Usage| grant.used.is_some_and(|used| usage.period.from < used.until);
        let all = journal.usage(lease, PERIODS_MAX);
        let oldest = all.into_iter().filter(|usage| !told(usage)).min_by_key(|usage| usage.period.from)?;
        oldest.committed.map(|_| (*lease, oldest))
    });
    due.collect()
}

/// Whether a lease that is over has come to its end here: nothing of it is open, and every period of it is in the ledger.
///
/// # Errors
/// What is still to come.
pub(crate) fn ended(state: &State, journal: &Journal, lease: &ChangeId) -> Result<(), String> {
    let Some(grant) = state.grants.get(lease) else { return Ok(()) };
    let told = |usage: &Usage| grant.used.is_some_and(|used| usage.period.from < used.until);
    let open = journal.usage(lease, PERIODS_MAX).into_iter().find(|usage| !told(usage));
    match open {
        None => Ok(()),
        Some(usage) if usage.open > 0 => Err(format!("{} cycles of it are reserved still", usage.open)),
        Some(usage) => Err(format!("its period until {} is not accounted for yet", usage.period.until)),
    }
}
