//! The page of one thing that is published.

use super::content;
use super::{ResourceRow, of as row_of};
use crate::page::deployment::Fact;
use crate::page::held::{self, Keeping};
use crate::page::{kinds, link};
use crate::scene::Scene;
use control::{Input, Published, governs};
use model::{Digest, KindName, Resource};

/// The page, but for what a theme holds: its files are Platform Services' to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePage {
    pub row: ResourceRow,
    pub what: Resource,
    /// How it came to be, each with its entry.
    pub history: Vec<Fact>,
    /// What the ledger has of it.
    pub content: Vec<Fact>,
    /// Why that is nothing.
    pub nothing: &'static str,
    /// Where a change that names it is asked for: the form, and what it asks for.
    pub asks: Vec<(String, &'static str)>,
    /// Where another one of its sort is published.
    pub publish: String,
}

fn history(scene: &Scene, digest: &Digest, known: &Published) -> Vec<Fact> {
    let entry = |name: &'static str, index: u64| {
        let at = scene.recorded(index).map(|at| super::super::moment::Moment::of(at).text);
        let when = at.map_or_else(String::new, |at| format!(", {at}"));
        Fact::new(name, format!("entry {index}{when}"), Some(link::control(index)))
    };
    let mut facts = vec![entry("Published", known.index)];
    match (known.certified, &known.refused) {
        (Some(index), _) => facts.push(entry("Certified", index)),
        (None, Some((code, index))) => {
            let text = format!("{code}, entry {index}: it is not what it was published as, and no package may name it");
            facts.push(Fact::new("Not certified", text, Some(link::control(*index))));
        }
        (None, None) => facts.push(not_yet(scene, digest, known)),
    }
    if let Some(index) = scene.state.recalled.get(digest) {
        let text = format!("entry {index}: no later plan may name it; where it serves, it goes on");
        facts.push(Fact::new("Recalled", text, Some(link::control(*index))));
    }
    facts
}

/// What it waits for.
fn not_yet(scene: &Scene, digest: &Digest, known: &Published) -> Fact {
    match held::damage(scene, digest) {
        Some(why) => {
            let text = format!("what Platform Services keeps of it is damaged: {why}; publish the same again");
            Fact::new("Not certified", text, Some(link::publish(known.content.resource())))
        }
        None => Fact::new("Not certified yet", "Platform Services has not looked at it yet".to_owned(), None),
    }
}

/// Whether an archive is still there: as Platform Services was just asked, else as it said last; none: it is no archive.
pub fn held(scene: &Scene, digest: &Digest, asked: Option<Keeping>) -> Option<Fact> {
    let known = scene.state.resources.get(digest).filter(|known| known.content.resource().is_archive())?;
    Some(match asked.unwrap_or_else(|| held::of(scene, digest)) {
        Keeping::Held => Fact::new("Held", "by Platform Services".to_owned(), None),
        Keeping::Gone => {
            let text = if known.certified.is_some() { held::GONE } else { "not held; publish it again" };
            Fact::new("Held", text.to_owned(), Some(link::publish(known.content.resource())))
        }
        Keeping::Unknown => Fact::new("Held", "not known: Platform Services did not say".to_owned(), None),
    })
}

/// Forms that ask for something of this sort, with this one given.
fn asks(scene: &Scene, resource: Resource, digest: &Digest) -> Vec<(String, &'static str)> {
    let named = |kind: KindName| {
        let fits = |input: Input| {
            input == Input::Resource(resource) || (input == Input::Artifact && resource == Resource::Artifact)
        };
        governs(kind).form().iter().find(|field| fits(field.input)).map(|field| field.name)
    };
    let link = |kind: KindName| Some((link::ask(kind, &[(named(kind)?, &digest.to_string())]), kind.title()));
    kinds::all(&scene.state).filter_map(link).collect()
}

/// The page; none: nothing of this digest is published, as far as the viewer may see.
pub fn of(scene: &Scene, digest: &Digest) -> Option<ResourcePage> {
    let known = scene.state.resources.get(digest)?;
    let resource = known.content.resource();
    let may_be_named = known.refused.is_none() && !scene.state.recalled.contains_key(digest);
    Some(ResourcePage {
        row: row_of(scene, digest)?,
        what: resource,
        history: history(scene, digest, known),
        content: content::of(known),
        nothing: content::nothing(known),
        asks: if may_be_named { asks(scene, resource, digest) } else { vec![] },
        publish: link::publish(resource),
    })
}
