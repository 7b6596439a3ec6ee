//! People, roles, keys and nodes change by governed change, asked for by the command line.

use crate::plane::Plane;
use serde_json::Value;
use std::path::PathBuf;

impl Plane {
    /// Asks for another roster as ada; ben and `second` approve, ada runs it once it has cooled.
    pub fn rostered(&self, args: &[&str], second: &str) -> String {
        let change = self.by("ada", args).ok().json()["id"].as_str().unwrap().to_owned();
        self.by("ada", &["change", "seal", &change]).ok();
        self.by("ben", &["change", "approve", &change]).ok();
        self.by(second, &["change", "approve", &change]).ok();
        crate::plane::until("the change to have cooled", || {
            let view = self.cli(&["change", "show", &change, "--json"]).ok().json();
            view["cools_until"].is_null()
        });
        self.by("ada", &["change", "run", &change]).ok();
        change
    }

    fn people(&self) -> Vec<Value> {
        self.cli(&["person", "ls", "--json"]).ok().json().as_array().unwrap().clone()
    }

    /// A sealed change that somebody holds.
    fn held_by(&self, who: &str) -> String {
        let digest = "cd".repeat(32);
        let asked = ["--kind", "external", "--target", "ci", "--digest", &digest, "--slot", "finance-reviewer"];
        let change = self.draft(&asked);
        self.by("ada", &["change", "seal", &change]).ok();
        self.by(who, &["change", "hold", &change]).ok();
        change
    }

    fn named(&self, name: &str) -> Option<Value> {
        self.people().into_iter().find(|person| person["name"] == name)
    }

    /// A file with what a command printed.
    pub fn kept(&self, file: &str, args: &[&str]) -> PathBuf {
        let path = self.home.path().join(file);
        std::fs::write(&path, self.cli(args).ok().stdout).unwrap();
        path
    }

    /// An own key of somebody new, and the proof that they hold it.
    pub fn proof(&self, who: &str, whom: &[&str]) -> String {
        let key = self.key(who).display().to_string();
        self.cli(&["key", "new", &key]).ok();
        let args = [&["key", "prove", "--key", &key][..], whom].concat();
        self.kept(&format!("{who}.proof"), &args).display().to_string()
    }
}

#[test]
fn a_colleague_joins_gets_a_role_and_another_key_and_leaves() {
    let plane = Plane::serving();
    let invited = plane.kept("eve.invitation", &["person", "invite", "Eve", "--role", "finance-reviewer"]);
    let proof = plane.proof("eve", &["--invitation", invited.to_str().unwrap()]);
    let add = ["person", "add", "Eve", "--role", "finance-reviewer", "--possession", &proof];
    let joined = plane.rostered(&add, "cy");
    let eve = plane.named("Eve").expect("Eve is on the roster");
    assert_eq!(eve["roles"], serde_json::json!(["finance-reviewer"]));
    assert_eq!(plane.cli(&["change", "show", &joined, "--json"]).ok().json()["kind"], "roster-change");

    // She decides with a key that nobody else has ever held.
    let change = plane.draft(&[
        "--kind",
        "external",
        "--target",
        "ci",
        "--digest",
        &"ab".repeat(32),
        "--slot",
        "finance-reviewer",
    ]);
    plane.by("ada", &["change", "seal", &change]).ok();
    plane.by("eve", &["change", "approve", &change]).ok();
    plane.by("eve", &["change", "hold", &change]).ok();
    let other = plane.held_by("eve");

    plane.rostered(&["person", "role", "add", "eve", "support-auditor"], "cy");
    assert_eq!(plane.named("Eve").unwrap()["roles"].as_array().unwrap().len(), 2);
    let second = plane.proof("eve2", &["--person", "eve"]);
    plane.rostered(&["person", "key", "add", "eve", "--possession", &second], "cy");
    let keys = plane.named("Eve").unwrap()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    let old = keys[0]["id"].as_str().unwrap()[..8].to_owned();
    plane.rostered(&["person", "key", "remove", "eve", &old], "cy");
    plane.rostered(&["person", "role", "remove", "eve", "finance-reviewer"], "cy");
    assert_eq!(plane.named("Eve").unwrap()["roles"], serde_json::json!(["support-auditor"]));
    plane.rostered(&["person", "remove", "eve"], "cy");
    assert!(plane.named("Eve").is_none());
    // Her holds stand, and are released by the line that is shown, or by her name.
    let shown = plane.cli(&["change", "show", &change]).ok().stdout;
    let of = eve["id"].as_str().unwrap();
    assert!(shown.contains(&format!("change release {change} --of {of} ")), "{shown}");
    plane.by("di", &["change", "release", &change, "--of", of]).ok();
    plane.by("di", &["change", "release", &other, "--of", "Eve"]).ok();
    let nobody = plane.by("di", &["change", "release", &other, "--of", "Eve"]);
    assert!(nobody.code != 0 && nobody.stderr.contains("no person `Eve`"), "{nobody:?}");
    plane.verified();
}

