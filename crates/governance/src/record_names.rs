//! What ids are called, as the leaves say it. A name that was recorded stays: one that comes later
//! only fills an id that had none, so that a row reads the same for ever.

use crate::openings::Bound;
use crate::service::Service;
use control::{Blobs, ChangeEvent, Command, Effect, Leaf, RosterEvent, Verdict};
use model::{ChangeId, CommandId, Digest, PersonId, TenantId, canon};
use service_shell::Problem;
use signed::{Act, Opening, Part, REASON, Roster};
use std::collections::BTreeMap;
use std::sync::Arc;
use view::Names;

/// The `about` of a part that says what its subject is called.
const NAME: &str = "name";

/// The parts of a leaf: the command's own, then those of the package that it opens.
pub(crate) fn parts(blobs: &dyn Blobs, command: &Command) -> Vec<Bound> {
    let own = command.parts().map(|(to, parts)| Bound { to, parts: parts.to_vec() });
    let package = match command {
        Command::Signed { statement, .. } => match &statement.act {
            Act::Open { package, .. } => read::<control::Package>(blobs, "package", package),
            _ => None,
        },
        _ => None,
    };
    let opened = package.map(|package| Bound { to: CommandId(package.nonce.0), parts: package.parts });
    own.into_iter().chain(opened).collect()
}

fn read<T: serde::de::DeserializeOwned + serde::Serialize>(
    blobs: &dyn Blobs,
    object: &str,
    digest: &Digest,
) -> Option<T> {
    canon::from_slice(&blobs.get(object, digest)?).ok()
}

/// The tenants a leaf concerns; a problem where a leaf that says so cannot be read.
pub(crate) fn tags(service: &Service, leaf: &Leaf) -> Result<Vec<TenantId>, Problem> {
    control::concerns(leaf, |first| service.leaf(first))
}

/// What ids are called, folded over the leaves.
#[derive(Default)]
pub(crate) struct RecordedNames {
    names: Arc<Names>,
    /// Whom open changes of the roster would bring in. Nobody is called something before the roster that
    /// lists them is in force, and no row names them earlier: until then it is one person's word.
    joining: BTreeMap<ChangeId, Vec<(PersonId, String)>>,
}

/// The texts of one leaf.
struct PartTexts<'a>(Vec<(&'a Part, Option<&'a String>)>);

impl<'a> PartTexts<'a> {
    fn of(bound: &'a [Bound], openings: &'a [Option<Opening>]) -> Self {
        let text = |opening: &'a Option<Opening>| opening.as_ref()?.body.get("text");
        Self(bound.iter().flat_map(|bound| &bound.parts).zip(openings.iter().map(text)).collect())
    }

    fn text(&self, about: &str) -> Option<String> {
        self.0.iter().find(|(part, _)| part.about.as_str() == about).and_then(|(_, text)| text.cloned())
    }

    /// People whose names it says.
    fn people(&self) -> Vec<(PersonId, String)> {
        let named = self.0.iter().filter(|(part, _)| part.about.as_str() == NAME);
        named.filter_map(|(part, text)| Some((PersonId(part.subject?.0), text.cloned()?))).collect()
    }
}

impl RecordedNames {
    /// What ids are called.
    pub(crate) fn names(&self) -> Arc<Names> {
        Arc::clone(&self.names)
    }

    /// Takes over what an accepted leaf says.
    pub(crate) fn record(&mut self, blobs: &dyn Blobs, leaf: &Leaf, bound: &[Bound], openings: &[Option<Opening>]) {
        if leaf.verdict != Verdict::Accepted {
            return;
        }
        let said = PartTexts::of(bound, openings);
        match &leaf.command {
            Command::Genesis { genesis, .. } => {
                people(Arc::make_mut(&mut self.names), said.people());
                roster(Arc::make_mut(&mut self.names), &genesis.roster);
            }
            Command::Signed { statement, .. } => self.signed(&statement.act, &said),
            Command::Receipt { .. } | Command::Session(_) | Command::Clock { .. } => {}
        }
        for effect in &leaf.effects {
            self.effect(blobs, leaf, effect, &said);
        }
    }

    fn signed(&mut self, act: &Act, said: &PartTexts) {
        let names = Arc::make_mut(&mut self.names);
        match act {
            Act::RegisterTenant { tenant } => {
                said.text(NAME).map(|name| names.tenants.entry(*tenant).or_insert(name));
            }
            Act::RegisterEngine { engine, .. } => {
                said.text(NAME).map(|name| names.engines.entry(*engine).or_insert(name));
            }
            Act::PublishArtifact { artifact, product, version, .. } => {
                let name = || said.text(NAME).unwrap_or_else(|| format!("{product} {version}"));
                names.artifacts.entry(*artifact).or_insert_with(name);
            }
            Act::Open { change, .. } => {
                // Another revision says it again: what it leaves out is no longer so. No row says either.
                names.titles.remove(change);
                names.reasons.remove(change);
                names.titles.extend(said.text("title").map(|text| (*change, text)));
                names.reasons.extend(said.text(REASON).map(|text| (*change, text)));
            }
            _ => {}
        }
    }

    fn effect(&mut self, blobs: &dyn Blobs, leaf: &Leaf, effect: &Effect, said: &PartTexts) {
        match effect {
            Effect::Change { about, event: ChangeEvent::Opened { .. } } => {
                Arc::make_mut(&mut self.names).changes.entry(about.change).or_insert_with(|| about.clone());
                self.joining.insert(about.change, said.people());
                self.joining.retain(|_, people| !people.is_empty());
            }
            Effect::Roster { event: RosterEvent::Changed { roster: digest, joined, .. } } => {
                let known = leaf.command.change().and_then(|change| self.joining.remove(&change)).unwrap_or_default();
                let names = Arc::make_mut(&mut self.names);
                people(names, known.into_iter().filter(|(person, _)| joined.contains(person)));
                if let Some(next) = read::<Roster>(blobs, "roster", digest) {
                    roster(names, &next);
                }
            }
            _ => {}
        }
    }
}

fn people(names: &mut Names, said: impl IntoIterator<Item = (PersonId, String)>) {
    for (person, name) in said {
        names.people.entry(person).or_insert(name);
    }
}

/// Nodes and machine identities are called as the roster calls them.
fn roster(names: &mut Names, roster: &Roster) {
    for node in &roster.nodes {
        names.nodes.entry(node.id).or_insert_with(|| node.name.to_string());
    }
    people(names, roster.machines.iter().map(|machine| (machine.id, machine.name.to_string())));
}

#[cfg(test)]
mod tests;
