//! One engine through its life, without a ledger.

use super::place::{Place, Visitor, at, below, kill, pid, send, setup, token, until};
use engine::{EngineError, Runtime, Setup, Timing};
use model::Side;
use rustix::process::Signal;
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

/// How long after its start a late release listens.
pub const LATE: Duration = Duration::from_millis(430);

/// How long after its start a dying release exits.
pub const LIFE: Duration = Duration::from_millis(700);

/// A runtime whose front runs; the watch ends with the guard.
pub fn watched(place: &Place, timing: Timing) -> (Runtime, Watch) {
    let runtime = place.runtime_with(timing);
    let watch = Watch(tokio::spawn(runtime.clone().keep(Vec::new)));
    (runtime, watch)
}

/// Ends the watch; what it watched runs on.
pub struct Watch(pub tokio::task::JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub async fn a_release_is_started_switched_drained_and_stopped() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    let engine = place.site.engine;
    assert_eq!(runtime.check(engine, 0, None).await.unwrap().serving, None);
    place.deploy(&runtime, 0, Side::Green, place.old).await;
    assert_eq!(place.met().await.unwrap(), "2026.02");
    place.deploy(&runtime, 1, Side::Blue, place.new).await;
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
    runtime.check(engine, 2, Some(at(Side::Blue, place.new))).await.unwrap();
    for (generation, serving) in [
        (1, Some(at(Side::Green, place.old))),
        (2, Some(at(Side::Green, place.old))),
        (2, Some(at(Side::Green, place.new))),
        (2, None),
    ] {
        let drifted = runtime.check(engine, generation, serving).await.unwrap_err();
        assert_eq!(drifted.code(), token("base.drifted"));
    }
    let view = runtime.engines().await.unwrap();
    let shown = &view.engines[0];
    assert_eq!((shown.generation, shown.serving, shown.serving_side), (2, Some(place.new), Some(model::Side::Blue)));
    assert_eq!((shown.release.as_deref(), &shown.trouble, shown.sides.len()), (Some("2026.03.1"), &None, 2));
    assert!(view.orphans.is_empty());
    if let Some(users) = engine::RunAs::if_root() {
        let enforced = shown.sides[0].enforced.as_ref().unwrap();
        assert_eq!((enforced.uid, enforced.gid, enforced.no_new_privs), (users.base + 1, users.base + 1, true));
    }
    assert!(!shown.sides[0].not_enforced.is_empty(), "each machine lets something through, and it is named");
    // Twice, because a step may be asked for again.
    for _ in 0..2 {
        runtime.stop(engine, Side::Green).await.unwrap();
    }
    assert_eq!(below(&place.store()).len(), 1);
    // The undo of a first deployment takes the route away.
    runtime.switch(place.site, 2, 3, None).await.unwrap();
    assert!(place.met().await.is_err());
    runtime.stop(engine, Side::Blue).await.unwrap();
    runtime.check(engine, 3, None).await.unwrap();
    assert!(below(&place.store()).is_empty());
}

pub async fn a_start_is_over_as_soon_as_the_release_listens_and_is_healthy() {
    let place = Place::new();
    let probe_every = Duration::from_secs(5);
    let (runtime, _watch) = watched(&place, Timing { probe_every, probe_successes: 1, ..Place::timing() });
    let began = std::time::Instant::now();
    runtime
        .start(place.site, Place::serving(Side::Green, place.publish_late()), place.side_ports[1], setup())
        .await
        .unwrap();
    assert!(began.elapsed() < probe_every, "it waited for a second probe");
}

pub async fn a_release_that_does_not_work_is_refused_and_gone() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    let broken = place.publish_broken();
    let soon = Setup { start_within_ms: 1_500, ..setup() };
    let refused =
        runtime.start(place.site, Place::serving(Side::Green, broken), place.side_ports[1], soon).await.unwrap_err();
    assert!(matches!(&refused, EngineError::Probe(why) if why.contains("503") && why.contains("1500 ms")), "{refused}");
    assert_eq!((refused.code(), refused.is_unknown()), (token("probe.failed"), false));
    assert!(below(&place.store()).is_empty(), "it was stopped again");
    let refused = runtime.switch(place.site, 0, 1, Some(Place::serving(Side::Green, broken))).await.unwrap_err();
    assert_eq!(refused.code(), token("side.not_ready"));
    // Somebody else who answers on the port is not the release.
    let stranger = std::net::TcpListener::bind(("127.0.0.1", place.side_ports[1])).unwrap();
    let refused = runtime
        .start(place.site, Place::serving(Side::Green, place.old), place.side_ports[1], setup())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), token("port.taken"));
    drop(stranger);
    place.deploy(&runtime, 0, Side::Green, place.old).await;
}

