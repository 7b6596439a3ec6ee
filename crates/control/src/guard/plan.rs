//! Whether the plan is the one that was signed, possible, and within the tenant's quota.

use super::signing::Signing;
use crate::refusal::refuse_if;
use crate::{Change, Refusal, State, over_quota, plan, requirement};
use model::Instant;
use signed::{Act, Binding};

pub(super) fn plan_possible(s: &Signing) -> Result<(), Refusal> {
    plan(s.state, s.change, s.now).map(|_| ())
}

/// The digests the current revision has: as sealed, or as sealing now would make them.
pub(crate) fn binding_now(state: &State, change: &Change, now: Instant) -> Option<Binding> {
    let sealed = change.plan_digest.zip(change.requirement_digest);
    let (plan, requirement) = if let Some(sealed) = sealed {
        sealed
    } else {
        (plan(state, change, now).ok()?.digest().ok()?, requirement(state, change)?.digest().ok()?)
    };
    let (revision, package) = (change.revision, change.package_digest);
    let evidence = change.evidence();
    Some(Binding { change: change.package.change, revision, package, plan, requirement, evidence })
}

pub(super) fn digests_match(s: &Signing) -> Result<(), Refusal> {
    let Some(binding) = s.statement.act.binding() else { return Ok(()) };
    refuse_if(binding_now(s.state, s.change, s.now).as_ref() != Some(binding), Refusal::DigestsDiffer {})
}

/// The approval that would fill the last slot, and the run, keep within the tenant's quota at that
/// instant.
pub(super) fn within_quota(s: &Signing) -> Result<(), Refusal> {
    if let Act::Approve { slot, .. } = &s.statement.act
        && s.change.open_slots(s.state).iter().any(|open| open != slot)
    {
        return Ok(());
    }
    over_quota(s.state, s.change, s.now).map_or(Ok(()), Err)
}
