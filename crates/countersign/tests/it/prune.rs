//! What nothing needs any more leaves both disks by itself; what serves, what a rollback reaches and what is named stays.

use crate::plane::{Plane, until};
use serde_json::Value;
use std::fs;

impl Plane {
    /// What the stores keep, without waiting for anything.
    fn stored(&self) -> Vec<Value> {
        self.cli(&["artifact", "prune", "--dry-run", "--json"]).ok().json().as_array().unwrap().clone()
    }

    /// Whether an artifact lies on the disk of Platform Services, and of the node.
    fn on_disk(&self, artifact: &str) -> (bool, bool) {
        let archive = self.dir().join("platform/artifacts/archives").join(format!("{artifact}.tar"));
        (archive.exists(), self.dir().join("node/store").join(artifact).exists())
    }

    /// Why a store keeps an artifact; none: it does not.
    fn why(&self, store: &str, artifact: &str) -> Option<String> {
        let kept = self.stored();
        let found = kept.iter().find(|one| one["store"] == store && one["artifact"] == artifact)?;
        Some(found["why"].as_str().unwrap().to_owned())
    }

    fn deployed(&self, engine: &str, artifact: &str) {
        let change = self.approved_deployment(engine, artifact);
        self.by("ben", &["change", "run", &change]).ok();
    }
}

#[test]
fn what_nothing_needs_goes_from_both_disks_and_can_be_published_again() {
    let mut plane = Plane::founded();
    // Two bundles are within reach: what serves, and what it goes back to.
    let rule = plane.file("config.json", r#"{"keep_unneeded": "6s", "keep_certified": 2}"#);
    plane.serve_with(&["--config", &rule]);
    let engine = plane.engine();
    let first = plane.publish("2026.02");
    plane.deployed(engine, &first);
    let second = plane.publish("2026.03.1");
    // A draft that names it is enough, and nothing else does.
    let named = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &second]);
    assert_eq!(plane.why("platform", &second).as_deref(), Some("change"));
    plane.by("ada", &["change", "cancel", &named]).ok();
    until("what no draft names any more to go", || plane.on_disk(&second) == (false, false));
    assert_eq!(plane.why("node", &first).as_deref(), Some("serving"));

    // It is named again: refused in words that say what to do, which works.
    let late = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &second]);
    let refused = plane.by("ada", &["change", "seal", &late]).refused("bundle.not_held");
    assert!(refused.stderr.contains("does not hold") && refused.stderr.contains("publish"), "{refused:?}");
    plane.by("ada", &["change", "cancel", &late]).ok();
    assert_eq!(plane.publish("2026.03.1"), second, "the same artifact, published again");
    plane.deployed(engine, &second);
    // What a rollback leads to stays, whatever its age; what was rolled back from is no target any more, and goes.
    assert_eq!(plane.why("node", &first).as_deref(), Some("certified"));
    let whole = plane.cli(&["artifact", "prune"]).ok().stdout;
    assert!(whole.contains("serves on ") && whole.contains("certified on "), "{whole}");
    assert!(whole.contains("and 1 more since; kept for a rollback"), "{whole}");
    let rollback = plane.approved_rollback(engine);
    plane.by("ada", &["change", "run", &rollback]).ok();
    until("what was rolled back from to go", || plane.on_disk(&second) == (false, false));
    assert_eq!(plane.on_disk(&first), (true, true));
    plane.verified();
}

#[test]
fn a_rule_that_would_leave_no_rollback_is_refused() {
    let plane = Plane::founded();
    for (text, says) in [
        (r#"{"keep_certified": 1}"#, "keep_certified is 2 at least"),
        (r#"{"keep_unneeded": "long"}"#, "`long` is no duration"),
    ] {
        let rule = plane.file("config.json", text);
        let ran = plane.cli(&["serve", "--config", &rule]);
        assert!(ran.code != 0 && ran.stderr.contains(says), "{ran:?}");
    }
    assert!(fs::read_dir(plane.dir()).unwrap().flatten().all(|entry| entry.file_name() != "logs"));
}
