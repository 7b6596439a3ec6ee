//! Signing a browser in from the command line.

use crate::plane::{EXE, Plane, Ran, until};
use std::process::Command;

impl Plane {
    fn console(&self) -> String {
        format!("http://localhost:{}", self.base + 8)
    }

    /// Serving, the console too, and it has read the ledger.
    fn with_console() -> Self {
        let plane = Self::serving();
        until("the console to have read the ledger", || plane.by("ada", &["login"]).code == 0);
        plane
    }
}

/// A page of the console, by an address that [`get`] connects to.
fn opened(url: &str) -> (u16, String) {
    crate::shop::get_at(&url.replace("localhost", "127.0.0.1"), url.split('/').nth(2).unwrap()).unwrap()
}

fn said(ran: &Ran, code: &str) {
    let told = [format!("({code})"), format!("\"code\":\"{code}\"")];
    let told = told.iter().any(|told| ran.stderr.contains(told));
    assert!(ran.code == 5 && told && ran.stdout.is_empty(), "{ran:?}");
}

#[test]
fn a_key_gets_an_address_and_nothing_else_on_standard_output() {
    let plane = Plane::with_console();
    let key = plane.key("ada").display().to_string();
    let shown = plane.cli(&["login", "--key", &key]).ok();
    let url = shown.stdout.strip_suffix('\n').unwrap();
    let secret = url.strip_prefix(&format!("{}/sign-in/once/", plane.console())).unwrap();
    assert!(secret.len() == 64 && secret.bytes().all(|digit| digit.is_ascii_hexdigit()), "{shown:?}");
    assert!(shown.stderr.contains("works once") && !shown.stderr.contains(secret), "{shown:?}");
    until("the console to know ada's name", || opened(url).1.contains("Sign in as ada"));
    assert!(opened(url).1.contains("Governance Operator"));
    let json = plane.by("cy", &["login"]).ok().json();
    assert_eq!((&json["console"], json["person"].as_str().unwrap().len()), (&plane.console().into(), 32));

    // From another machine's checkout of trust.json: no data directory.
    let elsewhere = plane.home.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::copy(plane.dir().join("trust.json"), elsewhere.join("pinned.json")).unwrap();
    let mut command = Command::new(EXE);
    command.args(["login", "--console", &plane.console(), "--trust", "pinned.json", "--key", &key]);
    command.env_remove("COUNTERSIGN_DIR").env("XDG_DATA_HOME", elsewhere.join("none")).current_dir(&elsewhere);
    let ran = Ran::of(command.output().unwrap()).ok();
    assert_eq!(opened(ran.stdout.trim()).0, 200);
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 1, "nothing is written");
    // What was said is in no log.
    let logs = plane.logs();
    assert!(!logs.contains(secret) && !logs.contains(ran.stdout.trim().rsplit('/').next().unwrap()));
}

#[test]
fn nothing_is_signed_for_a_console_that_is_not_the_one_meant() {
    let plane = Plane::with_console();
    let other = Plane::founded();
    let trust = other.dir().join("trust.json").display().to_string();
    let refused = plane.by("ada", &["login", "--trust", &trust]);
    said(&refused, "login.other_ledger");
    let genesis = |plane: &Plane| {
        let trust = std::fs::read_to_string(plane.dir().join("trust.json")).unwrap();
        serde_json::from_str::<signed::Trust>(&trust).unwrap().genesis.to_string()
    };
    assert!(refused.stderr.contains(&genesis(&plane)) && refused.stderr.contains(&genesis(&other)), "{refused:?}");
    let by_number = plane.console().replace("localhost", "127.0.0.1");
    let refused = plane.by("ada", &["login", "--console", &by_number]);
    said(&refused, "login.other_console");
    // The way out works as it is printed.
    let line = refused.stderr.split('`').nth(1).unwrap();
    plane.by("ada", &["login", line.split(' ').next().unwrap(), line.split(' ').nth(1).unwrap()]).ok();

    let stranger = plane.home.path().join("stranger");
    plane.cli(&["key", "new", stranger.to_str().unwrap()]).ok();
    plane.cli(&["login", "--key", stranger.to_str().unwrap()]).refused("sign_in.key");
    // Another ledger's console, where nobody answers, and no trust at all.
    let mut wrong = plane.by("ada", &["login", "--console", &format!("http://localhost:{}", other.base + 8)]);
    assert_eq!(wrong.code, 6, "{wrong:?}");
    wrong = plane.by("ada", &["login", "--trust", "nowhere.json"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("`--trust FILE`"), "{wrong:?}");
}

#[test]
fn a_suspended_key_signs_in_nowhere() {
    let plane = Plane::with_console();
    plane.by("di", &["login"]).ok();
    plane.by("di", &["person", "suspend", "di"]).ok();
    until("the console to have read it", || plane.by("di", &["login"]).code != 0);
    said(&plane.by("di", &["login"]), "sign_in.key");
    plane.by("ada", &["login"]).ok();
}