#[test]
fn a_proof_of_a_key_is_for_one_person_of_one_ledger() {
    let plane = Plane::serving();
    plane.all_signed_in();
    let proof = plane.proof("eve", &["--person", "di"]);
    let add = |person: &str| plane.by("ada", &["person", "key", "add", person, "--possession", &proof]);
    let other = add("cy");
    assert!(other.code != 0 && other.stderr.contains("for another person"), "{other:?}");
    let mut forged: Value = serde_json::from_slice(&std::fs::read(&proof).unwrap()).unwrap();
    forged["ledger"] = "00".repeat(32).into();
    std::fs::write(&proof, forged.to_string()).unwrap();
    let foreign = add("di");
    assert!(foreign.code != 0 && foreign.stderr.contains("for another ledger"), "{foreign:?}");
    // Who is concerned does not decide.
    let change = plane.by("ada", &["person", "role", "add", "di", "finance-reviewer"]).ok().json();
    let change = change["id"].as_str().unwrap();
    plane.by("ada", &["change", "seal", change]).ok();
    let concerned = plane.by("di", &["change", "approve", change]);
    assert_eq!(concerned.code, 5, "{concerned:?}");
}

#[test]
fn a_roster_change_names_the_kinds_that_lose_their_people() {
    let plane = Plane::serving();
    let asked = plane.by("ada", &["person", "remove", "di"]).ok().json();
    assert_eq!(asked["loses_reach"], serde_json::json!(["rollback", "settings-change"]), "{asked}");
    let shown = plane.cli(&["change", "show", asked["id"].as_str().unwrap()]).ok().stdout;
    assert!(shown.contains("loses reach") && shown.contains("Rollback"), "{shown}");
}

#[test]
fn a_key_is_suspended_by_its_holder_or_by_two_others() {
    let plane = Plane::serving();
    let asked = plane.by("ada", &["person", "suspend", "cy", "--reason", "the laptop is gone"]).ok().json();
    assert_eq!(asked["suspended"], false);
    plane.by("cy", &["tenant", "new", "Acme"]).refused("role.missing");
    let done = plane.by("ben", &["person", "suspend", "cy"]).ok().json();
    assert_eq!(done["suspended"], true);
    assert_eq!(plane.by("di", &["person", "suspend", "di"]).ok().json()["suspended"], true);
    assert_eq!(plane.named("cy").unwrap()["keys"][0]["active"], false);
    plane.verified();
}

