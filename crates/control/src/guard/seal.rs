//! What a draft needs before it is sealed.

use super::signing::Signing;
use crate::kind::engine_silent_ms;
use crate::reach::{able, can_fill};
use crate::refusal::refuse_if;
use crate::{Change, Refusal, State, governs, requirement};
use model::Instant;
use signed::{Act, Part, REASON};

/// Oldest observation a plan may rest on, milliseconds (10 min).
pub const OBSERVATION_MAX_MS: i64 = 600_000;
/// How long an escalation keeps a draft from being read-only, milliseconds (24 h).
const ESCALATION_MS: i64 = 24 * 3_600_000;

pub(super) fn says_why(s: &Signing) -> Result<(), Refusal> {
    reason_given(s.state, s.change)
}

/// Whether a change says why, where its kind must.
pub(crate) fn reason_given(state: &State, change: &Change) -> Result<(), Refusal> {
    let needed = change.required(state).is_some_and(|row| row.reason_required);
    refuse_if(needed && !Part::any_about(&change.package.parts, REASON), Refusal::ReasonMissing {})
}

pub(super) fn observed_freshly(s: &Signing) -> Result<(), Refusal> {
    let kind = governs(s.change.kind);
    let silent = s.now.millis_since(s.change.opened_at) >= engine_silent_ms();
    for service in kind.observers().iter().copied() {
        match s.change.observed.get(&service) {
            None if silent && kind.may_be_unchecked().contains(&service) => {}
            None => return Err(Refusal::ObservationMissing { service }),
            Some(observed) => {
                let old = s.now.millis_since(observed.at) > OBSERVATION_MAX_MS;
                refuse_if(old, Refusal::ObservationStale { service })?;
            }
        }
    }
    Ok(())
}

/// Distinct people, none an author, could fill every slot, and an escalated draft's escalator is none of them.
pub(super) fn satisfiable(s: &Signing) -> Result<(), Refusal> {
    let slots = requirement(s.state, s.change).map(|row| row.slots).unwrap_or_default();
    let mut barred = s.change.authors.clone();
    barred.insert(s.statement.person);
    barred.extend(s.change.escalated.iter().map(|escalated| escalated.person));
    barred.extend(governs(s.change.kind).concerned(s.state, s.change, s.now));
    can_fill(&able(s.state, &s.state.roster), &slots, &barred)
        .map_err(|slot| Refusal::Unsatisfiable { slot: slot.roles })
}

pub(super) fn escalation_due(s: &Signing) -> Result<(), Refusal> {
    let due = s.change.required(s.state).is_some_and(|row| row.escalation.is_some());
    refuse_if(!due || lifted(s.change, s.now), Refusal::NothingToEscalate {})?;
    // The escalator never approves: somebody else must be left who could.
    satisfiable(s)
}

fn lifted(change: &Change, now: Instant) -> bool {
    change.escalated.as_ref().is_some_and(|escalated| now.millis_since(escalated.at) <= ESCALATION_MS)
}

pub(super) fn escalated_before(s: &Signing) -> Result<(), Refusal> {
    escalated(s.state, s.change, s.now)
}

/// Whether a draft that is read-only until it is escalated was, and not too long ago.
pub(crate) fn escalated(state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
    let needed = change.required(state).and_then(|row| row.escalation);
    needed.filter(|_| !lifted(change, now)).map_or(Ok(()), |by| Err(Refusal::NotEscalated { by }))
}

/// The change that this one replaces: open, not run, of the same kind about the same.
pub(super) fn supersedes_fits(s: &Signing) -> Result<(), Refusal> {
    let Some(id) = s.change.package.supersedes else { return Ok(()) };
    let fits = s.state.changes.get(&id).is_some_and(|other| {
        let status = other.status_at(s.state, s.now);
        let not_run = status.is_open() && status != model::Status::Executing;
        let (mine, theirs) = (&s.change.package.body, &other.package.body);
        let same = other.kind == s.change.kind && other.subject == s.change.subject;
        let same = same && governs(other.kind).is_about_the_same(mine, theirs);
        let concerned = governs(other.kind).concerned(s.state, other, s.now).contains(&s.statement.person);
        not_run && same && !concerned && id != s.change.package.change
    });
    refuse_if(!fits, Refusal::SupersedesWrong {})
}

pub(super) fn item_exists(s: &Signing) -> Result<(), Refusal> {
    let Act::Attach { item, .. } = &s.statement.act else { return Ok(()) };
    let row = s.change.required(s.state);
    let known = row.is_some_and(|row| row.checklist.iter().any(|known| known.item == *item));
    refuse_if(!known, Refusal::ItemUnknown {})
}
