//! Whether there are people for a kind of change: an author, distinct others for its slots, a runner.

use crate::kind::gives;
use crate::{Document, Kind, KindTable, Refusal, Replaces, Setting, Slot, State, governs, kind_replacing};
use model::{KindName, PersonId, Role};
use signed::{Person, Roster};
use std::collections::BTreeSet;

/// Whether distinct people, none of them barred, could fill every slot; else a slot nobody could
/// (Hall's condition, by trying: slots are few).
pub(crate) fn can_fill(
    roster: &Roster,
    active: &dyn Fn(&Person) -> bool,
    slots: &[Slot],
    barred: &BTreeSet<PersonId>,
) -> Result<(), Slot> {
    let Some((slot, rest)) = slots.split_first() else { return Ok(()) };
    let mut stuck = slot.clone();
    let fits = |person: &&Person| {
        !barred.contains(&person.id) && person.roles.iter().any(|role| slot.roles.contains(role)) && active(person)
    };
    for person in roster.people.iter().filter(fits) {
        let mut barred = barred.clone();
        barred.insert(person.id);
        match can_fill(roster, active, rest, &barred) {
            Ok(()) => return Ok(()),
            Err(slot) => stuck = slot,
        }
    }
    Err(stuck)
}

/// Whether a person has a key that signs.
pub(crate) fn has_key(state: &State, person: &Person) -> bool {
    person.keys.iter().any(|key| state.since.retired(&key.id).is_none())
}

fn holds(person: &Person, roles: &[Role]) -> bool {
    person.roles.iter().any(|role| roles.contains(role))
}

/// The kinds that this roster could not open, approve and run, whatever a change of them is about.
pub(crate) fn unreachable(roster: &Roster, state: &State, kinds: &KindTable) -> Vec<KindName> {
    let active = |person: &Person| has_key(state, person);
    let reaches = |kind: &Kind| {
        let runner = roster.people.iter().any(|person| holds(person, &[kind.runner]) && active(person));
        let authors = roster.people.iter().filter(|person| holds(person, &kind.author) && active(person));
        let filled =
            authors.into_iter().any(|author| can_fill(roster, &active, &kind.slots, &[author.id].into()).is_ok());
        runner && filled
    };
    let all = |kind: &Kind| governs(kind.name).rows(kind).iter().all(reaches);
    kinds.kinds.iter().filter(|kind| !all(kind)).map(|kind| kind.name).collect()
}

/// Whether there are people for every kind once this document governs.
pub(crate) fn kept(state: &State, document: Option<&Document>) -> Result<(), Refusal> {
    let kinds = match document {
        Some(Document::Roster(roster)) => kinds_lost(state, roster),
        Some(Document::Setting(Setting::Kinds(kinds))) => unreachable(&state.roster, state, kinds),
        _ => vec![],
    };
    if kinds.is_empty() { Ok(()) } else { Err(Refusal::KindUnreachable { kinds }) }
}

/// What only takes away may leave kinds without people, but never the change of the roster itself.
fn kinds_lost(state: &State, next: &Roster) -> Vec<KindName> {
    let lost = unreachable(next, state, &state.kinds);
    let itself = kind_replacing(Replaces::Roster).is_some_and(|kind| lost.contains(&kind));
    let refused = itself || (gives(&state.roster, next) && !newly_lost(state, next).is_empty());
    if refused { lost } else { vec![] }
}

/// Kinds that there are people for now and would not be once this document governs.
pub(crate) fn lost(state: &State, document: Option<&Document>) -> Vec<KindName> {
    match document {
        Some(Document::Roster(next)) => newly_lost(state, next),
        _ => vec![],
    }
}

fn newly_lost(state: &State, next: &Roster) -> Vec<KindName> {
    let before = unreachable(&state.roster, state, &state.kinds);
    unreachable(next, state, &state.kinds).into_iter().filter(|kind| !before.contains(kind)).collect()
}
