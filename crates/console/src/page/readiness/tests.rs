//! Each cause turns readiness false, and none of them when all is well.

use super::super::rollback::tests::{scene, serving};
use super::*;
use crate::snapshot::{Dated, EnginesSeen};
use crate::sources::{Health, Source};
use control::Engine;
use model::{Bundle, Instant, Resource, Side};
use serde_json::json;
use signed::Act;
use std::sync::Arc;
use testkit::{Double, World};

const FIRST: Digest = Digest([1; 32]);
const SECOND: Digest = Digest([2; 32]);

/// The second release serves, and the first can be gone back to.
async fn world() -> Double {
    let double = serving().await;
    let change = double.running(SECOND);
    double.advance_to(change, Service::Governance);
    double
}

/// As the services say it: everything held whole, enough memory, and all of them answer.
fn observed_scene(double: &Double, edit: impl FnOnce(&mut Scene)) -> Scene {
    let at: Instant = double.state().last;
    let mut scene = scene(double, at);
    let known = &double.state().engines[&Double::ENGINE];
    let (generation, side): (u64, Option<Side>) = (known.generation, known.serving.map(|serving| serving.side));
    let whole = json!({"ok": true, "at": at});
    let snapshot = Arc::make_mut(&mut scene.snapshot);
    let held = json!([{"artifact": FIRST, "held": true, "rehashed": whole}]);
    snapshot.platform = Some(Dated { at, data: serde_json::from_value(held).unwrap() });
    let inventory = json!({"node": World::NODE, "name": "prod-node-01", "memory_total_mib": 2048,
        "memory_free_mib": 1024, "artifacts": [{"artifact": FIRST, "rehashed": whole}]});
    snapshot.node = Some(Dated { at, data: serde_json::from_value(inventory).unwrap() });
    let engine = json!({"engine": Double::ENGINE, "generation": generation, "serving": SECOND,
        "serving_side": side, "bundle": {"digest": Bundle::of(SECOND).digest()}});
    let engines = EnginesSeen { engines: vec![serde_json::from_value(engine).unwrap()] };
    snapshot.engine = Some(Dated { at, data: engines });
    let bindings = json!({"engines": [{"engine": Double::ENGINE, "digest": FIRST}]});
    snapshot.integration = Some(Dated { at, data: serde_json::from_value(bindings).unwrap() });
    let source = |service: &Service| {
        let mut source = Source::new(*service, String::new());
        source.health = Health::Live;
        source
    };
    scene.sources = Service::ALL.iter().map(source).collect();
    edit(&mut scene);
    scene
}

fn goes(scene: &mut Scene, service: Service) {
    scene.sources.iter_mut().find(|source| source.service == service).unwrap().health = Health::Offline;
}

fn snapshot(scene: &mut Scene) -> &mut crate::snapshot::Snapshot {
    Arc::make_mut(&mut scene.snapshot)
}

/// The state of all of it, and of one check with its code.
fn stands(scene: &Scene, what: &str) -> (CheckState, CheckState, Option<String>) {
    let readiness = computed(scene, &Double::ENGINE).unwrap();
    let check = readiness.checks.iter().find(|check| check.what == what);
    let check = check.unwrap_or_else(|| panic!("{what}: {readiness:?}"));
    (readiness.state, check.state, check.code.clone())
}

