//! What a store of releases and themes keeps, and why: a pure question to the state. What nothing here names may go.

use crate::plan::Fact;
use crate::{Change, State};
use model::{Bundle, ChangeId, Digest, EngineId};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// By what a store keeps and drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepRule {
    /// How long something is kept that was published and that nothing needs, milliseconds, from when it came or was needed
    /// last.
    pub unneeded_ms: i64,
    /// How many of an engine's certified bundles are within reach of a rollback, the newest first.
    pub certified: u32,
}

/// What a store needs something for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeededFor {
    /// It serves.
    Serving(EngineId),
    /// An engine can go back to it; 1 is the bundle that was certified last.
    Certified(EngineId, u32),
    /// A change that has not ended names it, or leads back to it.
    Change(ChangeId),
    /// It was published, and Platform Services has not said yet what it found.
    Certificate,
}

impl KeepRule {
    /// The fewest certified bundles that are kept: what serves, and what it goes back to.
    pub const CERTIFIED_MIN: u32 = 2;
    /// How long something is kept at most that nobody has published, milliseconds: an hour.
    pub const UNPUBLISHED_MS: i64 = 3_600_000;

    /// How long something stays that nothing needs, milliseconds.
    pub fn stays_ms(&self, state: &State, digest: &Digest) -> i64 {
        if state.resources.contains_key(digest) { self.unneeded_ms } else { self.unneeded_ms.min(Self::UNPUBLISHED_MS) }
    }

    /// Everything that is needed, each with the most telling reason.
    pub fn needed(&self, state: &State) -> BTreeMap<Digest, NeededFor> {
        let mut needed = BTreeMap::new();
        let serving = state.engines.iter().filter_map(|(id, engine)| Some((*id, engine.bundle()?)));
        for (engine, bundle) in serving {
            note(&mut needed, bundle, NeededFor::Serving(engine));
        }
        for (id, engine) in state.engines.iter() {
            let reach = self.certified.max(Self::CERTIFIED_MIN);
            for (rank, certified) in (1..=reach).zip(engine.stack.iter().rev()) {
                note(&mut needed, certified.bundle, NeededFor::Certified(*id, rank));
            }
        }
        for change in state.open_changes() {
            for bundle in named(change) {
                note(&mut needed, bundle, NeededFor::Change(change.package.change));
            }
        }
        for digest in &state.uncertified {
            needed.entry(*digest).or_insert(NeededFor::Certificate);
        }
        needed
    }
}

impl Default for KeepRule {
    fn default() -> Self {
        Self { unneeded_ms: 30 * 24 * 3_600_000, certified: 10 }
    }
}

/// What of a bundle is kept as an archive.
fn note(needed: &mut BTreeMap<Digest, NeededFor>, bundle: Bundle, why: NeededFor) {
    for (_, digest) in bundle.archives() {
        if let Entry::Vacant(place) = needed.entry(digest) {
            place.insert(why);
        }
    }
}

/// What a change would put in place, and what serves where it is not carried out or is taken back.
fn named(change: &Change) -> impl Iterator<Item = Bundle> {
    let facts = change.plan.iter().flat_map(|plan| plan.base.iter().chain(&plan.after));
    let served = facts.filter_map(|fact| match fact {
        Fact::Engine { serving, .. } => serving.map(|served| served.bundle),
        _ => None,
    });
    change.package.body.bundle().into_iter().chain(served)
}
