//! A warrant from the ledger to a pipeline that holds nothing but `trust.json` and its own key.

use crate::plane::{Plane, Ran};
use serde_json::Value;
use std::path::PathBuf;

const TARGET: &str = "ci.example/deploy";

impl Plane {
    /// A pipeline `ci.release` with a key of its own, on the roster.
    fn with_machine() -> Self {
        let plane = Self::serving();
        let invited = plane.kept("ci.invitation", &["machine", "invite", "ci.release"]);
        let proof = plane.proof("ci", &["--invitation", invited.to_str().unwrap()]);
        plane.rostered(&["machine", "add", "ci.release", "--possession", &proof], "cy");
        plane
    }

    /// What shall be carried out, and its SHA-256.
    fn plan(&self) -> (String, String) {
        let path = self.home.path().join("plan.tar");
        std::fs::write(&path, b"what shall be carried out").unwrap();
        (path.display().to_string(), model::Digest::of_bytes(b"what shall be carried out").to_string())
    }

    /// An external change of that plan, run.
    fn run_external(&self) -> String {
        let (_, digest) = self.plan();
        let asked = ["--kind", "external", "--target", TARGET, "--digest", &digest, "--slot", "finance-reviewer"];
        let change = self.draft(&asked);
        self.by("ada", &["change", "seal", &change]).ok();
        for who in ["ben", "cy"] {
            self.by(who, &["change", "approve", &change]).ok();
        }
        self.by("ben", &["change", "run", &change]).ok();
        change
    }

    fn exported(&self, change: &str) -> PathBuf {
        let file = self.home.path().join("deploy.warrant");
        self.cli(&["warrant", "export", change, "--out", file.to_str().unwrap()]).ok();
        file
    }

    fn standing(&self, change: &str) -> Value {
        self.cli(&["change", "show", change, "--json"]).ok().json()["warrant"].clone()
    }
}

/// Somewhere else: no data directory, only the file, the pin and what is compared.
fn offline(plane: &Plane, file: &str, more: &[&str]) -> Ran {
    let trust = plane.dir().join("trust.json");
    elsewhere(plane, &[&["--trust", trust.to_str().unwrap(), file], more].concat())
}

fn elsewhere(plane: &Plane, args: &[&str]) -> Ran {
    let nothing = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(plane.command(&[]).get_program());
    command.args(["warrant", "check", "--json", "--dir"]).arg(nothing.path()).args(args);
    Ran::of(command.env_remove("COUNTERSIGN_DIR").output().unwrap())
}

fn failed(ran: &Ran, exit: i32, code: &str) {
    assert_eq!(ran.code, exit, "{ran:?}");
    assert!(ran.stderr.contains(&format!("\"code\":\"{code}\"")), "{ran:?}");
}

#[test]
fn a_pipeline_checks_a_warrant_offline_and_uses_it_once() {
    let plane = Plane::with_machine();
    let change = plane.run_external();
    let (plan, digest) = plane.plan();
    let warrant = plane.exported(&change);
    let file = warrant.to_str().unwrap();
    let good = offline(&plane, file, &["--file", &plan, "--target", TARGET]).ok().json();
    assert_eq!((&good["warrant"], &good["use"]), (&"good".into(), &"not_checked".into()), "{good}");
    assert_eq!(
        (&good["proven"]["digest"], &good["proven"]["approved"][1]["roles"][0]),
        (&digest.as_str().into(), &"finance-reviewer".into())
    );
    let text = plane.cli(&["warrant", "check", file, "--digest", &format!("sha256:{digest}")]).ok().stdout;
    assert!(text.contains("not checked") && text.contains("(as asked)") && text.contains("(not compared)"), "{text}");
    failed(&offline(&plane, file, &["--digest", &"00".repeat(32)]), 23, "warrant.other_digest");
    failed(&offline(&plane, file, &["--target", "ci.example/other"]), 24, "warrant.other_target");
    let asked = plane.cli(&["warrant", "check", file, "--ask", "--json"]).ok().json();
    assert!(asked["use"]["not_used"]["as_of"].is_u64(), "{asked}");
    assert_eq!(plane.standing(&change)["standing"], "good");

    plane.by("ada", &["warrant", "use", &change]).refused("machine.only");
    let at =
        |target, digest: &str| plane.by("ci", &["warrant", "use", &change, "--target", target, "--digest", digest]);
    failed(&at("ci.example/other", &digest), 24, "warrant.other_target");
    failed(&at(TARGET, &"00".repeat(32)), 23, "warrant.other_digest");
    assert_eq!(plane.standing(&change)["standing"], "good", "what it does not allow leaves it unused");
    at(TARGET, &digest).ok();
    plane.by("ci", &["warrant", "use", &change]).refused("warrant.used");
    let used = plane.standing(&change);
    assert_eq!((&used["standing"], &used["used_by"]), (&"used".into(), &"ci.release".into()), "{used}");
    // The file knows nothing of it, and says that it did not look; who asks is told.
    assert_eq!(offline(&plane, file, &[]).ok().json()["use"], "not_checked");
    failed(&plane.cli(&["warrant", "check", file, "--ask", "--json"]), 22, "warrant.used");
    failed(&plane.cli(&["warrant", "export", &change, "--out", file, "--json"]), 22, "warrant.used");
    let rows = plane.cli(&["audit", "ls", "--change", &change]).ok().stdout;
    assert!(rows.contains("Warrant used"), "{rows}");
    plane.verified();
}

