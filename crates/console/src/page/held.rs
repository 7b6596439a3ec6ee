//! Whether what was published is still kept, by Platform Services and on a node's disk: a store drops by itself what nothing
//! needs. What a silent service said last is not how it is now.

use super::link;
use crate::scene::Scene;
use crate::snapshot::Inventory;
use crate::sources::Health;
use model::{Bundle, Digest, NodeId, Resource, Service};

/// What Platform Services said of an archive when it was asked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    Held,
    /// It is published, and its archive is not there.
    Gone,
    /// It does not answer, was not read yet, or did not name it.
    Unknown,
}

/// What is done about one that is gone.
pub const GONE: &str = "no longer held; publish it again";

impl Keeping {
    /// In a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Held => "Platform Services holds it.",
            Self::Gone => "Platform Services does not hold it.",
            Self::Unknown => "Whether Platform Services holds it is not known.",
        }
    }
}

/// Of one archive.
pub fn of(scene: &Scene, digest: &Digest) -> Keeping {
    let said = scene.snapshot.platform.as_ref().filter(|_| scene.health(Service::Platform) != Health::Offline);
    match said.and_then(|dated| dated.data.iter().find(|one| one.artifact == *digest)) {
        Some(one) if one.held => Keeping::Held,
        Some(_) => Keeping::Gone,
        None => Keeping::Unknown,
    }
}

/// What a node keeps; none: its runtime does not answer or was not read yet.
pub fn on_node<'a>(scene: &'a Scene, node: &NodeId) -> Option<&'a Inventory> {
    let said = scene.snapshot.node.as_ref().filter(|_| scene.health(Service::Node) != Health::Offline);
    said.map(|dated| &dated.data).filter(|data| data.node == *node)
}

/// What is wrong with an archive that is there, as its last reading found.
pub fn damage<'a>(scene: &'a Scene, digest: &Digest) -> Option<&'a str> {
    let all = &scene.snapshot.platform.as_ref()?.data;
    let found =
        all.iter().find(|one| one.held && one.artifact == *digest)?.rehashed.as_ref().filter(|found| !found.ok)?;
    Some(found.why.as_deref().unwrap_or("its bytes are not those that were published"))
}

/// What of a bundle is gone.
pub fn gone(scene: &Scene, bundle: &Bundle) -> Option<Resource> {
    bundle.archives().find(|(_, digest)| of(scene, digest) == Keeping::Gone).map(|(resource, _)| resource)
}

/// Where what is gone of a bundle is published again; none: nothing is known to be gone.
pub fn again(scene: &Scene, bundle: &Bundle) -> Option<String> {
    gone(scene, bundle).map(link::publish)
}

#[cfg(test)]
mod tests {
    use super::super::rollback::tests::{scene, serving};
    use super::super::{engine, resource, rollback};
    use super::*;
    use crate::snapshot::{ArtifactHeld, Dated, Rehashed};
    use crate::sources::Source;
    use std::sync::Arc;
    use testkit::{Double, World};

    const FIRST: Digest = Digest([1; 32]);
    const SECOND: Digest = Digest([2; 32]);

    #[tokio::test]
    async fn a_release_that_its_store_dropped_is_said_to_be_gone_and_where_it_is_published_again() {
        let double = serving().await;
        let change = double.running(SECOND);
        double.advance_to(change, Service::Governance);
        let now = double.state().last;
        let with = |held: bool| {
            let mut scene = scene(&double, now);
            let one = |artifact, held| ArtifactHeld { artifact, held, rehashed: None };
            let data = vec![one(FIRST, held), one(SECOND, true)];
            Arc::make_mut(&mut scene.snapshot).platform = Some(Dated { at: now, data });
            scene
        };
        let said = |scene: &Scene| {
            let page = engine::of(scene, &Double::ENGINE).unwrap();
            let items = rollback::of(scene, Some(&Double::ENGINE)).list;
            let revert = items.into_iter().find(|item| item.title.starts_with("Revert to")).unwrap();
            (page.stack.iter().map(|row| row.again.is_some()).collect::<Vec<_>>(), page.fallback_again, revert.sentence)
        };
        let (stack, back, sentence) = said(&with(false));
        assert_eq!((stack, back), (vec![false, true], Some(link::publish(Resource::Artifact))));
        assert!(sentence.contains("is no longer held by Platform Services; publish it again"), "{sentence}");
        let (stack, back, sentence) = said(&with(true));
        assert_eq!((stack, back), (vec![false, false], None));
        assert!(sentence.contains("what is on the node's disk is not known"), "{sentence}");
        // What cannot be certified because it is damaged says so.
        let digest = double.state().resources.keys().next().copied().unwrap();
        let told = |scene: &mut Scene, ok: bool| {
            let at = scene.now;
            let why = (!ok).then(|| "`text` differs from the manifest".to_owned());
            let data = vec![ArtifactHeld { artifact: digest, held: true, rehashed: Some(Rehashed { ok, why, at }) }];
            Arc::make_mut(&mut scene.snapshot).platform = Some(Dated { at, data });
            Arc::make_mut(&mut scene.state).resources.get_mut(&digest).unwrap().certified = None;
            let page = resource::detail::of(scene, &digest).unwrap();
            (page.row.certified, page.history.into_iter().map(|fact| fact.text).collect::<Vec<_>>().join("; "))
        };
        let mut damaged = with(true);
        let (row, history) = told(&mut damaged, false);
        assert_eq!(row, "not certified: its archive is damaged");
        assert!(history.contains("`text` differs from the manifest; publish the same again"), "{history}");
        let (row, history) = told(&mut damaged, true);
        assert!(row == "not certified yet" && history.contains("has not looked at it yet"), "{row} {history}");
        // Who does not answer now, or does not name it, has not said that it is gone.
        let mut silent = with(false);
        let mut source = Source::new(Service::Platform, String::new());
        source.health = Health::Offline;
        silent.sources = vec![source];
        assert_eq!((of(&silent, &FIRST), of(&with(false), &Digest([9; 32]))), (Keeping::Unknown, Keeping::Unknown));
        assert_eq!(said(&silent).0, [false, false]);
        // Nor has a silent node runtime, or that of another node, said what is on the node's disk now.
        let keeps = |node: NodeId, health: Health| {
            let mut scene = with(true);
            let inventory = serde_json::json!({
                "node": node, "name": "n1", "memory_total_mib": 1, "memory_free_mib": 1,
                "artifacts": [{ "artifact": FIRST }],
            });
            let data = serde_json::from_value(inventory).unwrap();
            Arc::make_mut(&mut scene.snapshot).node = Some(Dated { at: now, data });
            let mut source = Source::new(Service::Node, String::new());
            source.health = health;
            scene.sources = vec![source];
            said(&scene).2
        };
        assert!(keeps(World::NODE, Health::Live).contains("is on n1's disk"));
        for unknown in [keeps(World::NODE, Health::Offline), keeps(NodeId([0xee; 16]), Health::Live)] {
            assert!(unknown.contains("what is on the node's disk is not known"), "{unknown}");
        }
    }
}