pub async fn a_changed_byte_is_never_started() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    let file = place.store().join(place.old.to_string()).join("style.css");
    let mut bytes = fs::read(&file).unwrap();
    bytes[0] ^= 1;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&file, bytes).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let refused = runtime
        .start(place.site, Place::serving(Side::Green, place.old), place.side_ports[1], setup())
        .await
        .unwrap_err();
    assert_eq!((refused.code(), refused.is_unknown()), (token("bundle.changed"), false));
    assert!(refused.to_string().contains("style.css"), "{refused}");
    let unknown = model::Digest([3; 32]);
    let refused = runtime
        .start(place.site, Place::serving(Side::Green, unknown), place.side_ports[1], setup())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), token("bundle.missing"));
    assert!(below(&place.store()).is_empty());
}

pub async fn what_serves_is_neither_stopped_nor_replaced() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    place.deploy(&runtime, 0, Side::Green, place.old).await;
    let refused = runtime.stop(place.site.engine, Side::Green).await.unwrap_err();
    assert_eq!(refused.code(), token("side.serving"));
    let refused = runtime
        .start(place.site, Place::serving(Side::Green, place.new), place.side_ports[1], setup())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), token("side.serving"));
    assert_eq!(place.met().await.unwrap(), "2026.02");
}

pub async fn a_switch_compares_and_sets_and_is_safe_to_repeat() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    place.deploy(&runtime, 0, Side::Green, place.old).await;
    let (old, new) = (Place::serving(Side::Green, place.old), Place::serving(Side::Blue, place.new));
    runtime.start(place.site, new, place.side_ports[0], setup()).await.unwrap();
    let process = pid(&runtime.engines().await.unwrap(), model::Side::Blue);
    runtime.start(place.site, new, place.side_ports[0], setup()).await.unwrap();
    assert_eq!(pid(&runtime.engines().await.unwrap(), model::Side::Blue), process, "it is not started twice");
    let drifted = runtime.switch(place.site, 0, 2, Some(new)).await.unwrap_err();
    assert_eq!((drifted.code(), drifted.is_unknown()), (token("base.drifted"), false));
    assert_eq!(place.met().await.unwrap(), "2026.02");
    for _ in 0..2 {
        runtime.switch(place.site, 1, 2, Some(new)).await.unwrap();
    }
    // The same generation with another outcome is not a repetition.
    let drifted = runtime.switch(place.site, 1, 2, Some(old)).await.unwrap_err();
    assert_eq!(drifted.code(), token("base.drifted"));
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
    // A front that cannot take the address refuses, and the old route holds.
    let other = engine::Site { engine: model::EngineId([22; 16]), port: 0, ..place.site };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let other = engine::Site { port: taken.local_addr().unwrap().port(), ..other };
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    runtime.start(other, old, free, setup()).await.unwrap();
    let refused = runtime.switch(other, 0, 1, Some(old)).await.unwrap_err();
    assert_eq!((refused.code(), refused.is_unknown()), (token("front.refused"), false), "{refused}");
    runtime.check(other.engine, 0, None).await.unwrap();
    runtime.check(place.site.engine, 2, Some(at(Side::Blue, place.new))).await.unwrap();
    drop(taken);
    runtime.switch(other, 0, 1, Some(old)).await.unwrap();
}

