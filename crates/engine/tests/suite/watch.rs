//! What comes back, what is adopted, and what is only named.

use super::{
    life::Watch,
    place::{Place, at, below, kill, pid, send, until},
};
use engine::Wanted;
use model::Side;
use std::{
    fs,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

pub async fn what_is_killed_comes_back_and_only_what_is_wanted() {
    let place = Place::new();
    let wanted: Arc<Mutex<Vec<Wanted>>> = Arc::default();
    let runtime = place.runtime();
    let asked = Arc::clone(&wanted);
    let _watch = Watch(tokio::spawn(runtime.clone().keep(move || asked.lock().unwrap().clone())));
    place.deploy(&runtime, 0, Side::Green, place.old).await;
    wanted.lock().unwrap().push(place.wanted(1, place.old));

    let front = runtime.front().await;
    kill(front.pid.unwrap());
    let served = || async { place.met().await.ok() };
    let (release, took) = until("the front is back", served).await;
    assert!(release == "2026.02" && took < Duration::from_secs(2), "{took:?}");
    let again = runtime.front().await;
    assert_eq!((again.generation, &again.routes, again.restarts), (front.generation, &front.routes, 1));
    assert_ne!(again.pid, front.pid);

    let process = pid(&runtime.engines().await.unwrap(), model::Side::Green).unwrap();
    kill(process);
    let (release, _) = until("the engine is back", served).await;
    assert_eq!(release, "2026.02");
    let view = runtime.engines().await.unwrap();
    assert_ne!(pid(&view, model::Side::Green), Some(process));
    assert_eq!(
        (view.engines[0].generation, view.engines[0].serving_side),
        (1, Some(model::Side::Green)),
        "the generation stays"
    );
    let counted = || async { (runtime.counters().engine_restarts.get() == 1).then_some(()) };
    until("it is counted", counted).await;
    let seen = engine::Seen { generation: 1, serving: Some(at(Side::Green, place.old)) };
    let refused = runtime.soak(place.site.engine, seen, 50).await.unwrap_err().to_string();
    assert!(refused.contains("ended before its soak"), "what died after its switch is not certified: {refused}");

    // The ledger says something else: nothing is restarted, and it is said why.
    *wanted.lock().unwrap() = vec![place.wanted(2, place.new)];
    let named = || async { runtime.troubles().first().filter(|why| why.contains("nothing is restarted")).cloned() };
    until("the difference is named", named).await;
    kill(pid(&runtime.engines().await.unwrap(), model::Side::Green).unwrap());
    let ended = || async { pid(&runtime.engines().await.unwrap(), model::Side::Green).is_none().then_some(()) };
    until("it has ended", ended).await;
    // It is down, and still what is recorded and routed: only so can it be replaced.
    assert_eq!(runtime.observe(place.site.engine).await.unwrap().generation, 1);
    let shown = runtime.engine(&place.site.engine).await.unwrap();
    assert!(shown.trouble.is_some() && shown.unobserved.is_none(), "{shown:?}");
    assert!(below(&place.store()).is_empty());

    // An accepted intent leads there too.
    let ahead = Some((1, Some(at(Side::Green, place.old))));
    *wanted.lock().unwrap() = vec![Wanted { ahead, ..place.wanted(0, place.new) }];
    until("the engine is back", served).await;

    // What is not as signed is not started again: the tries that fail are counted, and it is shown since when.
    drop(runtime.take_restarts(|_| true));
    fs::write(place.store().join(place.old.to_string()).join("stray"), "x").unwrap();
    // It answers before it is written down which process it is.
    let again = || async { pid(&runtime.engines().await.unwrap(), model::Side::Green) };
    kill(until("its process is known", again).await.0);
    let failed = || async { runtime.take_restarts(|_| true).values().any(|known| known.failed > 0).then_some(()) };
    until("a try that failed is counted", failed).await;
    assert!(runtime.engines().await.unwrap().engines[0].down_since.is_some());
}

/// A process that is there and answers nobody is ended, so that it is started again like one that died.
pub async fn what_hangs_is_ended_and_started_again() {
    let place = Place::new();
    let short = Duration::from_millis(200);
    let timing =
        engine::Timing { probe_timeout: short, health_every: short, terminate_within: short, ..Place::timing() };
    let (runtime, wanted) = (place.runtime_with(timing), Arc::new(Mutex::new(vec![])));
    let asked = Arc::clone(&wanted);
    let _watch = Watch(tokio::spawn(runtime.clone().keep(move || asked.lock().unwrap().clone())));
    place.deploy(&runtime, 0, Side::Green, place.old).await;
    wanted.lock().unwrap().push(place.wanted(1, place.old));
    let hung = pid(&runtime.engines().await.unwrap(), Side::Green).unwrap();
    send(hung, rustix::process::Signal::STOP);
    let another = || async { pid(&runtime.engines().await.unwrap(), Side::Green).filter(|now| *now != hung) };
    until("another process serves", another).await;
    until("the shop is back", || async { place.met().await.ok() }).await;
    let counted = || async { (runtime.counters().engine_restarts.get() == 1).then_some(()) };
    until("it is counted", counted).await;
}

pub async fn what_ends_again_and_again_is_said_until_it_lasts() {
    let place = Place::new();
    let dying = place.publish_dying();
    // Long enough that none of its lives lasts, short enough to see that one that lasts is forgiven.
    let timing = engine::Timing { healthy_after: Duration::from_secs(4), ..Place::timing() };
    let runtime = place.runtime_with(timing);
    let wanted: Arc<Mutex<Vec<Wanted>>> = Arc::default();
    let asked = Arc::clone(&wanted);
    let _watch = Watch(tokio::spawn(runtime.clone().keep(move || asked.lock().unwrap().clone())));
    place.deploy(&runtime, 0, Side::Green, dying).await;
    wanted.lock().unwrap().push(place.wanted(1, dying));
    let again = || async { runtime.troubles().into_iter().find(|why| why.contains("it ends again and again")) };
    until("it is said", again).await;
    let view = runtime.engines().await.unwrap().engines.remove(0);
    assert!(view.restarts >= 3 && view.trouble.is_some(), "{view:?}");
    place.deploy(&runtime, 1, Side::Blue, place.old).await;
    *wanted.lock().unwrap() = vec![place.wanted(2, place.old)];
    let quiet = || async { runtime.troubles().is_empty().then_some(()) };
    until("what lasts is no trouble", quiet).await;
}

pub async fn the_next_service_adopts_what_runs() {
    let place = Place::new();
    let (front, engine) = {
        let (runtime, _watch) = super::life::watched(&place, Place::timing());
        place.deploy(&runtime, 0, Side::Green, place.old).await;
        (runtime.front().await.pid, pid(&runtime.engines().await.unwrap(), model::Side::Green))
    };
    assert_eq!(place.met().await.unwrap(), "2026.02", "the shop sells without the service");
    let next = place.runtime();
    let wanted = vec![place.wanted(1, place.old)];
    let watch = Watch(tokio::spawn(next.clone().keep(move || wanted.clone())));
    next.check(place.site.engine, 1, Some(at(Side::Green, place.old))).await.unwrap();
    assert_eq!((next.front().await.pid, pid(&next.engines().await.unwrap(), model::Side::Green)), (front, engine));
    place.deploy(&next, 1, Side::Blue, place.new).await;
    next.stop(place.site.engine, Side::Green).await.unwrap();
    assert_eq!(next.counters().front_restarts.get() + next.counters().engine_restarts.get(), 0);

    // The orderly end, and the start after it: exactly what served, also where the records are lost.
    drop(watch);
    let stopped = engine::stop_all(&place.dir()).unwrap();
    assert_eq!((stopped.front, stopped.engines), (true, 1));
    assert_eq!(engine::stop_all(&place.dir()).unwrap(), engine::Stopped { front: false, engines: 0 });
    fs::remove_dir_all(place.dir()).unwrap();
    let again = place.runtime();
    let wanted = vec![place.wanted(2, place.new)];
    let _watch = Watch(tokio::spawn(again.clone().keep(move || wanted.clone())));
    until("what serves is back", || async {
        again.check(place.site.engine, 2, Some(at(Side::Blue, place.new))).await.ok()
    })
    .await;
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
}

pub async fn what_a_crash_left_unrecorded_is_found_and_the_rest_is_named() {
    let place = Place::new();
    let process = {
        let (runtime, _watch) = super::life::watched(&place, Place::timing());
        place.deploy(&runtime, 0, Side::Green, place.old).await;
        pid(&runtime.engines().await.unwrap(), model::Side::Green)
    };
    // As a crash between the start and the second write leaves it.
    place.edit_record(|record| drop(record["sides"][1].as_object_mut().unwrap().remove("process")));
    let release = place.store().join(place.new.to_string());
    let listen = format!("127.0.0.1:{}", place.side_ports[0]);
    let mut stranger = Command::new(release.join("bin/storefront"))
        .args(["storefront".as_ref(), release.as_os_str(), place.path("").as_os_str(), listen.as_ref()])
        .spawn()
        .unwrap();
    let next = place.runtime();
    let view = next.engines().await.unwrap();
    assert_eq!(pid(&view, model::Side::Green), process);
    let named: Vec<_> = view.orphans.iter().map(|orphan| (orphan.pid, orphan.artifact)).collect();
    assert_eq!(named, [(stranger.id(), Some(place.new))]);
    assert!(stranger.try_wait().unwrap().is_none(), "it is named, not ended");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}