#[tokio::test]
async fn all_is_well_or_one_cause_is_said_with_the_code_of_its_refusal() {
    let double = world().await;
    let (ok, not, unknown) = (CheckState::Ok, CheckState::Not, CheckState::Unknown);
    assert_eq!(stands(&observed_scene(&double, |_| {}), "artifact"), (ok, ok, None));
    let of = |edit: fn(&mut Scene), what: &str| stands(&observed_scene(&double, edit), what);
    let code = |code: &str| Some(code.to_owned());
    let held_not = (not, not, code("bundle.not_held"));
    assert_eq!(of(|scene| snapshot(scene).platform.as_mut().unwrap().data[0].held = false, "artifact"), held_not);
    let damaged = |scene: &mut Scene| {
        snapshot(scene).platform.as_mut().unwrap().data[0].rehashed.as_mut().unwrap().ok = false;
    };
    assert_eq!(of(damaged, "artifact"), held_not);
    let unread = |scene: &mut Scene| snapshot(scene).platform.as_mut().unwrap().data[0].rehashed = None;
    assert_eq!(of(unread, "artifact"), (unknown, unknown, None));
    // Platform Services is silent: what the node keeps decides.
    assert_eq!(of(|scene| goes(scene, Service::Platform), "artifact"), (ok, ok, None));
    let alone = |scene: &mut Scene| {
        goes(scene, Service::Platform);
        snapshot(scene).node.as_mut().unwrap().data.artifacts[0].rehashed.as_mut().unwrap().ok = false;
    };
    assert_eq!(of(alone, "artifact"), (not, not, code("bundle.changed")));
    let nowhere = |scene: &mut Scene| {
        goes(scene, Service::Platform);
        snapshot(scene).node.as_mut().unwrap().data.artifacts.clear();
    };
    assert_eq!(of(nowhere, "artifact"), (not, not, code("bundle.unavailable")));
    for service in [Service::Node, Service::Engine] {
        let scene = observed_scene(&double, |scene| goes(scene, service));
        assert_eq!(stands(&scene, "node"), (not, not, code("observation.missing")));
    }
    let full = |scene: &mut Scene| snapshot(scene).node.as_mut().unwrap().data.memory_free_mib = 1;
    assert_eq!(of(full, "node"), (not, not, code("placement.insufficient")));
    let moved = |scene: &mut Scene| snapshot(scene).engine.as_mut().unwrap().data.engines[0].generation += 1;
    assert_eq!(of(moved, "node"), (not, not, code("base.drifted")));
    assert_eq!(of(|scene| snapshot(scene).node = None, "node"), (unknown, unknown, None));
    // The release, and another config, theme or lease with it.
    let bound = |scene: &mut Scene| {
        let bundle = snapshot(scene).engine.as_mut().unwrap().data.engines[0].bundle.as_mut();
        bundle.unwrap().digest = Bundle { theme: Some(FIRST), ..Bundle::of(SECOND) }.digest();
    };
    assert_eq!(of(bound, "node"), (not, not, code("base.drifted")));
    let leads_elsewhere = |scene: &mut Scene| {
        snapshot(scene).engine.as_mut().unwrap().data.engines[0].unobserved = Some("the front leads nowhere".into());
    };
    assert_eq!(of(leads_elsewhere, "node"), (not, not, code("observation.missing")));
    // What serves has died: it can be gone back from all the same.
    let died = |scene: &mut Scene| {
        snapshot(scene).engine.as_mut().unwrap().data.engines[0].trouble = Some("what serves has ended".into());
    };
    assert_eq!(of(died, "node"), (ok, ok, None));
    assert_eq!(of(|scene| snapshot(scene).integration = None, "integration"), (unknown, unknown, None));
    let other = |scene: &mut Scene| snapshot(scene).node.as_mut().unwrap().data.node = model::NodeId([99; 16]);
    assert_eq!(of(other, "node").1, unknown);
}

/// Two services that a rollback can do without are silent: it is ready, and not at once.
#[tokio::test]
async fn a_rollback_that_waits_for_a_silent_service_says_how_long() {
    let double = world().await;
    let told = |edit: fn(&mut Scene)| of(&observed_scene(&double, edit), &Double::ENGINE).unwrap();
    assert_eq!(told(|_| {}).verdict, "Ready: nothing keeps a rollback from being carried out now.");
    for (service, what) in [(Service::Integration, "integration"), (Service::Platform, "artifact")] {
        let shown = of(&observed_scene(&double, |scene| goes(scene, service)), &Double::ENGINE).unwrap();
        assert_eq!(shown.state, "ok");
        assert!(shown.verdict.contains("Ready 60 s after it is asked for, and not before"), "{}", shown.verdict);
        let check = shown.checks.iter().find(|check| check.what == what).unwrap();
        assert!(check.sentence.contains("after 60 s a rollback goes on without"), "{check:?}");
    }
}

