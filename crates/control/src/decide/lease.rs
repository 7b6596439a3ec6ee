//! What was used of AI leases, and how far their journal has come.

use super::answer::Answer;
use super::reporting::trusted;
use crate::event::About;
use crate::{Effect, GrantEvent, Inadmissible, Refusal, State};
use model::{ChangeId, Instant, Service};
use signed::{JournalHead, Receipt, Report};

/// A period is reported once, after it is over, by Platform Services, from a journal that has not shrunk.
pub(super) fn used(state: &State, now: Instant, receipt: &Receipt, lease: &ChangeId) -> Result<Answer, Inadmissible> {
    let Report::Used { from, until, cycles, journal, .. } = &receipt.report else {
        return Err(Inadmissible::UnknownObject);
    };
    let (Some(grant), Some(change)) = (state.grants.get(lease), state.changes.get(lease)) else {
        return Err(Inadmissible::NoChange);
    };
    let tags = change.subject.tenants.clone();
    if receipt.service != Service::Platform || grant.terms.cap().is_none_or(|cap| cap.raises.is_some()) {
        return Ok((Err(Refusal::ReceiptForeign {}), tags));
    }
    if let Err(refusal) = trusted(state, receipt) {
        return Ok((Err(refusal), tags));
    }
    if until <= from || *cycles > crate::grant::CYCLES_MAX {
        return Err(Inadmissible::Bounds("a period ends after it begins, with cycles that can be counted"));
    }
    if grant.used.is_some_and(|used| *from < used.until) {
        return Err(Inadmissible::NoChange);
    }
    // An ended lease is accounted for at once; whatever else was reserved in its last period is void by then.
    if *until > now && !grant.is_over(now) {
        return Ok((Err(Refusal::PeriodOpen { until: *until }), tags));
    }
    if let Err(refusal) = follows(state, journal) {
        return Ok((Err(refusal), tags));
    }
    let about = About::of(change);
    let event = GrantEvent::Used { about, from: *from, until: *until, cycles: *cycles, journal: *journal };
    Ok((Ok(vec![Effect::Grant { grant: *lease, event }]), tags))
}

/// What the journal had by then, by the word of Platform Services. It says nothing of any tenant.
pub(super) fn grown(state: &State, receipt: &Receipt, journal: &JournalHead) -> Result<Answer, Inadmissible> {
    if receipt.service != Service::Platform {
        return Ok((Err(Refusal::ReceiptForeign {}), vec![]));
    }
    if let Err(refusal) = trusted(state, receipt) {
        return Ok((Err(refusal), vec![]));
    }
    if let Err(refusal) = follows(state, journal) {
        return Ok((Err(refusal), vec![]));
    }
    if state.journal.map_or(journal.size == 0, |(known, _)| known == *journal) {
        return Err(Inadmissible::NoChange);
    }
    Ok((Ok(vec![Effect::JournalHead { size: journal.size, root: journal.root }]), vec![]))
}

/// Whether the journal still has what it had: as long as before and with another root, it is not the one that was reported.
fn follows(state: &State, journal: &JournalHead) -> Result<(), Refusal> {
    let other = |known: &JournalHead| journal.size < known.size || (journal.size == known.size && journal != known);
    let known = state.journal.filter(|(known, _)| other(known));
    known.map_or(Ok(()), |(known, _)| Err(Refusal::JournalShorter { known: known.size }))
}
