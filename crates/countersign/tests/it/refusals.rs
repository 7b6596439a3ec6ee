//! Who may not, is told by name what is missing and what would unblock it; and each refusal is a leaf.

use crate::plane::{Plane, Ran};
use crate::shop;
use serde_json::Value;

impl Plane {
    /// Entries in the control log.
    pub fn control_size(&self) -> u64 {
        let (_, body) = shop::get(&format!("{}/v1/ledger", self.url("governance"))).expect("governance answers");
        serde_json::from_str::<Value>(&body).unwrap()["control_size"].as_u64().unwrap()
    }

    /// The newest entry.
    pub fn newest(&self) -> Value {
        let index = (self.control_size() - 1).to_string();
        self.cli(&["audit", "show", &index, "--json"]).ok().json()
    }

    /// Demands that `refused` was refused with `code` and left exactly one leaf that says so.
    fn recorded(&self, before: u64, refused: Ran, code: &str, words: &str) {
        let refused = refused.refused(code);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
        let now = self.control_size();
        // The desk signs in once per key: those leaves come before.
        assert!(now > before, "no leaf");
        let newest = self.newest();
        assert_eq!(newest["rows"][0]["refused"], code, "{newest}");
        assert!(newest["leaf"]["effects"].as_array().unwrap().is_empty(), "{newest}");
    }
}

#[test]
fn each_refusal_is_by_name_and_leaves_one_leaf() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let (old, new) = (plane.publish("2026.02"), plane.publish("2026.03.1"));
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &old]);
    plane.by("ada", &["change", "seal", &change]).ok();

    let size = plane.control_size();
    let ran = plane.by("ada", &["change", "approve", &change]);
    plane.recorded(size, ran, "approve.author", "another person must");
    let size = plane.control_size();
    let ran = plane.by("di", &["change", "approve", &change, "--slot", "finance-reviewer"]);
    plane.recorded(size, ran, "role.missing", "ask a Finance Reviewer");
    plane.by("ben", &["change", "approve", &change]).ok();
    let size = plane.control_size();
    let ran = plane.by("ben", &["change", "approve", &change, "--slot", "governance-operator"]);
    plane.recorded(size, ran, "approve.same_person", "a second person must fill the other slot");
    let size = plane.control_size();
    let ran = plane.by("ben", &["change", "run", &change]);
    plane.recorded(size, ran, "run.slots_open", "Finance Reviewer");

    // Other bytes: the revision rises, approvals are void, and what was signed for revision 1 is stale.
    let revised = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &new, "--change", &change]);
    assert_eq!(revised, change);
    let view = plane.cli(&["change", "show", &change, "--json"]).ok().json();
    assert_eq!((&view["revision"], &view["slots"][0]["person"]), (&Value::from(2), &Value::Null), "{view}");
    plane.by("cy", &["change", "approve", &change]).refused("change.status");

    let rollback = plane.draft(&["--kind", "rollback", "--engine", engine, "--artifact", &old]);
    let size = plane.control_size();
    plane.by("ada", &["change", "seal", &rollback]).refused("rollback.nothing_below");
    assert_eq!(plane.control_size(), size, "the desk itself saw that it cannot be planned");
    plane.verified();
}
