//! What Rollback Readiness says of an open rollback.

use super::*;
use crate::scene::Viewer;
use crate::snapshot::{Dated, GovernanceData, Rows, Snapshot};
use control::Body;
use model::{Bundle, ChangeId, Instant, Role};
use signed::{Counted, Report};
use std::sync::Arc;
use testkit::{Double, World};
use view::Names;
use wire::LedgerInfo;

const FIRST: Digest = Digest([1; 32]);
const SECOND: Digest = Digest([2; 32]);

/// The first release serves, and the second is published.
pub(in crate::page) async fn serving() -> Double {
    let double = Double::start().await;
    double.register(FIRST, 64);
    let change = double.running(FIRST);
    double.advance_to(change, Service::Governance);
    assert_eq!(double.state().engines[&Double::ENGINE].bundle(), Some(Bundle::of(FIRST)));
    double.publish(SECOND, "2026.03.2", 64);
    double
}

fn rollback(double: &Double, artifact: Digest) -> ChangeId {
    let change = ChangeId([7; 16]);
    let body = Body::Rollback { engine: Double::ENGINE, node: World::NODE, bundle: Bundle::of(artifact) };
    double.open(World::AUTHOR, change, body, None);
    change
}

pub(in crate::page) fn scene(double: &Double, now: Instant) -> Scene {
    let state = double.decided();
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
        .with_ended(Arc::new(double.ended()))
}

