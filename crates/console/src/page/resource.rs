//! What is published: artifacts, client themes, configs and retention policies, and where each is bound.

pub mod content;
pub mod detail;
pub(crate) mod manifest;
pub(crate) mod theme;

use super::{held, link};
use crate::scene::Scene;
use control::Published;
use model::{Digest, EngineId, Resource};
use std::collections::BTreeMap;

/// Most of one sort that are listed, the newest first.
pub const LISTED_MAX: usize = 100;

/// An engine where something is bound now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundEngine {
    pub name: String,
    pub href: String,
    /// The entry in which the bundle that serves there was certified; none: it was not yet.
    pub certified: Option<String>,
}

/// Something published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRow {
    /// Its digest, whole.
    pub digest: String,
    /// The same, short.
    pub short: String,
    pub href: String,
    /// What it is, as a person reads it.
    pub title: &'static str,
    pub name: String,
    pub product: String,
    pub version: String,
    /// MiB, of a certified artifact.
    pub memory_mib: Option<u32>,
    /// Whether Platform Services has certified it, in a word or two.
    pub certified: String,
    /// Whose engines alone may be bound to it.
    pub tenant: Option<String>,
    /// The entry that published it.
    pub published: String,
    pub bound: Vec<BoundEngine>,
    /// Where it is recalled; none: it is.
    pub recall: Option<String>,
}

/// What is published of one sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    pub word: &'static str,
    pub title: &'static str,
    pub rows: Vec<ResourceRow>,
    /// Whether there are more than are listed.
    pub has_older: bool,
    /// Where another one is published.
    pub publish: String,
}

/// What serves where, by what is bound there.
type Bound<'a> = BTreeMap<Digest, Vec<&'a EngineId>>;

fn bound(scene: &Scene) -> Bound<'_> {
    let mut bound = Bound::new();
    for (id, engine) in &scene.state.engines {
        let Some(bundle) = engine.bundle() else { continue };
        for (_, digest) in bundle.parts() {
            bound.entry(digest).or_default().push(id);
        }
    }
    bound
}

fn bound_engine(scene: &Scene, id: &EngineId) -> BoundEngine {
    let engine = scene.state.engines.get(id);
    let top = engine.and_then(|engine| engine.stack.last().filter(|top| Some(top.bundle) == engine.bundle()));
    BoundEngine {
        name: scene.names().engine(id),
        href: link::engine(id),
        certified: top.map(|top| link::control(top.index)),
    }
}

fn row(scene: &Scene, digest: &Digest, known: &Published, bound: &Bound) -> ResourceRow {
    let (state, names) = (&scene.state, scene.names());
    let engines = bound.get(digest).into_iter().flatten();
    let waits = known.certified.is_none() && known.refused.is_none();
    let is_damaged = waits && held::damage(scene, digest).is_some();
    ResourceRow {
        digest: digest.to_string(),
        short: digest.short(),
        href: link::resource(digest),
        title: known.content.resource().title(),
        name: names.resource(state, digest),
        product: known.product.to_string(),
        version: known.version.to_string(),
        memory_mib: known.profile().map(|profile| profile.memory_mib.usual),
        certified: if is_damaged { "not certified: its archive is damaged".to_owned() } else { certified(known) },
        tenant: whose(scene, known),
        published: link::control(known.index),
        bound: engines.map(|id| bound_engine(scene, id)).collect(),
        recall: (!state.recalled.contains_key(digest)).then(|| link::recall(digest)),
    }
}

/// The tenants whose engines alone may be bound to it, by name; none: any engine may.
fn whose(scene: &Scene, known: &Published) -> Option<String> {
    let names: Vec<_> = known.whose.tenants().iter().map(|tenant| scene.names().tenant(tenant)).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

/// Where something published stands with Platform Services.
pub fn certified(known: &Published) -> String {
    match (known.certified, &known.refused) {
        (Some(_), _) => "certified".to_owned(),
        (None, Some((code, _))) => format!("not certified ({code})"),
        (None, None) => "not certified yet".to_owned(),
    }
}

/// One of them; none: nothing of this digest is published.
pub fn of(scene: &Scene, digest: &Digest) -> Option<ResourceRow> {
    scene.state.resources.get(digest).map(|known| row(scene, digest, known, &bound(scene)))
}

/// The newest of each sort.
pub fn list(scene: &Scene) -> Vec<Sort> {
    let bound = bound(scene);
    let sort = |resource: &Resource| {
        let of = scene.state.resources.iter().filter(|(_, known)| known.content.resource() == *resource);
        let (newest, has_older) = newest(of.map(|(digest, known)| (known.index, digest, known)).collect());
        let rows = newest.into_iter().map(|(_, digest, known)| row(scene, digest, known, &bound));
        let (word, title) = (resource.word(), plural(*resource));
        Sort { word, title, rows: rows.collect(), has_older, publish: link::publish(*resource) }
    };
    Resource::ALL.iter().map(sort).collect()
}

/// The newest by the entries that published them, the newest first, and whether there are more. Those that are not among
/// them are not put in order.
fn newest<A: Ord, B>(mut all: Vec<(u64, A, B)>) -> (Vec<(u64, A, B)>, bool) {
    let order = |a: &(u64, A, B), b: &(u64, A, B)| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1));
    let has_older = all.len() > LISTED_MAX;
    if has_older {
        all.select_nth_unstable_by(LISTED_MAX, order);
        all.truncate(LISTED_MAX);
    }
    all.sort_unstable_by(order);
    (all, has_older)
}

/// What several of a sort are called.
pub fn plural(resource: Resource) -> &'static str {
    match resource {
        Resource::Artifact => "Artifacts",
        Resource::Config => "Configs",
        Resource::Theme => "Client themes",
        Resource::Retention => "Retention policies",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_listed_in_their_order() {
        let mixed = |count: u64| (0..count).map(|n| (n * 7_919 % count, n, ())).collect::<Vec<_>>();
        let indexes = |(rows, has_older): (Vec<(u64, u64, ())>, bool)| {
            (rows.into_iter().map(|(index, ..)| index).collect::<Vec<_>>(), has_older)
        };
        let most = LISTED_MAX as u64;
        assert_eq!(indexes(newest(mixed(3))), (vec![2, 1, 0], false));
        assert_eq!(indexes(newest(mixed(most))), ((0..most).rev().collect(), false));
        assert_eq!(indexes(newest(mixed(10_007))), ((10_007 - most..10_007).rev().collect(), true));
        assert_eq!(indexes(newest(vec![])), (vec![], false));
    }
}
