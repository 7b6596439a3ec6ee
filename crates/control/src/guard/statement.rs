//! What every statement needs: an active key, time left, the right revision and status, a role.

use super::signing::{Signing, StatementContext};
use crate::refusal::refuse_if;
use crate::verb::{Covers, Speaker, verb_row};
use crate::{Change, Refusal, State};
use model::{Role, Status};
use signed::{Act, NOT_AFTER_MAX_MS};

pub(super) fn key_active(s: &StatementContext) -> Result<(), Refusal> {
    let listed = s.state.roster.key(&s.statement.person, &s.statement.key).is_some();
    refuse_if(!listed || !s.state.since.key_is_active(&s.statement.key), Refusal::KeyNotActive {})
}

pub(super) fn statement_alive(s: &StatementContext) -> Result<(), Refusal> {
    let (not_after, now) = (s.statement.not_after, s.now);
    let left_ms = not_after.millis_since(now);
    refuse_if(left_ms < 0, Refusal::StatementExpired { not_after, now })?;
    refuse_if(left_ms > NOT_AFTER_MAX_MS, Refusal::NotAfterTooFar { not_after, now })
}

pub(super) fn person_speaks(s: &StatementContext) -> Result<(), Refusal> {
    let allowed = s.person.is_some() || verb_row(s.statement.act.verb()).machine;
    refuse_if(!allowed, Refusal::MachineMayNot {})
}

/// A machine identity has observed again what a machine identity asked for and nobody has sealed.
pub(super) fn machine_observes_own(s: &Signing) -> Result<(), Refusal> {
    let theirs = s.change.status != Status::Draft || !s.change.authors.is_empty();
    refuse_if(s.person.is_none() && theirs, Refusal::MachineMayNot {})
}

pub(super) fn revision_current(s: &Signing) -> Result<(), Refusal> {
    let named = s.statement.act.about().map(|(_, revision)| revision);
    refuse_if(named != Some(s.change.revision), Refusal::RevisionStale { current: s.change.revision })
}

pub(super) fn status_allows(s: &Signing) -> Result<(), Refusal> {
    let status = s.change.status_at(s.state, s.now);
    // A run that comes too soon is refused by what is missing: approval, not another status.
    if matches!(s.statement.act, Act::Run { .. }) && status == Status::AwaitingApproval {
        return super::run::slots_filled(s);
    }
    refuse_if(!verb_row(s.statement.act.verb()).statuses.contains(&status), Refusal::StatusWrong { status })
}

/// The newest leaf that the signer must have verified before saying this.
pub(super) fn seen_covers(s: &Signing) -> Result<(), Refusal> {
    let change = s.change;
    let needed = match verb_row(s.statement.act.verb()).covers {
        Covers::Nothing => return Ok(()),
        Covers::Seal => change.sealed.max(change.said.get(&s.statement.person).copied()).unwrap_or_default(),
        Covers::Hold => match &s.statement.act {
            Act::Release { of, .. } => change.holds.get(of).copied().unwrap_or_default(),
            _ => 0,
        },
        Covers::Approval => {
            let approved = change.approvals.values().map(|approval| approval.index).max();
            approved.max(change.released_by.values().copied().max()).max(change.sealed).unwrap_or_default()
        }
        Covers::Record => change.signed,
        Covers::Stop => change.stopped_at(s.now),
    };
    refuse_if(s.statement.seen.size <= needed, Refusal::SeenTooEarly { needed })
}

/// Roles of which a verb needs one; none where any role will do.
fn speaker_roles(state: &State, change: &Change, act: &Act) -> Option<Vec<Role>> {
    // What asks for no row holds of a kind that is not in force any more, too.
    match verb_row(act.verb()).speaker {
        Speaker::Roles(roles) => return Some(roles.to_vec()),
        Speaker::AuthorOrOperator => return Some(vec![Role::GovernanceOperator]),
        _ => {}
    }
    let row = change.required(state)?;
    let slot = |position: u32| row.slots.get(position as usize).map(|slot| slot.roles.clone());
    match (verb_row(act.verb()).speaker, act) {
        (Speaker::Author, _) => Some(row.author),
        (Speaker::Slot, Act::Approve { slot: position, .. } | Act::Reject { slot: position, .. }) => slot(*position),
        (Speaker::Runner, _) => Some(vec![row.runner]),
        (Speaker::Escalation, _) => row.escalation,
        (Speaker::Item, Act::Attach { item, .. }) => {
            row.checklist.iter().find(|known| known.item == *item).map(|known| vec![known.role])
        }
        (Speaker::Reviewer, _) => row.review.map(|review| review.roles),
        _ => None,
    }
}

pub(super) fn role_held(s: &Signing) -> Result<(), Refusal> {
    let Some(person) = s.person else { return Ok(()) };
    let speaker = verb_row(s.statement.act.verb()).speaker;
    if speaker == Speaker::AuthorOrOperator && s.change.authors.contains(&person.id) {
        return Ok(());
    }
    // A deputy fills the slot of whom they stand in for.
    let holder = match &s.statement.act {
        Act::Approve { on_behalf_of: Some(of), .. } => s.state.roster.person(of).unwrap_or(person),
        _ => person,
    };
    match speaker_roles(s.state, s.change, &s.statement.act) {
        Some(needed) => {
            let held = holder.roles.iter().any(|role| needed.contains(role));
            refuse_if(!held, Refusal::RoleMissing { needed })
        }
        // Any role may stop a change or let it go on; somebody without one is only listed.
        None => refuse_if(holder.roles.is_empty(), Refusal::RoleMissing { needed: Role::ALL.to_vec() }),
    }
}