fn text(scene: &Scene) -> String {
    let items = of(scene, Some(&Double::ENGINE)).list;
    items.iter().map(|item| format!("{} {} {}", item.title, item.sentence, item.note)).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_rollback_that_stands_by_says_which_change_it_assumes_has_run() {
    let double = serving().await;
    let deployment = double.draft(SECOND);
    double.observe(deployment);
    double.approve(deployment);
    let assumes = format!("It assumes that change {} has run.", deployment.short());
    let now = double.state().last;
    assert!(text(&scene(&double, now)).contains(&assumes), "what could be asked for");
    let change = rollback(&double, FIRST);
    double.observe(change);
    let text = text(&scene(&double, now));
    assert!(text.contains("A rollback is open: draft.") && text.matches(&assumes).count() == 2, "{text}");
}

/// A draft that cannot be sealed does not change what a rollback leads to; a deployment that can be run has a line of its own.
#[tokio::test]
async fn what_is_judged_is_what_a_rollback_asked_for_now_lands_on() {
    let (double, third) = (serving().await, Digest([3; 32]));
    double.publish(third, "2026.03.3", 64);
    let dead = double.draft(third);
    double.observe(dead);
    let second = double.running(SECOND);
    double.advance_to(second, Service::Governance);
    let (state, now) = (double.state(), double.state().last);
    assert!(control::blocked(&state, &state.changes[&dead], now).is_some());
    let judged = |state: &control::State| Readiness::target(state, &Double::ENGINE, now).unwrap().bundle;
    assert_eq!(judged(&state), Bundle::of(FIRST));
    assert!(Readiness::stands_by(&state, &Double::ENGINE, now).is_none());
    let said = text(&scene(&double, now));
    assert!(!said.contains("It assumes that change") && !said.contains("stand by"), "{said}");

    double.publish(Digest([4; 32]), "2026.03.4", 64);
    let alive = double.draft(Digest([4; 32]));
    double.observe(alive);
    double.approve(alive);
    let state = double.state();
    assert_eq!(judged(&state), Bundle::of(FIRST), "what would stand by is not what a rollback leads to now");
    let (serving, waits) = Readiness::stands_by(&state, &Double::ENGINE, now).unwrap();
    assert_eq!((serving.bundle, waits.package.change), (Bundle::of(SECOND), alive));
    let said = text(&scene(&double, now));
    assert!(said.contains("which serves now, can stand by for change"), "{said}");
    let leads = checks(&scene(&double, now), Some(&Double::ENGINE)).unwrap().leads;
    let stands = format!("can stand by for change {}; it is not judged here", alive.short());
    let [now, later] = &leads[..] else { panic!("{leads:?}") };
    assert!(now.before.contains("asked for now leads to") && later.after.contains(&stands), "{leads:?}");
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

/// What Engine Runtime says of the engine.
fn says(double: &Double, report: Report) {
    double.accept(double.receipt(Service::Engine, report));
}

#[tokio::test]
async fn a_release_whose_health_regressed_opens_with_stage_rollback_and_its_numbers() {
    let double = serving().await;
    let second = double.running(SECOND);
    double.advance_to(second, Service::Governance);
    let now = || double.state().last;
    assert!(!text(&scene(&double, now())).contains("Stage rollback"));
    let counted = Counted { requests: 200, errors: 20, p99_ms: 40, p99_before_ms: Some(20) };
    says(&double, Report::Regressed { engine: Double::ENGINE, generation: 2, counted });
    let seen = scene(&double, now());
    let first = of(&seen, Some(&Double::ENGINE)).list.remove(0);
    let numbers = "20 of 200 requests in a minute failed; 99 of 100 were answered within 40 ms (before: 20 ms)";
    assert!(first.title.starts_with("Stage rollback: release health regressed on"), "{first:?}");
    assert!(first.sentence.contains(numbers) && first.state == "blocked", "{first:?}");

    // The form suggests them; what was written stands instead.
    let kind = kinds::rollback().unwrap();
    assert_eq!(first.href, Some(link::ask(kind, &[("engine", &Double::ENGINE.to_string())])));
    let form = |given: &[(&str, &str)]| {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let fields = super::super::ask::of(&seen, kind, &given, "DIR").unwrap().fields;
        fields.into_iter().find(|field| field.name == "reason").unwrap().value
    };
    let engine = Double::ENGINE.to_string();
    assert!(form(&[("engine", &engine)]).contains(numbers));
    assert_eq!(form(&[("engine", &engine), ("reason", "my own")]), "my own");
    assert_eq!(form(&[]), "", "which engine is not said");
    // The engine's pages say it too.
    let page = super::super::engine::of(&seen, &Double::ENGINE).unwrap();
    assert_eq!(page.row.health.state, "regressed");
    assert!(page.health.iter().any(|line| line.text.contains(numbers)), "{:?}", page.health);

    // Another release serves: nothing was said of it.
    double.publish(Digest([3; 32]), "2026.03.3", 64);
    let third = double.running(Digest([3; 32]));
    double.advance_to(third, Service::Governance);
    assert!(!text(&scene(&double, now())).contains("regressed"));
}

#[tokio::test]
async fn a_process_that_is_restarted_or_down_is_said_with_its_times() {
    let double = serving().await;
    let at = double.state().last;
    let seen = |restarts: u32, down_since: Option<Instant>| {
        let mut scene = scene(&double, at);
        let snapshot = Arc::make_mut(&mut scene.snapshot);
        let engine = serde_json::json!({
            "engine": Double::ENGINE, "generation": 1, "restarts_in_last_minute": restarts, "down_since": down_since,
        });
        let data = crate::snapshot::EnginesSeen { engines: vec![serde_json::from_value(engine).unwrap()] };
        snapshot.engine = Some(Dated { at, data });
        scene
    };
    let first = |scene: &Scene| of(scene, Some(&Double::ENGINE)).list.remove(0);
    assert!(first(&seen(0, None)).title.starts_with("No certified bundle"));
    assert_eq!(first(&seen(3, None)).title, "Restarted 3 times in the last minute");
    let down = first(&seen(0, Some(at)));
    assert_eq!(down.title, format!("Down since {}", Moment::of(at).text));
    // A release that answers as another bundle, or that is refused at each start, is not started again.
    let said = |item: &Item| format!("{} {}", item.sentence, item.note);
    assert!(!said(&down).contains("died") && !said(&down).contains("again"), "{down:?}");
    let mut refused = seen(0, Some(at));
    let engines = Arc::make_mut(&mut refused.snapshot).engine.as_mut().unwrap();
    engines.data.engines[0].trouble = Some("a secret is missing".to_owned());
    assert!(said(&first(&refused)).ends_with("Engine Runtime says: a secret is missing."));
    let again = said(&first(&seen(2, Some(at))));
    assert!(again.contains("died or hung, and Engine Runtime started it again."), "{again}");
    assert_eq!(super::super::health::short(&seen(2, Some(at)), &Double::ENGINE).state, "down");
    says(&double, Report::Restarted { engine: Double::ENGINE, count: 0, failed: 4 });
    let lines = super::super::health::lines(&scene(&double, at), &Double::ENGINE);
    assert!(lines[0].text.ends_with("4 tries to start it again failed within a minute"), "{lines:?}");
}

/// Bundles of the same release are told apart, and an engine on which nothing serves is not said to have started nothing.
#[tokio::test]
async fn the_engine_page_says_what_differs_and_what_was_stopped() {
    let double = serving().await;
    let second = double.running(SECOND);
    double.advance_to(second, Service::Governance);
    let mut scene = scene(&double, double.state().last);
    let at = scene.now;
    Arc::make_mut(&mut scene.snapshot).engine =
        Some(Dated { at, data: crate::snapshot::EnginesSeen { engines: vec![] } });
    let engine = Arc::make_mut(&mut scene.state).engines.get_mut(&Double::ENGINE).unwrap();
    engine.stack[0].bundle = Bundle { theme: Some(FIRST), ..Bundle::of(SECOND) };
    engine.serving = None;
    let (top, below) = (engine.stack[1].bundle, engine.stack[0].bundle);
    let page = super::super::engine::of(&scene, &Double::ENGINE).unwrap();
    let names: Vec<_> = page.stack.iter().map(|row| row.name.as_str()).collect();
    assert!(names[0].contains(&top.digest().short()) && !names[0].contains("theme"), "{names:?}");
    assert!(names[1].contains(&below.digest().short()) && names[1].contains("theme"), "{names:?}");
    assert_eq!(page.fallback.as_deref(), Some(names[0]), "what an engine that serves nothing leads back to");
    assert!(page.no_sides.starts_with("Nothing runs here now") && !page.row.is_open);
    assert_eq!(page.row.sentence, "nothing is to serve, and what serves was not observed");
    // A draft that is open does not stand for an undrain.
    let draft = double.draft(FIRST);
    assert!(double.state().changes[&draft].run.is_none());
    let state = Arc::make_mut(&mut scene.state);
    let (serving, decided) = (state.engines[&Double::ENGINE].clone(), double.decided());
    *state = decided;
    state.engines.insert(Double::ENGINE, serving);
    let placed = view::EngineStage::all(&scene.state, &Double::ENGINE, at).unwrap().remove(2);
    assert!(placed.sentence.contains("waits for an undrain"), "{placed:?}");
}
