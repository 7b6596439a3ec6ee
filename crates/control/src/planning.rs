//! From a change to its plan.

use crate::{Change, Fact, Plan, Refusal, State, governs, reach};
use model::Instant;

impl Fact {
    /// Whether it holds in the state. What only a service can read is compared by that service.
    pub fn holds(&self, state: &State) -> bool {
        match self {
            Self::Engine { engine, generation, serving } => state
                .engines
                .get(engine)
                .is_some_and(|known| (known.generation, known.serving) == (*generation, *serving)),
            Self::Bindings { .. } => true,
            Self::Roster { digest } => state.roster_digest == *digest,
            Self::Setting { name, digest } => state.settings.get(name) == Some(digest),
        }
    }
}

/// The plan of a change, from its package, the state and what the executors saw.
///
/// # Errors
/// The refusal that says why there is none: an observation missing, the engine not as recorded,
/// an unknown or missing artifact, no room on the node, nothing to go back to.
pub fn plan(state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal> {
    let plan = governs(change.kind).plan(state, change, now)?;
    Ok(Plan { loses_reach: reach::lost(state, change.document.as_ref()), ..plan })
}