#[test]
fn a_deputy_approves_for_another_and_a_service_gets_another_key() {
    let plane = Plane::serving();
    let invited = plane.kept("eve.invitation", &["person", "invite", "Eve", "--role", "finance-reviewer"]);
    let proof = plane.proof("eve", &["--invitation", invited.to_str().unwrap()]);
    plane.rostered(&["person", "add", "Eve", "--role", "finance-reviewer", "--possession", &proof], "cy");
    plane.rostered(&["person", "deputy", "add", "cy", "di", "--until", "2w"], "eve");
    let digest = "ab".repeat(32);
    let asked = ["--kind", "external", "--target", "ci", "--digest", &digest, "--slot", "finance-reviewer"];
    let change = plane.draft(&asked);
    plane.by("ada", &["change", "seal", &change]).ok();
    plane.by("di", &["change", "approve", &change, "--on-behalf-of", "cy"]).ok();
    let view = plane.cli(&["change", "show", &change, "--json"]).ok().json();
    assert_eq!(view["slots"][1]["name"], "cy (by di)", "{view}");
    plane.rostered(&["person", "deputy", "remove", "cy", "di"], "eve");
    assert_eq!(plane.named("cy").unwrap()["deputies"], serde_json::json!([]));

    let file = plane.home.path().join("integration").display().to_string();
    let made = plane.cli(&["key", "new", &file, "--service", "--json"]).ok().json();
    plane.rostered(&["node", "key", "integration", &format!("{file}.pub")], "cy");
    let nodes = plane.cli(&["node", "ls", "--json"]).ok().json();
    let services = nodes["services"].as_array().unwrap();
    assert!(services.iter().any(|entry| entry["service"] == "integration" && entry["key"] == made["value"]), "{nodes}");
    plane.verified();
}

#[test]
fn one_thing_of_the_roster_is_changed_by_the_flags_of_its_form() {
    let plane = Plane::serving();
    plane.all_signed_in();
    let edit = |args: &[&str]| {
        let mut all = vec!["change", "new", "--kind", "roster-change"];
        all.extend(args);
        plane.by("ada", &all)
    };
    let size = plane.control_size();
    for (args, says) in [
        (&[][..], "says what it edits"),
        (&["--edit", "crown", "--person", "cy"], "it is one of: leave, remove-key"),
        (&["--edit", "leave"], "`person` is missing"),
        (&["--edit", "leave", "--person", "zoe"], "no person `zoe`"),
        (&["--edit", "take-roles", "--person", "cy", "--roles", "support-auditor"], "does not hold that role"),
        (&["--edit", "remove-key", "--person-key", "zz"], "no key `zz`"),
        (&["--edit", "add-machine", "--machine-name", "ci.nightly"], "`proof` is missing"),
        (&["--edit", "remove-machine", "--machine", "ci.nightly"], "no machine identity `ci.nightly`"),
        (&["--edit", "service-key", "--service", "shop", "--new-key", &"ab".repeat(32)], "no key `shop`"),
    ] {
        let refused = edit(args);
        assert!(refused.code != 0 && refused.stderr.contains(says), "{args:?}: {refused:?}");
    }
    assert_eq!(plane.control_size(), size, "nothing is recorded");
    let asked = edit(&["--edit", "give-roles", "--person", "cy", "--roles", "support-auditor"]).ok().json();
    let change = asked["id"].as_str().unwrap();
    let shown = plane.cli(&["change", "show", change]).ok().stdout;
    assert!(shown.contains("Finance Reviewer and Support Auditor"), "{shown}");
    let invited = plane.kept("ci.invitation", &["machine", "invite", "ci.nightly"]);
    let proof = plane.proof("ci", &["--invitation", invited.to_str().unwrap()]);
    let asks = |args: &[&str], says: &str| {
        let change = edit(args).ok().json()["id"].as_str().unwrap().to_owned();
        let shown = plane.cli(&["change", "show", &change]).ok().stdout;
        assert!(shown.contains(says), "{shown}");
    };
    plane.by("ada", &["tenant", "new", "Acme"]).ok();
    asks(&["--edit", "only-tenants", "--person", "cy", "--tenants", "acme"], "; sees Acme");
    asks(&["--edit", "add-deputy", "--person", "cy", "--deputy", "di", "--deputy-until", "2w"], "; deputy di ");
    asks(
        &["--edit", "add-machine", "--machine-name", "ci.nightly", "--proof", &proof],
        "machine joins      ci.nightly",
    );
    let key = signed::ServiceKey::from_secret(&[79; 32]).public().to_string();
    asks(&["--edit", "service-key", "--service", "platform", "--new-key", &key], &format!("Platform Services {key}"));
}
