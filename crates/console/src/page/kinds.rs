//! The kinds of change that some panel is about, by what they do to an engine's stack. The console names none.

use control::{OnStack, Replaces, State, governs, kinds_on_stack};
use model::{KindName, Service};

/// Whether it is what the package panels are about.
pub fn is_deployment(kind: KindName) -> bool {
    governs(kind).on_stack() == Some(OnStack::Certifies)
}

/// The kind that goes back to what was certified.
pub fn rollback() -> Option<KindName> {
    kinds_on_stack(OnStack::GoesBack).next()
}

/// The kind that tries a bundle beside what serves.
pub fn rehearsal() -> Option<KindName> {
    KindName::ALL.iter().copied().find(|kind| governs(*kind).rehearses())
}

/// Executors that a change which goes back can do without when they stay silent.
pub fn rollback_does_without() -> &'static [Service] {
    kinds_on_stack(OnStack::GoesBack).next().map_or(&[], |kind| governs(kind).may_be_unchecked())
}

/// The kinds in force, in the order of their names: what can be asked for.
pub fn all(state: &State) -> impl Iterator<Item = KindName> + '_ {
    state.kinds.kinds.iter().map(|row| row.name)
}

/// The kind by which the roster changes: its form asks for a whole document, and for none by name.
pub fn of_roster(state: &State) -> Option<KindName> {
    all(state).find(|kind| governs(*kind).replaces() == Some(Replaces::Roster))
}

/// The kind by which governed documents change.
pub fn of_settings() -> Option<KindName> {
    control::kind_replacing(Replaces::Setting)
}

/// What asking for a change of a kind, or deciding one, rests on: Governance, and those whose
/// observation its plan cannot do without.
pub fn needs(kind: KindName) -> Vec<Service> {
    let governs = governs(kind);
    let spared = governs.may_be_unchecked();
    let observers = governs.observers().iter().filter(|service| !spared.contains(service));
    std::iter::once(Service::Governance).chain(observers.copied()).collect()
}
