//! The order to carry a change out, said by its runner or come due by the clock.

use crate::{ChangeEvent, Effect, Signing, governs};

/// What running it now changes. Without steps it is effective in this very leaf.
pub(super) fn effects(s: &Signing) -> Vec<Effect> {
    let change = s.change;
    let by = s.statement.person;
    let alone = change.released_by.contains_key(&by);
    let mut effects = vec![change.event(ChangeEvent::Run { by, alone })];
    if change.plan.as_ref().is_some_and(|plan| plan.steps.is_empty()) {
        effects.extend(effective(s.state, change, s.now));
    }
    effects
}

/// What holds once everything is done.
pub(super) fn effective(state: &crate::State, change: &crate::Change, now: model::Instant) -> Vec<Effect> {
    let mut effects = vec![change.event(ChangeEvent::Effective {})];
    effects.extend(governs(change.kind).effective(state, change, now));
    effects.extend(review_due(change, now));
    effects
}

/// That it waits for its review, where its kind has one and it is due.
pub(super) fn review_due(change: &crate::Change, now: model::Instant) -> Option<Effect> {
    let review = change.requirement.as_ref().and_then(|row| row.review.as_ref());
    let unchecked = change.plan.as_ref().is_some_and(|plan| !plan.unchecked.is_empty());
    let due = review.filter(|review| review.when == crate::ReviewWhen::Always || unchecked)?;
    Some(change.event(ChangeEvent::ReviewDue { review_by: now.plus_millis(due.within_ms) }))
}