/// What does not hold stands in its own row, and no other row says it.
#[tokio::test]
async fn each_cause_stands_in_its_own_row() {
    let double = world().await;
    let kept = super::super::bound::tests::retention();
    double.keep("retention", model::canon::to_vec(&kept).unwrap());
    let policy = kept.digest().unwrap();
    let (product, version) = ("standard".parse().unwrap(), "1".parse().unwrap());
    let resource = Resource::Retention;
    double.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest: policy, product, version, tenant: None });
    let with = |edit: &dyn Fn(&mut Engine, Digest)| {
        let mut scene = observed_scene(&double, |_| {});
        let engine = Arc::make_mut(&mut scene.state).engines.get_mut(&Double::ENGINE).unwrap();
        engine.stack[0].bundle.retention = Some(policy);
        edit(engine, policy);
        scene
    };
    let not = |scene: &Scene| {
        let checks = computed(scene, &Double::ENGINE).unwrap().checks.into_iter();
        let not = checks.filter(|check| check.state == CheckState::Not);
        not.map(|check| (check.what, check.code.unwrap_or_default())).collect::<Vec<_>>()
    };
    let row = |what: &str, code: &str| vec![(what.to_owned(), code.to_owned())];
    assert_eq!(not(&with(&|_, _| {})), []);
    let runtime = |engine: &mut Engine, _: Digest| engine.profile.runtime = "another".parse().unwrap();
    assert_eq!(not(&with(&runtime)), row("fits", "profile.runtime"));
    let memory = |engine: &mut Engine, _: Digest| engine.profile.memory_mib = 1;
    assert_eq!(not(&with(&memory)), row("fits", "profile.memory"));
    let unknown = |engine: &mut Engine, _: Digest| engine.stack[0].bundle.config = Some(Digest([9; 32]));
    assert_eq!(not(&with(&unknown)), row("config", "bundle.unknown"));
    let shown = of(&with(&|_, _| {}), &Double::ENGINE).unwrap();
    let retention = shown.checks.iter().find(|check| check.what == "retention").unwrap();
    assert!(retention.state == "ok" && retention.sentence.contains("the ledger itself holds it"), "{retention:?}");
    double.sign_and_submit(World::AUDITOR, Act::Recall { digest: policy });
    assert_eq!(not(&with(&|_, _| {})), row("retention", "bundle.recalled"));
}

#[tokio::test]
async fn a_damaged_copy_of_the_node_is_said_beside_a_whole_one() {
    let double = world().await;
    let scene = observed_scene(&double, |scene| {
        let found = &mut snapshot(scene).node.as_mut().unwrap().data.artifacts[0].rehashed;
        *found =
            Some(Rehashed { ok: false, why: Some("start.sh was changed".to_owned()), at: found.as_ref().unwrap().at });
    });
    let shown = of(&scene, &Double::ENGINE).unwrap();
    assert_eq!(shown.state, "ok", "it is fetched again when it is placed");
    let artifact = shown.checks.iter().find(|check| check.what == "artifact").unwrap();
    assert!(artifact.sentence.contains("start.sh was changed"), "{artifact:?}");
    let states: Vec<_> = shown.copies.iter().map(|copy| (copy.keeper, copy.state)).collect();
    assert_eq!(states, [("Platform Services", "whole"), ("Node Runtime", "damaged")]);
    let rehearse = shown.rehearse.unwrap();
    assert!(rehearse.contains(&format!("engine={}", Double::ENGINE)) && rehearse.contains(&FIRST.to_string()));
    assert_eq!(shown.kept, [FIRST]);
}

#[tokio::test]
async fn a_copy_that_is_being_hashed_again_says_so_until_the_new_date_comes() {
    let double = world().await;
    let scene = observed_scene(&double, |_| {});
    let (node, at) = ((Service::Node, FIRST), Instant::from_millis(7));
    let shown = || of(&scene, &Double::ENGINE).unwrap().copies.remove(1);
    let asked = scene.readings.begin(&[node], at).unwrap();
    assert_eq!((shown().state, shown().at), ("reading", Some(Moment::of(at))));
    asked.failed(&node, at, "cut off".to_owned());
    let failed = shown();
    assert!(failed.state == "whole" && failed.text.contains("(cut off)"), "{failed:?}");
    asked.came(&node);
    assert!(shown().text.starts_with("every byte as its digest says"), "{:?}", shown());
}
