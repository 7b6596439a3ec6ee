//! What time does. None of it changes a verdict: guards ask for the status at their own now.

use super::{Decided, Inadmissible};
use crate::{ClockAct, Effect, State};
use model::{Instant, Status, TenantId};
use std::collections::BTreeSet;

/// Most expiries one leaf writes down.
const SETTLE_MAX: usize = 100;

pub(super) fn decide(state: &State, now: Instant, act: &ClockAct) -> Result<Decided, Inadmissible> {
    match act {
        ClockAct::Settle {} => settle(state, now),
        ClockAct::Refusals { first, count } => {
            if *first >= state.size || *count == 0 {
                return Err(Inadmissible::Nothing);
            }
            Ok(Decided::accepted(vec![Effect::RefusalsSummed { first: *first, count: *count }], vec![]))
        }
        ClockAct::EventsHead { size, root } => {
            if state.events_head.is_some_and(|(known, _)| *size <= known) || *size == 0 {
                return Err(Inadmissible::Nothing);
            }
            Ok(Decided::accepted(vec![Effect::EventsHead { size: *size, root: *root }], vec![]))
        }
    }
}

fn settle(state: &State, now: Instant) -> Result<Decided, Inadmissible> {
    let due = |change: &&crate::Change| change.status != Status::Expired;
    let expired: Vec<_> = state.standing(Status::Expired, now).filter(due).take(SETTLE_MAX).collect();
    if expired.is_empty() {
        return Err(Inadmissible::Nothing);
    }
    let tags: BTreeSet<TenantId> = expired.iter().map(|change| change.package.tenant).collect();
    let effects =
        expired.iter().map(|change| Effect::ChangeExpired { change: change.package.change, kind: change.kind });
    Ok(Decided::accepted(effects.collect(), tags.into_iter().collect()))
}
