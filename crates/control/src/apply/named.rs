//! What things are called, in the state.

use crate::named::named;
use crate::{Effect, Leaf, Named, RosterEvent, State};

/// What the leaf calls something, into the state: a name that was recorded stays.
pub(super) fn fold(state: &mut State, leaf: &Leaf) {
    let mut said = named(leaf);
    for effect in &leaf.effects {
        let Effect::Roster { event: RosterEvent::Changed { joined, .. } } = effect else { continue };
        let change = leaf.command.change().and_then(|change| state.changes.get(&change));
        let people = change.map(|change| change.package.people_named()).unwrap_or_default();
        said.extend(people.into_iter().filter(|(named, _)| joined.iter().any(|id| *named == Named::Person(*id))));
    }
    for (named, committed) in said {
        if !state.named.contains_key(&named) {
            state.named.insert(named, committed);
        }
    }
}
