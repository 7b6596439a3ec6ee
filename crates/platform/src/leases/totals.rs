//! What was used of each lease in a period that is over goes into the ledger, once; and how far the journal has come.

use control::{Grant, State};
use follower::{Clock, Follower};
use lease_journal::{Committed, Head, Journal, Period, Usage};
use model::ChangeId;
use signed::{JournalHead, Report};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// Between two looks whether a period is over.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A report that the ledger has not heard of by then is made again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// What the journal gains is in the ledger by then: a journal that has lost more is not believed.
const GROWN_EVERY: Duration = Duration::from_secs(600);
/// Most periods of one lease that are looked at: a year of days and more.
const PERIODS_MAX: usize = 400;

/// Makes totals final and reports them, until the reports end; and holds the journal against what was reported of it.
///
/// They are reported one after the other, in the order in which the journal has made them final. So each receipt shows
/// that the journal has come further, and the ledger takes each.
pub(crate) async fn keep(follower: Follower, journal: Journal, clock: Clock, told: mpsc::Sender<Report>) {
    let mut changed = follower.changed();
    let mut sent: Option<(Head, Instant)> = None;
    let mut grown: Option<Instant> = None;
    loop {
        changed.mark_unchanged();
        let state = follower.state();
        sent = sent.filter(|(head, at)| is_owed(&state, head) && at.elapsed() < AGAIN_AFTER);
        // What was lost of the journal would be granted again.
        if shown(&state, &journal).is_ok() {
            make_final(&state, &journal, (clock)()).await;
            let due = grown.is_none_or(|at| at.elapsed() >= GROWN_EVERY);
            // A total that is owed comes before a head beyond it, or the ledger would take it no more. None is made final
            // but above.
            let next = owed(&state, &journal).map(|total| (total.head, report(&total)));
            let next = next.or_else(|| due.then(|| gained(&state, &journal)).flatten());
            if sent.is_none()
                && let Some((head, report)) = next
            {
                if matches!(report, Report::JournalGrown { .. }) {
                    grown = Some(Instant::now());
                }
                sent = Some((head, Instant::now()));
                if told.send(report).await.is_err() {
                    return;
                }
            }
        }
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            Ok(()) = changed.changed(), if sent.is_some() => {}
        }
    }
}

/// Makes final what is over: periods by their end, and every period of a lease that is over itself.
async fn make_final(state: &State, journal: &Journal, now: model::Instant) {
    for (lease, period) in journal.committable() {
        if let Err(error) = journal.commit(lease, period).await {
            tracing::warn!(%lease, %error, "platform: a period's total is not final yet");
        }
    }
    for (lease, _) in leases(state).filter(|(_, grant)| grant.is_over(now)) {
        if let Err(error) = journal.close(*lease).await {
            tracing::warn!(%lease, %error, "platform: the total of a lease that is over is not final yet");
        }
    }
}

/// The journal as it is, where the ledger knows it as shorter.
fn gained(state: &State, journal: &Journal) -> Option<(Head, Report)> {
    let head = journal.newest().filter(|head| is_owed(state, head))?;
    Some((head, Report::JournalGrown { journal: JournalHead { size: head.size, root: head.root } }))
}

fn report(total: &Committed) -> Report {
    let journal = JournalHead { size: total.head.size, root: total.head.root };
    let (from, until) = (total.period.from, total.period.until);
    Report::Used { lease: total.lease, from, until, cycles: total.posted, journal }
}

/// Holds the journal against the head of it that the ledger has.
pub(crate) fn shown(state: &State, journal: &Journal) -> Result<(), lease_journal::HeadFault> {
    head(state).map_or(Ok(()), |head| journal.shown(head))
}

/// The newest head of the journal that a recorded receipt shows.
pub(super) fn head(state: &State) -> Option<Head> {
    state.journal.map(|(known, _)| Head { size: known.size, root: known.root })
}

fn is_owed(state: &State, told: &Head) -> bool {
    head(state).is_none_or(|known| known.size < told.size)
}

fn leases(state: &State) -> impl Iterator<Item = (&ChangeId, &Grant)> {
    state.grants.iter().filter(|(_, grant)| grant.terms.cap().is_some_and(|cap| cap.raises.is_none()))
}

/// The total that the ledger is to hear of next: the first beyond the head that it knows.
fn owed(state: &State, journal: &Journal) -> Option<Committed> {
    let takes =
        |lease: &ChangeId, period: &Period| state.grants.get(lease).is_some_and(|grant| !is_told(grant, period));
    journal.committed_beyond(head(state).map_or(0, |known| known.size), takes)
}

fn is_told(grant: &Grant, period: &Period) -> bool {
    grant.used.is_some_and(|used| period.from < used.until)
}

/// Whether a lease that is over has come to its end here: nothing of it is open, and every period of it is in the ledger.
///
/// # Errors
/// What is still to come.
pub(crate) fn ended(state: &State, journal: &Journal, lease: &ChangeId) -> Result<(), String> {
    let Some(grant) = state.grants.get(lease) else { return Ok(()) };
    let untold = |usage: &Usage| !is_told(grant, &usage.period);
    match journal.usage(lease, PERIODS_MAX).into_iter().find(untold) {
        None => Ok(()),
        Some(usage) if usage.open > 0 => Err(format!("{} cycles of it are reserved still", usage.open)),
        Some(usage) => Err(format!("its period until {} is not accounted for yet", usage.period.until)),
    }
}
