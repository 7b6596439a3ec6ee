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
