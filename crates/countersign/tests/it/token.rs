//! Credentials for programs.

use crate::plane::{Plane, Ran, until};
use crate::wire;
use serde_json::{Value, json};

fn event(id: &str) -> Value {
    json!([{"id": id, "source": "ci.build", "kind": "pipeline.finished", "category": "reported", "severity": "low",
        "title": "build finished"}])
}

impl Plane {
    /// What a command prints that reads with this token.
    fn reading(&self, token: &str, args: &[&str]) -> String {
        Ran::of(self.command(args).env("COUNTERSIGN_TOKEN", token).output().unwrap()).ok().stdout
    }
}

#[test]
fn somebody_outside_a_demonstration_makes_tokens_that_read_and_send() {
    let plane = Plane::serving();
    let read = plane.by("di", &["token", "new", "--scope", "read"]).ok().json();
    assert_eq!((&read["scope"], read["token"].as_str().unwrap().starts_with("cs_")), (&json!("read"), true));
    let token = read["token"].as_str().unwrap();
    let rows = plane.reading(token, &["audit", "ls", "--all"]);
    assert!(rows.contains("Credential issued to di"), "{rows}");
    let issued = plane.reading(token, &["audit", "show", &read["entry"].to_string(), "--json"]);
    assert!(issued.contains("login") && !issued.contains(token), "only its hash is recorded");

    let send = plane.by("ben", &["token", "new", "--scope", "ingest", "--days", "90"]).ok().json();
    let url = format!("{}/v1/events", plane.url("governance"));
    let (status, answer) = wire::post(&url, send["token"].as_str(), &event("1"));
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = wire::post(&url, read["token"].as_str(), &event("2"));
    assert_eq!((status, &answer["error"]["code"]), (403, &json!("scope.forbidden")));
    let days = |token: &Value| (token["expires"].as_str().unwrap()[..10].to_owned(), token["entry"].as_u64());
    assert!(days(&send) > days(&read), "90 days are more than 30");

    let shown = plane.cli(&["token", "new", "--scope", "read", "--key", plane.key("di").to_str().unwrap()]).ok();
    assert!(shown.stdout.contains("token  cs_") && shown.stdout.contains("shown this once"), "{shown:?}");
    plane.verified();
}

#[test]
fn limits_are_said_before_anybody_is_asked() {
    let plane = Plane::empty();
    let key = plane.key("ada").display().to_string();
    plane.cli(&["key", "new", &key]).ok();
    let new = |more: &[&str]| plane.cli(&[&["token", "new"], more, &["--key", &key]].concat());
    for (more, said) in [
        (&["--scope", "person"][..], "invalid value 'person'"),
        (&["--scope", "read", "--days", "0"], "invalid value '0'"),
        (&["--scope", "ingest", "--days", "401"], "invalid value '401'"),
        (&[], "--scope"),
    ] {
        let ran = new(more);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
    let nobody = plane.cli(&["token", "new", "--scope", "read"]);
    assert!(nobody.code == 2 && nobody.stderr.contains("--key"), "{nobody:?}");
    assert!(!plane.dir().exists(), "nothing was written");
}

#[test]
fn a_key_of_nobody_on_the_roster_makes_none_and_the_console_signs_in_by_itself() {
    let plane = Plane::serving();
    let stranger = plane.key("stranger").display().to_string();
    plane.cli(&["key", "new", &stranger]).ok();
    let refused = plane.cli(&["token", "new", "--scope", "read", "--key", &stranger]);
    assert!(refused.code != 0 && refused.stderr.contains("not on the ledger's roster"), "{refused:?}");

    let key = plane.dir().join("keys/console.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let read = plane.by("di", &["token", "new", "--scope", "read"]).ok().json();
    let token = read["token"].as_str().unwrap().to_owned();
    until("the console to sign in", || {
        plane.reading(&token, &["audit", "ls", "--all"]).contains("Credential issued to the console")
    });
}
