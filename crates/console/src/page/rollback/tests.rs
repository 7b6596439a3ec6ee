//! What Rollback Readiness says of an open rollback.

use super::*;
use crate::scene::Viewer;
use crate::snapshot::{Dated, GovernanceData, Rows, Snapshot};
use control::{Body, Bundle};
use model::{ChangeId, Instant, Role};
use signed::Report;
use std::sync::Arc;
use testkit::{Double, World};
use view::Names;
use wire::LedgerInfo;

const FIRST: Digest = Digest([1; 32]);
const SECOND: Digest = Digest([2; 32]);

/// The first release serves, and the second is published.
async fn serving() -> Double {
    let double = Double::start().await;
    double.register(FIRST, 64);
    let change = double.running(FIRST);
    double.advance_to(change, Service::Governance);
    assert_eq!(double.state().engines[&Double::ENGINE].bundle(), Some(Bundle { artifact: FIRST }));
    double.publish(SECOND, "2026.03.2", 64);
    double
}

fn rollback(double: &Double, artifact: Digest) -> ChangeId {
    let change = ChangeId([7; 16]);
    let body = Body::Rollback { engine: Double::ENGINE, node: World::NODE, bundle: Bundle { artifact } };
    double.open(World::AUTHOR, change, body, None);
    change
}

fn scene(double: &Double, now: Instant) -> Scene {
    let state = double.state();
    let ledger = LedgerInfo {
        origin: String::new(),
        genesis: state.ledger,
        control_vkey: String::new(),
        events_vkey: String::new(),
        control_size: state.size,
        events_size: 0,
        demo: true,
    };
    let rows = Rows::default();
    let names = Names::default();
    let data = GovernanceData { ledger, names, headlines: rows.clone(), all: rows, headlines_total: 0, rows_total: 0 };
    let snapshot = Snapshot { governance: Some(Dated { at: now, data }), ..Snapshot::default() };
    let roles = vec![Role::SupportAuditor];
    let viewer = Viewer { who: World::AUDITOR.into(), name: String::new(), roles, has_key: true };
    Scene::new(now, vec![], Arc::new(snapshot), Arc::new(state), Some(viewer), true, None)
}

fn text(scene: &Scene) -> String {
    let items = of(scene, Some(&Double::ENGINE)).list;
    items.iter().map(|item| format!("{} {} {}", item.title, item.sentence, item.note)).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_rollback_that_stands_by_says_which_change_it_assumes_has_run() {
    let double = serving().await;
    let deployment = double.draft(SECOND);
    let assumes = format!("It assumes that change {} has run.", deployment.short());
    let now = double.state().last;
    assert!(text(&scene(&double, now)).contains(&assumes), "what could be asked for");
    let change = rollback(&double, FIRST);
    double.observe(change);
    let text = text(&scene(&double, now));
    assert!(text.contains("A rollback is open: draft.") && text.matches(&assumes).count() == 2, "{text}");
}

#[tokio::test]
async fn a_rollback_that_goes_on_without_an_observation_says_what_is_unchecked() {
    let double = serving().await;
    double.draft(SECOND);
    let change = rollback(&double, FIRST);
    for service in [Service::Node, Service::Engine] {
        let report = Report::Observed { change, revision: 1, observation: double.good(service) };
        double.accept(double.receipt(service, report));
    }
    let opened = double.state().changes[&change].opened_at;
    let (early, late) = (opened.plus_millis(1_000), opened.plus_millis(61_000));
    let unchecked = "Unchecked: Platform Services and Integration Control did not answer";
    assert!(!text(&scene(&double, early)).contains(unchecked), "they may still answer");
    let text = text(&scene(&double, late));
    assert!(text.contains(unchecked) && text.contains("reviewed afterwards"), "{text}");
}
