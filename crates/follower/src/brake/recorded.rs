//! What the ledger has of a brake.

use super::Record;
use control::{Change, State};
use model::Digest;
use std::collections::BTreeMap;

/// That the ledger has a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) index: u64,
    /// The code of its refusal.
    pub(super) refused: Option<&'static str>,
}

impl Recorded {
    /// What a verified ledger of this size has of a brake's statements.
    pub(super) fn of(record: &Record, recorded: &BTreeMap<Digest, Self>, size: u64) -> Vec<Self> {
        let known = record.statements.iter().filter_map(|statement| recorded.get(&statement.digest().ok()?));
        known.filter(|recorded| recorded.index < size).copied().collect()
    }
}

/// What the ledger holds by a brake's word was held here before: from the size on at which it was handed.
pub(super) fn held_since(state: &mut State, record: &Record, leaf: u64) {
    let held: Vec<_> = state.changes.iter().filter(|(_, change)| is_held_by(change, leaf)).map(|(id, _)| *id).collect();
    for id in held {
        if let Some(change) = state.changes.get_mut(&id) {
            change.holds.values_mut().filter(|since| **since == leaf).for_each(|since| *since = record.size);
        }
    }
}

/// Whether a step of a change that the ledger holds by a brake's word has an intent that came after the brake was handed
/// and before the ledger had it: no hold of the ledger keeps that step from being begun, and the brake does.
pub(super) fn is_needed(state: &State, record: &Record, leaf: u64) -> bool {
    let between = |change: &Change| {
        change.open_intent().is_some_and(|(_, intent)| !intent.undo && (record.size..leaf).contains(&intent.index))
    };
    state.changes.values().any(|change| is_held_by(change, leaf) && between(change))
}

fn is_held_by(change: &Change, leaf: u64) -> bool {
    change.holds.values().any(|since| *since == leaf)
}
