//! What becomes of log lines: they may be lost, and nothing else is.

use crate::plane::{Plane, get, signal, until};
use std::fs::File;
use std::process::Stdio;

#[test]
fn a_request_is_answered_when_its_log_line_cannot_be_written() {
    let plane = Plane::founded();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let mut governance = plane
        .command(&["serve", "--only", "governance", "--base-port", &plane.base.to_string()])
        .env("COUNTERSIGN_LOG", "debug")
        .stdout(full())
        .stderr(full())
        .spawn()
        .unwrap();
    let url = plane.url("governance");
    until("Governance to be ready", || get(&format!("{url}/readyz")).is_some_and(|(status, _)| status == 200));
    assert_eq!(get(&format!("{url}/nothing-here")).map(|(status, _)| status), Some(404));
    signal(governance.id(), "TERM");
    assert!(governance.wait().unwrap().success());
}

#[test]
fn an_error_that_cannot_be_told_keeps_its_exit_code() {
    let plane = Plane::empty();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = plane.command(&["serve"]).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(78));
}

#[test]
fn a_full_log_is_set_aside_while_its_service_runs() {
    let plane = Plane::serving();
    let log = plane.dir().join("logs/governance.log");
    // Its own lines up to here, and then as if it had written ever more.
    File::options().write(true).open(&log).unwrap().set_len(8 << 20).unwrap();
    let asked = format!("{}/nothing-here", plane.url("governance"));
    assert_eq!(get(&asked).map(|(status, _)| status), Some(404));
    let text = || std::fs::read_to_string(&log).unwrap_or_default();
    until("a new log with the newest line", || text().contains("404"));
    assert!(text().len() < 64 << 10);
    assert_eq!(std::fs::metadata(log.with_extension("log.1")).unwrap().len(), 8 << 20);
}
