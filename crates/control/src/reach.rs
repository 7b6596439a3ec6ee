//! Whether there are people for a kind of change: an author, distinct others for its slots, a runner.

use crate::{Kind, KindTable, Slot, State, governs};
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
