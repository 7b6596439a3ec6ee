//! A command acts on the ledger of its directory, or says why it cannot.

use crate::manners::refuses;
use crate::plane::{Plane, Ran, until};
use std::fs;

/// Every command that needs services, with a key where it needs one.
fn commands(plane: &Plane) -> Vec<Vec<String>> {
    let key = plane.key("ada").display().to_string();
    let id = "00".repeat(16);
    let tar = plane.home.path().join("x.tar").display().to_string();
    let lines = [
        "status".to_owned(),
        "audit ls".to_owned(),
        "audit show 0".to_owned(),
        "change ls".to_owned(),
        format!("change show {id}"),
        format!("change seal {id} --key {key}"),
        format!("change run {id} --key {key}"),
        "engine ls".to_owned(),
        format!("engine new E --tenant {id} --port 8101 --key {key}"),
        format!("tenant new T --key {key}"),
        format!("token new --scope read --key {key}"),
        format!("publish {tar} --name X --key {key}"),
        "demo stop governance".to_owned(),
        "demo start governance".to_owned(),
        "serve".to_owned(),
        "serve --only node".to_owned(),
    ];
    lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

fn run(plane: &Plane, args: &[String]) -> Ran {
    plane.cli(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_directory_without_a_ledger_reaches_nobody_elses_services() {
    let plane = Plane::with_keys();
    for args in commands(&plane) {
        let refused = refuses(run(&plane, &args), 78, &["has no ledger", "--dir", "countersign demo"]);
        assert!(refused.stderr.contains(plane.dir().to_str().unwrap()), "{args:?}: {refused:?}");
        assert!(!plane.dir().exists(), "{args:?} wrote something");
    }
}

#[test]
fn a_ledger_that_was_never_served_has_no_ports_to_guess() {
    let plane = Plane::founded();
    let needs_services = commands(&plane).into_iter().filter(|args| args[0] != "demo" && args[0] != "serve");
    for args in needs_services {
        refuses(run(&plane, &args), 6, &["no service was ever started for", "countersign serve --dir"]);
    }
}

#[test]
fn services_of_another_ledger_on_these_ports_are_named_and_not_used() {
    let (mut plane, other) = (Plane::serving(), Plane::founded());
    fs::copy(plane.dir().join("serve.json"), other.dir().join("serve.json")).unwrap();
    for args in commands(&other).iter().filter(|args| args[0] != "demo" && args[0] != "serve") {
        let refused = run(&other, args);
        refuses(refused, 5, &["(ledger.other)", "countersign serve --dir"]);
    }
    // One that is silent there is silent, and no other ledger.
    plane.stop();
    assert_eq!(other.cli(&["status"]).code, 6);
}

#[test]
fn one_service_alone_tells_the_command_line_its_ports() {
    let plane = Plane::founded();
    let base = plane.base.to_string();
    let mut alone = plane.command(&["serve", "--only", "governance", "--base-port", &base]).spawn().unwrap();
    until("Governance alone to answer", || crate::plane::get(&format!("{}/readyz", plane.url("governance"))).is_some());
    let told = plane.cli(&["status", "--json"]);
    crate::plane::signal(alone.id(), "TERM");
    alone.wait().unwrap();
    let live = |row: &serde_json::Value| row["health"] == "live" && row["service"] == "governance";
    assert!(told.code == 6 && told.json().as_array().unwrap().iter().any(live), "{told:?}");
}

#[test]
fn a_real_ledgers_service_is_not_stopped_as_a_demonstrations() {
    let plane = Plane::serving();
    // A folder of a demonstration does not make it one.
    fs::create_dir(plane.dir().join("personas")).unwrap();
    for args in [&["demo", "stop", "governance"][..], &["demo", "start", "governance"], &["demo", "--fresh"]] {
        refuses(plane.cli(args), 78, &["a ledger of real people, not a demonstration"]);
    }
    plane.cli(&["status"]).ok();
}

#[test]
fn a_service_that_is_not_ready_ends_status_with_a_code_of_its_own() {
    let mut plane = Plane::serving();
    plane.stop();
    let replica = plane.dir().join("platform/replica");
    assert!(replica.join("head.json").exists());
    // What a service writes down that saw two histories.
    fs::write(replica.join("stopped.json"), "{}").unwrap();
    let base = plane.base.to_string();
    let mut serve = plane.command(&["serve", "--base-port", &base]).spawn().unwrap();
    let mut told = plane.cli(&["status", "--json"]);
    until("Platform Services to be the only one that is not ready", || {
        told = plane.cli(&["status", "--json"]);
        let rows = told.json();
        let count = |health: &str| rows.as_array().unwrap().iter().filter(|row| row["health"] == health).count();
        (count("not ready"), count("offline")) == (1, 0)
    });
    crate::plane::signal(serve.id(), "TERM");
    serve.wait().unwrap();
    refuses(told, 8, &["1 of the 5 services are not ready"]);
}