pub async fn a_switch_that_was_interrupted_is_brought_to_its_end() {
    let place = Place::new();
    let (old, new) = (Place::serving(Side::Green, place.old), Place::serving(Side::Blue, place.new));
    let engine = place.site.engine;
    {
        let (runtime, _watch) = watched(&place, Place::timing());
        place.deploy(&runtime, 0, Side::Green, place.old).await;
        place.deploy(&runtime, 1, Side::Blue, place.new).await;
    }
    // Dead after the front had the route, before it was recorded.
    place.edit_record(|record| {
        record["pending"] = json!({"generation": 2, "serving": record["serving"]});
        record["generation"] = 1.into();
        record["serving"] = serde_json::to_value(old).unwrap();
    });
    let timing = Timing {
        front_within: Duration::from_millis(300),
        probe_within: Duration::from_millis(500),
        ..Place::timing()
    };
    let runtime = place.runtime_with(timing);
    assert_eq!(runtime.observe(engine).await.unwrap_err().code(), token("base.drifted"));
    let shown = runtime.engine(&engine).await.unwrap();
    assert!(shown.unobserved.as_ref().is_some_and(|why| why.contains("recorded is side")), "{shown:?}");
    for side in [Side::Blue, Side::Green] {
        assert_eq!(runtime.stop(engine, side).await.unwrap_err().code(), token("side.serving"));
    }
    runtime.switch(place.site, 1, 2, Some(new)).await.unwrap();
    runtime.check(engine, 2, Some(at(Side::Blue, place.new))).await.unwrap();

    // What is done and cannot be confirmed is not refused: something did change.
    let process = pid(&runtime.engines().await.unwrap(), model::Side::Blue).unwrap();
    send(process, Signal::STOP);
    let unknown = runtime.switch(place.site, 1, 2, Some(new)).await.unwrap_err();
    assert_eq!((unknown.code(), unknown.is_unknown()), (token("probe.failed"), true));
    kill(process);
    until("it has ended", || async { below(&place.store()).iter().all(|pid| *pid != process).then_some(()) }).await;
    let patient = place.runtime();
    patient.switch(place.site, 1, 2, Some(new)).await.unwrap();
    assert_eq!(place.met().await.unwrap(), "2026.03.1", "it was started again under the same intent");

    // Without a front nobody knows; with the next one the same step is done.
    kill(patient.front().await.pid.unwrap());
    until("the front has ended", || async { place.met().await.err() }).await;
    let runtime = place.runtime_with(timing);
    let unknown = runtime.switch(place.site, 2, 3, Some(old)).await.unwrap_err();
    assert_eq!((unknown.code(), unknown.is_unknown()), (token("front.silent"), true));
    let (runtime, _watch) = watched(&place, Place::timing());
    runtime.switch(place.site, 2, 3, Some(old)).await.unwrap();
    assert_eq!(place.met().await.unwrap(), "2026.02");
}

pub async fn a_switch_that_is_refused_leaves_nothing_of_an_interrupted_one() {
    let place = Place::new();
    let (old, new) = (Place::serving(Side::Green, place.old), Place::serving(Side::Blue, place.new));
    let engine = place.site.engine;
    let recalled = || EngineError::InTheWay { code: "bundle.recalled", found: "it was recalled".to_owned() };
    {
        let (runtime, _watch) = watched(&place, Place::timing());
        place.deploy(&runtime, 0, Side::Green, place.old).await;
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        runtime.start(place.site, new, free, setup()).await.unwrap();
        let refused = runtime.switched_already(place.site, (2, Some(new)), recalled()).await.unwrap_err();
        assert_eq!(refused.code(), token("bundle.recalled"));
    }
    // Dead before the front had the route.
    place.edit_record(|record| record["pending"] = json!({"generation": 2, "serving": new}));
    let (runtime, _watch) = watched(&place, Place::timing());
    let refused = runtime.switched_already(place.site, (2, Some(new)), recalled()).await.unwrap_err();
    assert_eq!((refused.code(), refused.is_unknown()), (token("bundle.recalled"), false), "{refused}");
    runtime.check(engine, 1, Some(old)).await.unwrap();
    runtime.stop(engine, Side::Blue).await.unwrap();
    // What is recorded as done is done.
    runtime.switched_already(place.site, (1, Some(old)), recalled()).await.unwrap();
}

pub async fn ten_switches_lose_no_request() {
    let place = Place::new();
    let (runtime, _watch) = watched(&place, Place::timing());
    place.deploy(&runtime, 0, Side::Green, place.old).await;
    let visitor = Visitor::begin(place.front());
    for generation in 1..=10 {
        let (side, artifact) = if generation % 2 == 1 { (Side::Blue, place.new) } else { (Side::Green, place.old) };
        place.deploy(&runtime, generation, side, artifact).await;
        // The last one ends as a deployment does: the old side is drained and stopped.
        if generation >= 9 {
            runtime.stop(place.site.engine, side.other()).await.unwrap();
        }
        let before = visitor.asked();
        until("a visitor was here", || async { (visitor.asked() > before + 10).then_some(()) }).await;
    }
    let (asked, failures) = visitor.end().await;
    assert!(failures.is_empty(), "{} of {asked} requests failed: {:?}", failures.len(), failures.first());
}
