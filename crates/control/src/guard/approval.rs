//! Who may fill which slot.

use super::signing::Signing;
use crate::reach::{able, can_fill};
use crate::refusal::refuse_if;
use crate::{Refusal, governs};
use model::{PersonId, Role};
use signed::Act;
use std::collections::BTreeSet;

fn slot_of(act: &Act) -> Option<u32> {
    match act {
        Act::Approve { slot, .. } | Act::Reject { slot, .. } => Some(*slot),
        _ => None,
    }
}

/// Whose slot a signer fills: their own, or that of whom they stand in for.
fn filled_by(s: &Signing) -> PersonId {
    match &s.statement.act {
        Act::Approve { on_behalf_of: Some(of), .. } => *of,
        _ => s.statement.person,
    }
}

fn roles(s: &Signing, slot: u32) -> Vec<Role> {
    s.change.slot_roles(s.state, slot)
}

pub(super) fn deputy_now(s: &Signing) -> Result<(), Refusal> {
    let Act::Approve { on_behalf_of: Some(of), .. } = &s.statement.act else { return Ok(()) };
    let person = s.state.roster.person(of);
    let deputy = person.is_some_and(|person| person.has_deputy(&s.statement.person, s.now));
    refuse_if(!deputy, Refusal::NotDeputy { of: *of })
}

pub(super) fn slot_exists(s: &Signing) -> Result<(), Refusal> {
    let Some(slot) = slot_of(&s.statement.act) else { return Ok(()) };
    let known = s.change.requirement.as_ref().is_some_and(|row| row.slots.len() > slot as usize);
    refuse_if(!known, Refusal::SlotUnknown { slot })
}

/// Who was given the role after the package was sealed fills nothing of it.
pub(super) fn role_held_since_seal(s: &Signing) -> Result<(), Refusal> {
    let (Some(slot), Some(sealed)) = (slot_of(&s.statement.act), s.change.sealed) else { return Ok(()) };
    let held = s.state.since.role_held(&filled_by(s), &roles(s, slot), sealed);
    refuse_if(!held, Refusal::RoleTooNew { sealed })
}

pub(super) fn not_concerned(s: &Signing) -> Result<(), Refusal> {
    let concerned = governs(s.change.kind).concerned(s.state, s.change, s.now);
    let mine = concerned.contains(&s.statement.person) || concerned.contains(&filled_by(s));
    refuse_if(mine, Refusal::Concerned {})
}

/// Whom it concerns depends on the roster in force: who approved under another one, which has been
/// replaced by its base again, may be concerned now.
pub(super) fn approvers_unconcerned(s: &Signing) -> Result<(), Refusal> {
    let concerned = governs(s.change.kind).concerned(s.state, s.change, s.now);
    let mut approvals = s.change.approvals.iter();
    let theirs = approvals.find_map(|(slot, approval)| {
        let person = [approval.person, approval.filled_by()].into_iter().find(|person| concerned.contains(person))?;
        Some((roles(s, *slot), person))
    });
    theirs.map_or(Ok(()), |(slot, person)| Err(Refusal::ApproverNotEligible { slot, person }))
}

pub(super) fn author_excluded(s: &Signing) -> Result<(), Refusal> {
    let mine = s.change.is_barred(&s.statement.person) || s.change.is_barred(&filled_by(s));
    refuse_if(mine, Refusal::AuthorMayNotApprove {})
}

/// People who fill a slot by an approval that counts, other than this slot.
fn fillers(s: &Signing, but: Option<u32>) -> BTreeSet<PersonId> {
    let others = s.change.approvals.iter().filter(|(slot, _)| Some(**slot) != but);
    let counting = others.filter(|(slot, approval)| s.change.counts(s.state, **slot, approval));
    counting.flat_map(|(_, approval)| [approval.person, approval.filled_by()]).collect()
}

pub(super) fn distinct_person(s: &Signing) -> Result<(), Refusal> {
    let mine = [s.statement.person, filled_by(s)];
    let filled = s.change.approvals.iter().find(|(slot, approval)| {
        let theirs = [approval.person, approval.filled_by()];
        s.change.counts(s.state, **slot, approval) && theirs.iter().any(|person| mine.contains(person))
    });
    filled.map_or(Ok(()), |(slot, _)| Err(Refusal::OnePersonOneSlot { filled: roles(s, *slot) }))
}

pub(super) fn slot_open(s: &Signing) -> Result<(), Refusal> {
    let filled = slot_of(&s.statement.act).and_then(|slot| Some((slot, s.change.approvals.get(&slot)?)));
    let filled = filled.filter(|(slot, approval)| s.change.counts(s.state, *slot, approval));
    filled
        .map_or(Ok(()), |(slot, approval)| Err(Refusal::SlotFilled { slot: roles(s, slot), by: approval.filled_by() }))
}

/// After this approval other, distinct people could still fill the slots that are left.
pub(super) fn slots_fillable(s: &Signing) -> Result<(), Refusal> {
    let (Some(slot), Some(row)) = (slot_of(&s.statement.act), &s.change.requirement) else { return Ok(()) };
    let open = s.change.open_slots(s.state).into_iter().filter(|open| *open != slot);
    let left: Vec<_> = open.filter_map(|open| row.slots.get(open as usize).cloned()).collect();
    let mut barred = fillers(s, Some(slot));
    barred.extend(s.change.authors.iter().copied());
    barred.extend(s.change.escalated.iter().map(|escalated| escalated.person));
    barred.extend(governs(s.change.kind).concerned(s.state, s.change, s.now));
    barred.extend([s.statement.person, filled_by(s)]);
    can_fill(&able(s.state, &s.state.roster), &left, &barred)
        .map_err(|slot| Refusal::Unsatisfiable { slot: slot.roles })
}

pub(super) fn own_approval(s: &Signing) -> Result<(), Refusal> {
    let mine = s.change.counting_of(s.state, &s.statement.person).next();
    refuse_if(mine.is_none(), Refusal::NoApproval {})
}

pub(super) fn checklist_complete(s: &Signing) -> Result<(), Refusal> {
    let row = s.change.requirement.iter();
    let items = row.flat_map(|row| row.checklist.iter().map(|item| item.item.clone()));
    let items: Vec<_> = items.filter(|item| !s.change.attached.contains_key(item)).collect();
    refuse_if(!items.is_empty(), Refusal::ChecklistOpen { items })
}
