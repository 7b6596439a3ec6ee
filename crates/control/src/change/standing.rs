//! How a change stands in a state: what counts now, whatever was written down.

use super::{Approval, Change};
use crate::{Kind, State, requirement};
use model::{Instant, PersonId, Role, Status};

impl Change {
    /// Where it stands at `now`: a deadline that has passed and an approval that no longer counts
    /// are seen whether or not they were written down.
    pub fn status_at(&self, state: &State, now: Instant) -> Status {
        let past = |deadline: Option<Instant>| deadline.is_some_and(|deadline| now > deadline);
        match self.status {
            Status::AwaitingApproval | Status::Approved if past(self.execute_by) => Status::Expired,
            Status::Approved if self.open_slots(state).is_empty() => Status::Approved,
            Status::AwaitingApproval | Status::Approved if past(self.approve_by) => Status::Expired,
            Status::Approved => Status::AwaitingApproval,
            Status::Executing if self.is_silent(now) => Status::Indeterminate,
            status => status,
        }
    }

    /// Whether it is over: no person's word about it is recorded any more. What is effective is over
    /// unless it grants something that still stands, or its warrant may still be used.
    pub fn has_ended(&self, state: &State, now: Instant) -> bool {
        let status = self.status_at(state, now);
        let stands = state.grants.contains_key(&self.package.change)
            || self.warrant.as_ref().is_some_and(|warrant| warrant.is_good(now));
        status.is_ended() || (status == Status::Effective && !stands)
    }

    /// Whether what is said of it stands still: it was run, or came to nothing. What holds today is no part of that.
    pub(crate) fn is_history(&self, state: &State) -> bool {
        self.run.is_some() || self.has_ended(state, state.last)
    }

    /// The running clock's end: approve by, then run by; then review by.
    pub fn deadline(&self, state: &State, now: Instant) -> Option<Instant> {
        match self.status_at(state, now) {
            Status::AwaitingApproval => self.approve_by,
            Status::Approved => self.execute_by,
            Status::ReviewDue => self.review_by,
            _ => None,
        }
    }

    /// What approval requires: frozen at seal, before that the kind's row as it would be frozen now.
    pub fn required(&self, state: &State) -> Option<Kind> {
        self.requirement.clone().or_else(|| requirement(state, self))
    }

    /// The approval that fills a slot: while it decides something, one that counts; of what was run, or has ended,
    /// the one that stood then, whatever has become of its person since.
    pub fn filling(&self, state: &State, slot: u32, now: Instant) -> Option<&Approval> {
        let decides = matches!(self.status_at(state, now), Status::AwaitingApproval | Status::Approved);
        self.approvals.get(&slot).filter(|approval| !decides || self.counts(state, slot, approval))
    }

    /// Whether a recorded approval still counts: its person has held role and key without a break
    /// since before it, did not ask for the change, and a deputy was one when signing and has stayed so.
    pub fn counts(&self, state: &State, slot: u32, approval: &Approval) -> bool {
        let Some(roles) =
            self.requirement.as_ref().and_then(|row| row.slots.get(slot as usize)).map(|slot| &slot.roles)
        else {
            return false;
        };
        let filled_by = approval.filled_by();
        let deputy = approval
            .on_behalf_of
            .is_none_or(|of| state.since.deputy_held(&of, &approval.person, approval.at, approval.index));
        let present = state.roster.person(&approval.person).is_some();
        let author = self.is_barred(&approval.person) || self.is_barred(&filled_by);
        let held = state.since.role_held(&filled_by, roles, approval.index);
        let key = state.since.key_held(&approval.key, approval.index);
        deputy && present && !author && held && key
    }

    /// The approvals that this person signed and that count, by slot. One that no longer counts is
    /// gone, whether or not its lapse was written down.
    pub(crate) fn counting_of<'a>(
        &'a self,
        state: &'a State,
        person: &'a PersonId,
    ) -> impl Iterator<Item = (u32, &'a Approval)> {
        let theirs = self.approvals.iter().filter(move |(_, approval)| approval.person == *person);
        theirs.filter(|(slot, approval)| self.counts(state, **slot, approval)).map(|(slot, approval)| (*slot, approval))
    }

    /// Positions of slots that no approval that counts fills.
    pub fn open_slots(&self, state: &State) -> Vec<u32> {
        let count = self.requirement.as_ref().map_or(0, |row| row.slots.len());
        let filled = |slot: &u32| self.approvals.get(slot).is_some_and(|approval| self.counts(state, *slot, approval));
        (0..u32::try_from(count).unwrap_or(0)).filter(|slot| !filled(slot)).collect()
    }

    /// The roles of a slot.
    pub fn slot_roles(&self, state: &State, slot: u32) -> Vec<Role> {
        self.required(state)
            .and_then(|row| row.slots.get(slot as usize).map(|slot| slot.roles.clone()))
            .unwrap_or_default()
    }
}
