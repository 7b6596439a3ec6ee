//! Whether there are people for a kind of change: an author, distinct others for its slots, and whom else its
//! row asks for.

use crate::kind::gives;
use crate::{Document, Kind, KindTable, Refusal, Replaces, Setting, Slot, State, governs, kind_replacing};
use model::{KindName, PersonId, Role};
use signed::{Person, Roster};
use std::collections::{BTreeMap, BTreeSet};

/// Whether distinct people, none of them barred, could fill every slot; else the first slot that cannot be
/// filled together with those before it. Who has a slot moves to another where that lets somebody in: no
/// order is tried twice, so that many slots and people do not keep the ledger waiting.
///
/// # Errors
/// That slot.
pub fn can_fill(people: &[&Person], slots: &[Slot], barred: &BTreeSet<PersonId>) -> Result<(), Slot> {
    let people: Vec<_> = people.iter().copied().filter(|person| !barred.contains(&person.id)).collect();
    let mut filled = BTreeMap::new();
    for (position, slot) in slots.iter().enumerate() {
        if !fill(&people, slots, position, &mut filled, &mut BTreeSet::new()) {
            return Err(slot.clone());
        }
    }
    Ok(())
}

/// Fills one slot more, moving people that were not tried yet. `filled` says who fills which slot.
fn fill(
    people: &[&Person],
    slots: &[Slot],
    position: usize,
    filled: &mut BTreeMap<PersonId, usize>,
    tried: &mut BTreeSet<PersonId>,
) -> bool {
    let Some(slot) = slots.get(position) else { return false };
    for person in people.iter().filter(|person| holds(person, &slot.roles)) {
        if !tried.insert(person.id) {
            continue;
        }
        let theirs = filled.get(&person.id).copied();
        if theirs.is_none_or(|theirs| fill(people, slots, theirs, filled, tried)) {
            filled.insert(person.id, position);
            return true;
        }
    }
    false
}

/// Whether a person has a key that signs.
pub(crate) fn has_key(state: &State, person: &Person) -> bool {
    person.keys.iter().any(|key| state.since.retired(&key.id).is_none())
}

/// Those of a roster who have a key that signs.
pub(crate) fn able<'a>(state: &State, roster: &'a Roster) -> Vec<&'a Person> {
    roster.people.iter().filter(|person| has_key(state, person)).collect()
}

fn holds(person: &Person, roles: &[Role]) -> bool {
    person.roles.iter().any(|role| roles.contains(role))
}

/// Whether these people, who all have a key that signs, can carry a change of this row from its draft to its
/// end: ask for it, lift its read-only state, attach to its checklist, approve, run and review it.
pub fn reaches(people: &[&Person], row: &Kind) -> bool {
    let holders = |roles: &[Role]| people.iter().copied().filter(|person| holds(person, roles)).collect::<Vec<_>>();
    let attached = row.checklist.iter().all(|item| !holders(&[item.role]).is_empty());
    // Who reviews it is none of the others either.
    let review = row.review.iter().map(|review| Slot { roles: review.roles.clone() });
    let slots: Vec<_> = row.slots.iter().cloned().chain(review).collect();
    let approved = |barred| can_fill(people, &slots, &barred).is_ok();
    // Who escalates it may have asked for it, and approves it as little.
    let filled = |author: &Person| match &row.escalation {
        None => approved([author.id].into()),
        Some(roles) => holders(roles).iter().any(|escalator| approved([author.id, escalator.id].into())),
    };
    attached && !holders(&[row.runner]).is_empty() && holders(&row.author).into_iter().any(filled)
}

/// The kinds that this roster could not carry from draft to end, whatever a change of them is about.
pub(crate) fn unreachable(roster: &Roster, state: &State, kinds: &KindTable) -> Vec<KindName> {
    let people = able(state, roster);
    let all = |kind: &Kind| governs(kind.name).rows(kind).iter().all(|row| reaches(&people, row));
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

#[cfg(test)]
mod tests {
    use super::can_fill;
    use crate::Slot;
    use crate::world::{FR, GO, SA};
    use model::{PersonId, Role};
    use signed::Person;
    use std::collections::BTreeSet;

    fn people(roles: &[&[Role]]) -> Vec<Person> {
        let person = |(roles, number): (&&[Role], u8)| {
            let (id, roles) = (PersonId([number; 16]), roles.to_vec());
            Person { id, roles, keys: vec![], tenants: None, deputies: vec![] }
        };
        roles.iter().zip(1..).map(person).collect()
    }

    fn stuck(roles: &[&[Role]], slots: &[Slot]) -> Option<Slot> {
        let people = people(roles);
        can_fill(&people.iter().collect::<Vec<_>>(), slots, &BTreeSet::new()).err()
    }

    #[test]
    fn who_fills_a_slot_moves_to_another_that_lets_somebody_in() {
        let slots = [Slot::either(GO, SA), Slot::either(GO, FR), Slot::of(GO)];
        assert_eq!(stuck(&[&[GO], &[GO, FR], &[GO, SA]], &slots), None);
        assert_eq!(stuck(&[&[FR], &[FR], &[GO, FR]], &slots), Some(Slot::of(GO)), "the last of them");
        assert_eq!(stuck(&[&[FR], &[FR], &[FR]], &slots), Some(Slot::either(GO, SA)), "the first of them");
    }

    /// Whoever may ask for other kinds asks this of every process that decides: it ends whatever they ask.
    #[test]
    fn a_row_of_as_many_slots_as_may_be_and_one_person_too_few_keeps_nobody_waiting() {
        let (slots, few): (Vec<_>, Vec<&[Role]>) = (vec![Slot::of(GO); 16], vec![&[GO]; 15]);
        assert_eq!(stuck(&few, &slots), Some(Slot::of(GO)));
        let enough: Vec<&[Role]> = vec![&[GO]; 16];
        assert_eq!(stuck(&enough, &slots), None);
    }
}
