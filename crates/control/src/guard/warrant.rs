//! What must hold when a machine identity uses the warrant of a change.

use super::signing::Signing;
use crate::refusal::refuse_if;
use crate::warrant::Standing;
use crate::{Refusal, Speaker, verb_row};

/// People order and decide; what they ordered is used by the machine that carries it out.
pub(super) fn machine_speaks(s: &Signing) -> Result<(), Refusal> {
    let for_machines = verb_row(s.statement.act.verb()).speaker == Speaker::Machine;
    refuse_if(for_machines && s.person.is_some(), Refusal::OnlyMachines {})
}

pub(super) fn warrant_issued(s: &Signing) -> Result<(), Refusal> {
    refuse_if(s.change.warrant.is_none(), Refusal::WarrantMissing {})
}

pub(super) fn warrant_unused(s: &Signing) -> Result<(), Refusal> {
    let used = s.change.warrant.as_ref().and_then(|warrant| warrant.used.as_ref());
    used.map_or(Ok(()), |used| Err(Refusal::WarrantUsed { index: used.index }))
}

pub(super) fn warrant_good(s: &Signing) -> Result<(), Refusal> {
    let Some(warrant) = &s.change.warrant else { return Ok(()) };
    match (warrant.standing(s.now), warrant.revoked) {
        (Standing::Revoked, Some(index)) => Err(Refusal::WarrantRevoked { index }),
        (Standing::Over, _) => Err(Refusal::WarrantOver { until: warrant.until }),
        _ => Ok(()),
    }
}
