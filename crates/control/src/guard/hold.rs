//! Holds, and taking a running change back.

use super::signing::Signing;
use crate::Refusal;
use crate::refusal::refuse_if;
use signed::Act;

pub(super) fn not_held(s: &Signing) -> Result<(), Refusal> {
    s.change.holds.keys().next().map_or(Ok(()), |by| Err(Refusal::Held { by: *by }))
}

/// A person holds a change once; another person's hold stands beside it.
pub(super) fn not_held_by_signer(s: &Signing) -> Result<(), Refusal> {
    refuse_if(s.change.holds.contains_key(&s.statement.person), Refusal::Held { by: s.statement.person })
}

pub(super) fn is_held(s: &Signing) -> Result<(), Refusal> {
    let Act::Release { of, .. } = &s.statement.act else { return Ok(()) };
    refuse_if(!s.change.holds.contains_key(of), Refusal::NotHeld {})
}

/// Who released a hold does not run that revision, unless nobody else of the role is left.
pub(super) fn releaser_excluded(s: &Signing) -> Result<(), Refusal> {
    let released = s.change.released_by.contains_key(&s.statement.person);
    refuse_if(released && !runs_alone(s), Refusal::ReleaserMayNotRun {})
}

/// Whether every holder of the runner's role has released a hold of this revision.
pub(super) fn runs_alone(s: &Signing) -> bool {
    let Some(row) = s.change.required(s.state) else { return false };
    let mut others = s.state.roster.holders(row.runner).filter(|person| crate::reach::has_key(s.state, person));
    others.all(|person| s.change.released_by.contains_key(&person.id))
}

pub(super) fn abort_held(s: &Signing) -> Result<(), Refusal> {
    refuse_if(s.change.holds.is_empty(), Refusal::AbortNotHeld {})
}

pub(super) fn abort_undoable(s: &Signing) -> Result<(), Refusal> {
    refuse_if(s.change.unwinding || !s.change.undoable(), Refusal::NotUndoable {})
}

/// The same person's word twice is one word.
pub(super) fn second_person(s: &Signing) -> Result<(), Refusal> {
    let asked = match &s.statement.act {
        Act::Abort { .. } => s
            .change
            .abort_asked
            .as_ref()
            .is_some_and(|asked| asked.person == s.statement.person && asked.stands(s.state, s.now)),
        Act::Reconcile { outcome, .. } => s
            .change
            .reconcile_asked
            .get(&s.statement.person)
            .is_some_and(|(said, asked)| said == outcome && asked.stands(s.state, s.now)),
        _ => false,
    };
    refuse_if(asked, Refusal::SecondPerson {})
}

pub(super) fn abort_not_both_authors(s: &Signing) -> Result<(), Refusal> {
    let asked = s.change.abort_asked.as_ref().filter(|asked| asked.stands(s.state, s.now));
    let authors = |person| s.change.authors.contains(person);
    let both = asked.is_some_and(|asked| authors(&asked.person) && authors(&s.statement.person));
    refuse_if(both, Refusal::BothAuthors {})
}

/// Differs between the rules a test build knows: it is what the crossing of numbers is proven with.
#[cfg(feature = "rules-1")]
pub(super) fn hold_says_why(s: &Signing) -> Result<(), Refusal> {
    refuse_if(!signed::Part::any_about(&s.statement.parts, signed::REASON), Refusal::ReasonMissing {})
}