#[test]
fn a_warrant_that_is_revoked_forged_or_cut_short_is_told_apart() {
    let plane = Plane::with_machine();
    let change = plane.run_external();
    let warrant = plane.exported(&change);
    let bytes = std::fs::read(&warrant).unwrap();
    let kept = |name: &str, bytes: &[u8]| {
        let path = plane.home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let cut = kept("cut", &bytes[..bytes.len() / 2]);
    failed(&offline(&plane, &cut, &[]), 3, "warrant.truncated");
    failed(&elsewhere(&plane, &[&cut]), 5, "trust.missing");
    let mut altered: Value = serde_json::from_slice(&bytes).unwrap();
    let swapped = altered["checkpoint"].as_str().unwrap().replacen("— ", "— x", 1);
    altered["checkpoint"] = swapped.into();
    let forged = kept("forged", altered.to_string().as_bytes());
    failed(&offline(&plane, &forged, &[]), 1, "warrant.forged");
    plane.by("di", &["change", "revoke", &change, "--reason", "the freeze has begun"]).ok();
    let file = warrant.to_str().unwrap();
    assert_eq!(offline(&plane, file, &[]).ok().json()["use"], "not_checked");
    failed(&plane.cli(&["warrant", "check", file, "--ask", "--json"]), 21, "warrant.revoked");
    plane.by("ci", &["warrant", "use", &change]).refused("warrant.revoked");
    assert_eq!(plane.standing(&change)["standing"], "revoked");

    let machines = plane.cli(&["machine", "ls", "--json"]).ok().json();
    assert_eq!((machines.as_array().unwrap().len(), &machines[0]["name"]), (1, &"ci.release".into()));
    // Whoever decides is told by this machine's own copy which machine it is about.
    let asked = plane.by("ada", &["machine", "remove", "ci.release"]).ok().json();
    let asked = asked["id"].as_str().unwrap();
    let shown = plane.cli(&["change", "show", asked]).ok().stdout;
    assert!(shown.contains("machine leaves") && shown.contains("ci.release"), "{shown}");
    plane.by("ada", &["change", "cancel", asked]).ok();
    plane.rostered(&["machine", "remove", "ci.release"], "cy");
    assert_eq!(plane.cli(&["machine", "ls", "--json"]).ok().json(), serde_json::json!([]));
    let gone = plane.by("ci", &["warrant", "use", &change]);
    assert!(gone.code != 0 && gone.stderr.contains("not on the ledger's roster"), "{gone:?}");
    plane.verified();
}

#[test]
fn a_machine_opens_a_draft_and_people_read_on_beside_it() {
    let plane = Plane::with_machine();
    let (_, digest) = plane.plan();
    let asked = ["change", "new", "--kind", "external", "--target", TARGET, "--digest", &digest];
    let draft = plane.by("ci", &[&asked[..], &["--slot", "finance-reviewer"]].concat()).ok().json();
    assert_eq!(draft["status"], "draft", "{draft}");
    // The credential that was kept last reads nothing: another one is taken.
    let shown = plane.shown(draft["id"].as_str().unwrap());
    assert_eq!(shown["kind"], "external", "{shown}");
    plane.by("ci", &["change", "observe", draft["id"].as_str().unwrap()]).ok();
    plane.by("ada", &["change", "seal", draft["id"].as_str().unwrap()]).ok();
    // Its key is suspended by two people, and it says nothing any more.
    let suspend = |who: &str| plane.by(who, &["machine", "suspend", "ci.release", "--reason", "it leaked"]);
    assert_eq!(suspend("ada").ok().json()["suspended"], false);
    assert_eq!(suspend("ben").ok().json()["suspended"], true);
    let machines = plane.cli(&["machine", "ls"]).ok().stdout;
    assert!(machines.contains("(suspended)"), "{machines}");
    assert_ne!(plane.by("ci", &[&asked[..], &["--slot", "finance-reviewer"]].concat()).code, 0);
    plane.verified();
}
