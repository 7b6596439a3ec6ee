//! A release is recalled while a change that binds it is carried out.

use crate::plane::{Plane, signal, until};

#[test]
fn what_is_recalled_after_the_run_is_put_in_place_by_nobody() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.approved_deployment(engine, &artifact);
    let node = plane.pid("node").unwrap();
    signal(node, "STOP");
    plane.by("ben", &["change", "run", &change, "--no-wait"]).ok();
    plane.by("di", &["artifact", "recall", "2026.02", "--reason", "a hole in its checkout"]).ok();
    signal(node, "CONT");

    let show = || plane.cli(&["change", "show", &change, "--json"]).ok().json();
    until("the change to have ended", || show()["status"] != "executing");
    let shown = show();
    assert!(shown["status"].as_str().unwrap().starts_with("failed"), "{shown}");
    let place = shown["steps"].as_array().unwrap().iter().find(|step| step["action"] == "place").unwrap();
    assert_eq!(place["trouble"], "bundle.recalled", "{shown}");
    let inventory = plane.cli(&["engine", "show", engine, "--json"]).ok().json();
    assert!(inventory["serving"].is_null(), "{inventory}");
    plane.verified();
}

#[test]
fn a_second_recall_is_told_of_the_first_and_publishing_again_lifts_none() {
    let plane = Plane::serving();
    let artifact = plane.publish("2026.02");
    let entry = plane.by("di", &["artifact", "recall", &artifact]).ok().json()["entry"].as_u64().unwrap();
    let again = plane.by("di", &["artifact", "recall", &artifact]).refused("recall.already").stderr;
    assert!(again.contains(&format!("since entry {entry}; nothing has changed")), "{again}");
    let package = plane.home.path().join("again.tar").display().to_string();
    plane.cli(&["artifact", "pack", "2026.02", "-o", &package]).ok();
    let key = plane.key("ben").display().to_string();
    let published = plane.cli(&["publish", &package, "--name", "The shop again", "--key", &key]).ok().stdout;
    assert!(published.contains(&format!("recalled  since entry {entry}, and it stays so")), "{published}");
    let again = plane.by("ben", &["publish", &package, "--name", "The shop again"]).ok().json();
    assert_eq!((&again["entry"], &again["recalled"]), (&serde_json::Value::Null, &entry.into()), "{again}");
}
