//! Damaged files of the runtime and of its front: told, and made again from the ledger and from what runs.

use super::{
    life::Watch,
    place::{Place, at, kill, pid, setup, until},
};
use engine::Runtime;
use model::Side;
use std::{fs, path::PathBuf};

fn kept(place: &Place, runtime: &Runtime, generation: u64) -> Watch {
    let wanted = vec![place.wanted(generation, place.old)];
    Watch(tokio::spawn(runtime.clone().keep(move || wanted.clone())))
}

fn front_file(place: &Place, name: &str) -> PathBuf {
    place.dir().join("front").join(name)
}

pub async fn damaged_tables_of_the_front_are_written_again() {
    let place = Place::new();
    let runtime = place.runtime();
    let watch = kept(&place, &runtime, 1);
    place.deploy(&runtime, 0, Side::Green, place.old).await;
    let engine = pid(&runtime.engines().await.unwrap(), Side::Green);

    // Each front begins with less than the one before: no last table, none at all, and another way for the same engine.
    let elsewhere = fs::read_to_string(front_file(&place, "applied.json")).unwrap();
    let elsewhere = elsewhere.replace(&format!("127.0.0.1:{}", place.side_ports[1]), "127.0.0.1:9");
    for (applied, routes) in [("{", None), ("", Some("[]")), (&elsewhere, Some(""))] {
        fs::write(front_file(&place, "applied.json"), applied).unwrap();
        if let Some(routes) = routes {
            fs::write(front_file(&place, "routes.json"), routes).unwrap();
        }
        kill(runtime.front().await.pid.unwrap());
        let served = || async { place.met().await.ok().filter(|release| release == "2026.02") };
        until("visitors are served again", served).await;
    }
    assert_eq!(pid(&runtime.engines().await.unwrap(), Side::Green), engine, "what served was never touched");
    let (ok, told) = runtime.files().standing();
    assert!(ok && told.contains("applied.json") && told.contains("routes.json"), "{told}");

    // Damaged while it runs, neither keeps a switch from its end; nor does the file that names the front's process.
    fs::write(front_file(&place, "routes.json"), "{").unwrap();
    fs::write(front_file(&place, "front.pid"), "{").unwrap();
    let before = runtime.front().await.pid;
    drop(watch);
    place.deploy(&runtime, 1, Side::Blue, place.new).await;
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
    assert_eq!(runtime.front().await.pid, before);
}

/// What the process of the green side was started with, as its record has it.
fn credential(record: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    record["sides"][1]["credential"].as_str().unwrap().to_owned()
}

pub async fn a_damaged_record_is_rebuilt_around_what_runs() {
    let place = Place::new();
    let record = place.dir().join("engines").join(place.site.engine.to_string()).join("record.json");
    let (engine, whole) = {
        let (runtime, _watch) = super::life::watched(&place, Place::timing());
        place.deploy(&runtime, 0, Side::Green, place.old).await;
        (pid(&runtime.engines().await.unwrap(), Side::Green), fs::read_to_string(&record).unwrap())
    };
    let other = whole.replace(&place.site.engine.to_string(), &model::EngineId([9; 16]).to_string());
    assert_ne!(whole, other);
    for damaged in ["", &whole[..whole.len() / 2], "{}", &other] {
        fs::write(&record, damaged).unwrap();
        let runtime = place.runtime();
        assert!(!runtime.files().standing().0, "until it is rebuilt");
        let early =
            runtime.start(place.site, at(Side::Blue, place.new), place.side_ports[0], setup()).await.unwrap_err();
        assert!(early.is_unknown() && early.to_string().contains("record.json"), "{early}");
        let _watch = kept(&place, &runtime, 1);
        let rebuilt = || async { runtime.check(place.site.engine, 1, Some(at(Side::Green, place.old))).await.ok() };
        until("it is rebuilt", rebuilt).await;
        assert_eq!(pid(&runtime.engines().await.unwrap(), Side::Green), engine, "it was found, and not started again");
        let (ok, told) = runtime.files().standing();
        assert!(ok && told.contains("record.json") && told.contains("rebuilt"), "{told}");
        let now = fs::read_to_string(&record).unwrap();
        assert_eq!(credential(&now), credential(&whole), "its process is known by what it was");
    }
    // What is rebuilt is good for the next deployment, and for its own user's files.
    let runtime = place.runtime();
    let _watch = kept(&place, &runtime, 1);
    until("the front answers", || async { place.met().await.ok() }).await;
    runtime.start(place.site, at(Side::Blue, place.new), place.side_ports[0], setup()).await.unwrap();
    runtime.switch(place.site, 1, 2, Some(at(Side::Blue, place.new))).await.unwrap();
    runtime.stop(place.site.engine, Side::Green).await.unwrap();
    assert_eq!(place.met().await.unwrap(), "2026.03.1");
}
