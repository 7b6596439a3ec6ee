//! What was used of an AI lease.

use super::answer::Answer;
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
    // As long as before and with another root, it is not the one that was reported.
    let other = |known: &JournalHead| journal.size < known.size || (journal.size == known.size && journal != known);
    if let Some((known, _)) = state.journal.filter(|(known, _)| other(known)) {
        return Ok((Err(Refusal::JournalShorter { known: known.size }), tags));
    }
    let about = About::of(change);
    let event = GrantEvent::Used { about, from: *from, until: *until, cycles: *cycles, journal: *journal };
    Ok((Ok(vec![Effect::Grant { grant: *lease, event }]), tags))
}
