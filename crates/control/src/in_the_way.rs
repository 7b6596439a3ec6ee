//! What has come since a change was run and forbids what it would put in place: asked by an executor, of its own state.

use crate::{Change, Refusal, State, governs, over_quota};
use model::Instant;

/// Why the change may put nothing more in place at `now`: its tenant may have less by now, or what it binds was
/// recalled, does not fit any more, or is over.
///
/// An executor asks before each step that places, starts or leads traffic to something, never before one that takes
/// back.
pub fn in_the_way(state: &State, change: &Change, now: Instant) -> Option<Refusal> {
    over_quota(state, change, now).or_else(|| governs(change.kind).still_binds(state, change, now).err())
}
