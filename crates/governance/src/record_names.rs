//! What ids are called, as the leaves say it. A name that was recorded stays: one that comes later
//! only fills an id that had none, so that a row reads the same for ever.

use crate::openings::{Bound, Unsealed};
use control::{Blobs, ChangeEvent, Command, Committed, Effect, Leaf, Named, RosterEvent, Verdict};
use model::{ChangeId, CommandId, Digest, canon};
use signed::{Act, Roster};
use std::collections::BTreeMap;
use std::sync::Arc;
use view::{NamedFor, Names};

/// The parts of a leaf: the command's own, then those of the package that it opens.
pub(crate) fn parts(blobs: &dyn Blobs, command: &Command) -> Vec<Bound> {
    let own = command.parts().map(|(to, parts)| Bound { to, parts: parts.to_vec() });
    let opened = opened(blobs, command).map(|package| Bound { to: CommandId(package.nonce.0), parts: package.parts });
    own.into_iter().chain(opened).collect()
}

/// The package that a command opens.
pub(crate) fn opened(blobs: &dyn Blobs, command: &Command) -> Option<control::Package> {
    match command {
        Command::Signed { statement, .. } => match &statement.act {
            Act::Open { package, .. } => read(blobs, "package", package),
            _ => None,
        },
        _ => None,
    }
}

fn read<T: serde::de::DeserializeOwned + serde::Serialize>(
    blobs: &dyn Blobs,
    object: &str,
    digest: &Digest,
) -> Option<T> {
    canon::from_slice(&blobs.get(object, digest)?).ok()
}

/// What ids are called, folded over the leaves.
#[derive(Default)]
pub(crate) struct RecordedNames {
    names: Arc<Names>,
    /// Whom open changes of the roster would bring in. Nobody is called something before the roster that
    /// lists them is in force, and no row names them earlier: until then it is one person's word.
    joining: BTreeMap<ChangeId, Vec<(Named, Unsealed)>>,
}

/// The texts of one leaf, by what they are bound to.
struct PartTexts<'a>(BTreeMap<(CommandId, u32), &'a Unsealed>);

impl<'a> PartTexts<'a> {
    fn of(bound: &'a [Bound], unsealed: &'a [Option<Unsealed>]) -> Self {
        let places = bound.iter().flat_map(|bound| (0..).take(bound.parts.len()).map(|position| (bound.to, position)));
        Self(places.zip(unsealed).filter_map(|(place, found)| Some((place, found.as_ref()?))).collect())
    }

    /// Those of these texts that are there.
    fn found(&self, named: Vec<(Named, Committed)>) -> Vec<(Named, Unsealed)> {
        let found = |(named, at): (Named, Committed)| Some((named, (*self.0.get(&(at.to, at.position))?).clone()));
        named.into_iter().filter_map(found).collect()
    }
}

impl RecordedNames {
    /// What ids are called.
    pub(crate) fn names(&self) -> Arc<Names> {
        Arc::clone(&self.names)
    }

    /// Takes over what an accepted leaf says.
    pub(crate) fn record(&mut self, blobs: &dyn Blobs, leaf: &Leaf, bound: &[Bound], unsealed: &[Option<Unsealed>]) {
        if leaf.verdict != Verdict::Accepted {
            return;
        }
        let texts = PartTexts::of(bound, unsealed);
        self.published(leaf);
        say(Arc::make_mut(&mut self.names), texts.found(control::named(leaf)));
        match &leaf.command {
            Command::Genesis { genesis, .. } => roster(Arc::make_mut(&mut self.names), &genesis.roster),
            Command::Signed { statement, .. } => self.signed(blobs, &statement.act, &texts),
            Command::Receipt { .. } | Command::Session(_) | Command::Clock { .. } => {}
        }
        for effect in &leaf.effects {
            self.effect(blobs, leaf, effect);
        }
    }

    /// What is published for one tenant's engines alone is called something in a leaf that others may not read.
    fn published(&mut self, leaf: &Leaf) {
        let Command::Signed { statement, .. } = &leaf.command else { return };
        let Act::Publish { digest, product, version, tenant: Some(tenant), .. } = &statement.act else { return };
        if !self.names.artifacts.contains_key(digest) {
            let named = NamedFor { tenant: *tenant, otherwise: format!("{product} {version}") };
            Arc::make_mut(&mut self.names).named_for.insert(*digest, named);
        }
    }

    fn signed(&mut self, blobs: &dyn Blobs, act: &Act, texts: &PartTexts) {
        match act {
            Act::Publish { digest, product, version, .. } => {
                let names = Arc::make_mut(&mut self.names);
                names.artifacts.entry(*digest).or_insert_with(|| format!("{product} {version}"));
            }
            Act::Open { change, package } => {
                let names = Arc::make_mut(&mut self.names);
                // Another revision says it again: what it leaves out is no longer so. No row says either.
                names.unsay(&Named::Title(*change));
                names.unsay(&Named::Reason(*change));
                let Some(package) = read::<control::Package>(blobs, "package", package) else { return };
                say(names, texts.found(package.named()));
                self.joining.insert(*change, texts.found(package.people_named()));
                self.joining.retain(|_, people| !people.is_empty());
            }
            _ => {}
        }
    }

    fn effect(&mut self, blobs: &dyn Blobs, leaf: &Leaf, effect: &Effect) {
        match effect {
            Effect::Change { about, event: ChangeEvent::Opened { .. } } => {
                Arc::make_mut(&mut self.names).changes.entry(about.change).or_insert_with(|| about.clone());
            }
            Effect::Roster { event: RosterEvent::Changed { roster: digest, joined, .. } } => {
                let known = leaf.command.change().and_then(|change| self.joining.remove(&change)).unwrap_or_default();
                let names = Arc::make_mut(&mut self.names);
                let joins = |named: &Named| joined.iter().any(|person| *named == Named::Person(*person));
                say(names, known.into_iter().filter(|(named, _)| joins(named)));
                if let Some(next) = read::<Roster>(blobs, "roster", digest) {
                    roster(names, &next);
                }
            }
            _ => {}
        }
    }
}

fn say(names: &mut Names, said: impl IntoIterator<Item = (Named, Unsealed)>) {
    for (named, Unsealed { opening, matches }) in said {
        names.say(named, opening, matches);
    }
}

/// Nodes and machine identities are called as the roster calls them.
fn roster(names: &mut Names, roster: &Roster) {
    for node in &roster.nodes {
        names.nodes.entry(node.id).or_insert_with(|| node.name.to_string());
    }
    for machine in &roster.machines {
        names.people.entry(machine.id).or_insert_with(|| machine.name.to_string());
    }
}

#[cfg(test)]
mod tests;
