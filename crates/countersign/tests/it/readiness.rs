//! Rollback readiness: each cause is said before anybody signs, and the run is refused for the same.

use crate::plane::{Plane, signal, until};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

impl Plane {
    /// What `engine readiness` says; its exit code agrees.
    fn readiness(&self, more: &[&str]) -> Value {
        let ran = self.cli(&[&["engine", "readiness", "alpha", "--json"], more].concat());
        let said = ran.json();
        assert_eq!(ran.code, if said["state"] == "ok" { 0 } else { 5 }, "{ran:?}");
        if ran.code == 5 {
            assert!(ran.stderr.contains("rollback.not_ready"), "{ran:?}");
        }
        said
    }

    /// One check of it.
    fn check(&self, what: &str) -> Value {
        let said = self.readiness(&[]);
        let found = said["checks"].as_array().unwrap().iter().find(|check| check["what"] == what).cloned();
        found.unwrap_or_else(|| panic!("{what}: {said}"))
    }

    /// Waits until a check stands so.
    fn until_check(&self, what: &str, state: &str) -> Value {
        let mut last = Value::Null;
        until(&format!("{what} to be {state}"), || {
            let check = self.check(what);
            if check != last {
                eprintln!("{check}");
                last = check;
            }
            last["state"] == state
        });
        last
    }

    fn archive(&self, digest: &str) -> PathBuf {
        self.dir().join("platform/artifacts/archives").join(format!("{digest}.tar"))
    }

    /// The cause is said and nothing is ready; a rollback sealed now is refused with this code, and the one that was
    /// approved before, when it is run, for the same cause: with this code of a step, or of the run itself.
    fn is_refused(&self, approved: &str, what: &str, code: &str, at_run: &str) {
        let check = self.until_check(what, "not");
        assert_eq!((&check["code"], &check["blocks"]), (&json!(code), &json!(true)), "{check}");
        assert!(check["next"].is_string() && check["sentence"].is_string(), "{check}");
        assert_eq!(self.readiness(&[])["state"], "not");
        let ran = self.by("ben", &["change", "run", approved]);
        assert_eq!(ran.code, 5, "{ran:?}");
        let shown = self.shown(approved);
        let troubles: Vec<_> = shown["steps"].as_array().unwrap().iter().map(|step| step["trouble"].clone()).collect();
        assert!(troubles.contains(&json!(at_run)) || ran.stderr.contains(at_run), "{at_run}: {ran:?} {troubles:?}");
        if shown["status"] == "approved" {
            self.by("ada", &["change", "cancel", approved]).ok();
        }
        let asked = ["change", "new", "--kind", "rollback", "--engine", "alpha", "--reason", "errors"];
        let asked = self.by("ada", &asked);
        if asked.code != 0 {
            asked.refused(code);
            return;
        }
        let draft = asked.json()["id"].as_str().unwrap().to_owned();
        self.by("ada", &["change", "seal", &draft]).refused(code);
        self.by("ada", &["change", "cancel", &draft]).ok();
    }
}

/// Breaks one byte of a file; answers what was there.
fn break_one_byte(path: &Path) -> Vec<u8> {
    let good = fs::read(path).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    put(path, &bad);
    good
}

