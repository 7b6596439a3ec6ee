//! What is over after a leaf leaves what is open.

use crate::{Change, Closed, Effect, State};
use model::{ChangeId, Instant, Status};

/// Whether nothing that a leaf of now or later says is about more than its end: it grants nothing that
/// stands, and the time in which its warrant may be used is over.
fn is_over(state: &State, change: &Change, now: Instant) -> bool {
    let grants = state.grants.contains_key(&change.package.change);
    let warranted = change.warrant.as_ref().is_some_and(|warrant| now < warrant.until);
    change.status.is_ended() || (change.status == Status::Effective && !grants && !warranted)
}

/// Takes what is over after a leaf out of what is open; a leaf that changes nothing ends nothing. Gives
/// their whole records, which nothing here keeps.
pub(super) fn close(state: &mut State, effects: &[Effect], now: Instant) -> Vec<Change> {
    if effects.is_empty() {
        return vec![];
    }
    let mut touched: Vec<ChangeId> = effects.iter().filter_map(Effect::change).collect();
    while let Some((until, id)) = state.warrant_ends.first().map(|(key, ())| *key).filter(|(until, _)| *until <= now) {
        state.warrant_ends.remove(&(until, id));
        touched.push(id);
    }
    touched.sort_unstable();
    touched.dedup();
    let mut ended = vec![];
    for id in touched {
        let Some(change) = state.changes.get(&id).filter(|change| is_over(state, change, now)).cloned() else {
            continue;
        };
        state.changes.remove(&id);
        let closed = Closed::of(&change, change.status);
        state.closed_by_end.insert((closed.ended, id), ());
        state.closed_on.extend(closed.subject.engine.map(|engine| ((engine, closed.ended, id), ())));
        state.closed.insert(id, closed);
        ended.push(change);
    }
    ended
}
