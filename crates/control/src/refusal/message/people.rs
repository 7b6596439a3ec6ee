//! About who may: roles, slots, authors, deputies, reviewers.

use crate::kind::roles_title;
use crate::refusal::wording::{Wording, wording};
use model::Role;

pub(super) fn role_missing(needed: &[Role]) -> Wording {
    let roles = roles_title(needed);
    wording(
        format!("this needs the role {roles}"),
        format!("ask a {roles}: {WHO}; a roster change gives a role: `countersign person role add …`"),
    )
}

/// Where it is read who holds which role.
const WHO: &str = "`countersign person ls` lists who holds which role";

pub(super) fn role_too_new(sealed: u64) -> Wording {
    wording(
        format!("the role was given after the package was sealed (entry {sealed})"),
        "somebody who held the role before must approve, or it is sealed again",
    )
}

pub(super) fn not_deputy(of: &str) -> Wording {
    wording(
        format!("the roster does not name this person as a deputy of {of} now"),
        "sign for yourself, or ask for a roster change",
    )
}

pub(super) fn concerned() -> Wording {
    wording(
        "whom a roster change gives something to, or takes something from, decides nothing about it",
        "another person must; they may ask for another roster change",
    )
}

pub(super) fn unsatisfiable(slot: &[Role]) -> Wording {
    wording(
        format!(
            "nobody is left who could fill the slot {}: one person fills one slot, and who asked for, escalated or seals the \
             change, or is concerned by it, cannot fill one",
            roles_title(slot)
        ),
        format!(
            "let somebody ask, or approve, who could not fill that slot ({WHO}); or have a roster change give another person \
             that role (`countersign person role add …`, `countersign person add …`) and then have the change sealed again"
        ),
    )
}

pub(super) fn slot_unknown(slot: u32) -> Wording {
    wording(format!("this change has no slot {slot}"), "see `countersign change show …` for its slots")
}

pub(super) fn slot_unsound() -> Wording {
    wording("the second slot names no role, or not in order", "name one role or more")
}

pub(super) fn slot_filled(slot: &[Role], by: &str) -> Wording {
    wording(
        format!("{by} fills the slot {} already", roles_title(slot)),
        "another slot may still be open: `countersign change show …`",
    )
}

pub(super) fn slots_open(slots: &[Vec<Role>]) -> Wording {
    let titles: Vec<_> = slots.iter().map(|slot| roles_title(slot)).collect();
    let (open, by) = match titles.as_slice() {
        [one] => (format!("the slot {one} is open"), format!("a {one} who did not ask for it and fills no other slot")),
        many => {
            let who: Vec<_> = many.iter().map(|one| format!("a {one}")).collect();
            let open = format!("the slots {} are open", many.join(" and "));
            (open, format!("{} (different people, and not the person who asked for it)", who.join(" and ")))
        }
    };
    wording(
        format!("not approved yet: {open}"),
        format!(
            "it must be approved by {by}: `countersign change approve …`, or the page of the change; {WHO}, and \
             `countersign change show …` what is open"
        ),
    )
}

pub(super) fn author() -> Wording {
    wording(
        "who asked for, escalated or sealed a change may not decide on it",
        "another person must; its author can cancel it",
    )
}

pub(super) fn one_slot(filled: &[Role]) -> Wording {
    wording(
        format!("this person fills the slot {} already; one person fills one slot", roles_title(filled)),
        "a second person must fill the other slot",
    )
}

pub(super) fn no_approval() -> Wording {
    wording("this person has approved nothing here", "only one's own approval can be withdrawn")
}

pub(super) fn not_eligible(slot: &[Role], person: &str) -> Wording {
    wording(
        format!(
            "the approval as {} in the name of {person} no longer counts: a role, key or deputy's entry it rests on is \
             gone, or they are concerned by this change",
            roles_title(slot)
        ),
        format!("the slot must be filled again: `countersign change approve …` by a {}", roles_title(slot)),
    )
}

pub(super) fn releaser() -> Wording {
    wording("who released a hold may not run that revision", "another operator must run it")
}

pub(super) fn reviewer() -> Wording {
    wording("who asked for, escalated or approved a change does not review it", "another person must")
}

pub(super) fn both_authors() -> Wording {
    wording("both have asked for this change", "one of the two must be somebody else")
}