fn put(path: &Path, bytes: &[u8]) {
    if path.exists() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_not_held_any_more_is_said_and_refused() {
    let plane = Plane::serving();
    plane.engine();
    let old = plane.publish("2026.02");
    plane.publish("2026.03.1");
    let theme = plane.theme("2026.02");
    let lease = plane.lease("1000");
    let deploy =
        |more: &[&str]| plane.carried(&[&["--kind", "deployment", "--engine", "alpha"], more].concat(), &["ben", "cy"]);
    deploy(&["--artifact", "2026.02", "--theme", "acme-native 2026.02", "--lease", &lease]);
    // There is nothing to go back to: said, and refused.
    let check = plane.check("target");
    assert_eq!((&check["state"], &check["code"]), (&json!("not"), &json!("rollback.nothing_below")), "{check}");
    deploy(&["--artifact", "2026.03.1", "--theme", "none", "--lease", "none"]);
    plane.until_check("theme", "ok");
    plane.until_check("artifact", "ok");
    let said = plane.readiness(&["--verify"]);
    assert_eq!((&said["state"], &said["target"]["artifact"]), (&json!("ok"), &json!(old)), "{said}");
    let text = plane.cli(&["engine", "readiness", "alpha"]).ok().stdout;
    assert!(text.contains("Config complete") && text.contains("MiB are left"), "{text}");

    // An archive is gone, then it is there with another byte; each of artifact and theme.
    for (what, digest) in [("artifact", &old), ("theme", &theme)] {
        let path = plane.archive(digest);
        let approved = plane.approved_rollback("alpha");
        let good = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        plane.is_refused(&approved, what, "bundle.not_held", "bundle.not_held");
        put(&path, &good);
        plane.until_check(what, "ok");
        let approved = plane.approved_rollback("alpha");
        let good = break_one_byte(&path);
        plane.is_refused(&approved, what, "bundle.not_held", "bundle.not_held");
        put(&path, &good);
        let said = plane.readiness(&["--verify"]);
        assert_eq!(said["state"], "ok", "{said}");
    }

    // The node's own copy is damaged: it is said, and fetched again when it is placed.
    let (_, files) = storefront::releases().into_iter().find(|(version, _)| *version == "2026.02").unwrap();
    let kept = plane.dir().join("node/store").join(&old).join(files[0].0);
    break_one_byte(&kept);
    let token = plane.cli(&["engine", "readiness", "alpha", "--verify", "--json"]).json();
    let found = token["checks"].as_array().unwrap().iter().find(|check| check["what"] == "artifact").unwrap().clone();
    assert!(found["state"] == "ok" && found["sentence"].as_str().unwrap().contains("damaged"), "{found}");
    let inventory = plane.page("node", "/v1/inventory");
    let one = inventory["artifacts"].as_array().unwrap().iter().find(|one| one["artifact"] == json!(old)).unwrap();
    assert_eq!(one["rehashed"]["ok"], false, "{one}");

    // A lease that is over is said, and keeps nobody from going back.
    plane.by("di", &["change", "revoke", &lease, "--reason", "ended early"]).ok();
    let check = plane.until_check("lease", "not");
    assert_eq!(check["blocks"], false, "{check}");
    assert_eq!(plane.readiness(&[])["state"], "ok");
    let rehearsal = plane.carried(&["--kind", "rehearsal", "--engine", "alpha"], &["ben"]);
    let said = plane.readiness(&[]);
    assert_eq!(said["target"]["rehearsed"]["change"], json!(rehearsal), "{said}");
    let shown = plane.cli(&["engine", "show", "alpha", "--json"]).ok().json();
    assert_eq!(shown["rehearsed"]["bundle"], said["target"]["bundle"], "{shown}");
    let reached: Vec<_> = shown["stages"].as_array().unwrap().iter().map(|stage| &stage["reached"]).collect();
    assert_eq!(reached, [&json!(true); 5], "{shown}");
    assert!(shown["bound"][0]["bound"].is_u64(), "{shown}");

    // Recalled: the ledger itself refuses it.
    let approved = plane.approved_rollback("alpha");
    let recalled = ["artifact", "recall", "2026.02", "--reason", "a hole in its checkout"];
    plane.by("ada", &recalled).ok();
    plane.is_refused(&approved, "artifact", "bundle.recalled", "bundle.recalled");
    plane.verified();
}

#[test]
fn a_secret_that_is_gone_and_a_node_that_is_silent_are_said_and_refused() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let put_secret = plane.deposited("planted", &["--json"]).ok().json();
    let digest = put_secret["secret"].as_str().unwrap();
    plane.publish_with_secret();
    plane.publish("2026.03.1");
    let file = plane.file("own.toml", &format!("[secrets]\nSHOP_TOKEN = \"{digest}\"\n"));
    plane.by("ada", &["config", "publish", &file, "--product", "own-config", "--version", "1"]).ok();
    let bound = ["--kind", "deployment", "--engine", engine, "--artifact", "own-shop 1", "--config", "own-config 1"];
    plane.carried(&bound, &["ben", "cy"]);
    let bound = ["--kind", "deployment", "--engine", engine, "--artifact", "2026.03.1", "--config", "none"];
    plane.carried(&bound, &["ben", "cy"]);
    plane.until_check("artifact", "ok");
    assert_eq!(plane.readiness(&[])["state"], "ok");

    let kept = plane.dir().join("engine/secrets").join(format!("{digest}.json"));
    let approved = plane.approved_rollback(engine);
    let good = fs::read(&kept).unwrap();
    fs::remove_file(&kept).unwrap();
    plane.is_refused(&approved, "secrets", "secret.missing", "secret.missing");
    // Nothing was started: there is no output to read.
    let shown = plane.cli(&["change", "show", &approved]).ok().stdout;
    assert!(shown.contains("what serves there: countersign engine show"), "{shown}");
    assert!(!shown.contains("countersign engine logs"), "{shown}");
    // One that is damaged could be given to nobody.
    put(&kept, &good);
    plane.until_check("secrets", "ok");
    let approved = plane.approved_rollback(engine);
    put(&kept, b"{}");
    plane.is_refused(&approved, "secrets", "secret.missing", "secret.damaged");
    put(&kept, &good);
    plane.until_check("secrets", "ok");

    // A node that does not answer: nothing is planned without it.
    let pid = plane.pid("node").unwrap();
    signal(pid, "STOP");
    let check = plane.check("node");
    let draft = plane.by("ada", &["change", "new", "--kind", "rollback", "--engine", engine, "--reason", "errors"]);
    signal(pid, "CONT");
    assert_eq!((&check["state"], &check["code"]), (&json!("not"), &json!("observation.missing")), "{check}");
    assert!(draft.code == 6 || draft.stderr.contains("observe"), "it waits for the node: {draft:?}");
    plane.until_check("node", "ok");
    // Without Integration Control it goes on after a while, which is said.
    assert_eq!(plane.check("integration")["state"], "ok");
    let pid = plane.pid("integration").unwrap();
    signal(pid, "STOP");
    let check = plane.check("integration");
    signal(pid, "CONT");
    assert_eq!((&check["state"], &check["after_ms"]), (&json!("ok"), &json!(60_000)), "{check}");
    assert!(check["sentence"].as_str().unwrap().contains("after 60 s a rollback goes on without"), "{check}");
    // A front that hangs: no draft is told what serves.
    let front = plane.page("engine", "/v1/front");
    let pid = u32::try_from(front["pid"].as_u64().unwrap()).unwrap();
    signal(pid, "STOP");
    let check = plane.check("node");
    signal(pid, "CONT");
    assert_eq!((&check["state"], &check["code"]), (&json!("not"), &json!("observation.missing")), "{check}");
    plane.until_check("node", "ok");
    plane.verified();
}
