//! Every kind of change by the command line: one way to ask for all of them.

use crate::plane::{Plane, Ran};
use crate::shop;
use serde_json::{Value, json};

impl Plane {
    /// Opened and sealed by ada, approved by these people, run by ben; answers the change.
    pub fn carried(&self, args: &[&str], approvers: &[&str]) -> String {
        let change = self.draft(args);
        self.by("ada", &["change", "seal", &change[..8]]).ok();
        for who in approvers {
            self.by(who, &["change", "approve", &change]).ok();
        }
        self.by("ben", &["change", "run", &change]).ok();
        change
    }

    /// A change as `change show` prints it.
    pub fn shown(&self, change: &str) -> Value {
        self.cli(&["change", "show", change, "--json"]).ok().json()
    }

    /// Replaces a governed document, approved by these people.
    pub fn set(&self, name: &str, document: &Value, approvers: &[&str]) -> String {
        let file = self.home.path().join(format!("{name}.json"));
        std::fs::write(&file, document.to_string()).unwrap();
        let file = file.display().to_string();
        self.carried(&["--kind", "settings-change", "--name", name, "--document", &file], approvers)
    }
}

fn error(ran: &Ran) -> Value {
    let line = ran.stderr.lines().last().unwrap_or_default();
    serde_json::from_str::<Value>(line).unwrap_or_else(|why| panic!("{why}: {ran:?}"))["error"].clone()
}

#[test]
fn an_engine_is_drained_and_serves_again_by_names_alone() {
    let plane = Plane::serving();
    plane.engine();
    plane.publish("2026.02");
    plane.carried(&["--kind", "deployment", "--engine", "POD Engine Alpha", "--artifact", "2026.02"], &["ben", "cy"]);
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    let drain = plane.carried(&["--kind", "drain", "--engine", "alpha"], &["ben"]);
    assert_eq!(plane.shown(&drain)["status"], "effective");
    assert_eq!(shop::release(plane.shop_port(0)), None);
    plane.carried(&["--kind", "undrain", "--engine", "alpha"], &["ben"]);
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    let listed = plane.cli(&["change", "ls", "--kind", "drain", "--status", "effective", "--json"]).ok().json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &drain.as_str().into()));
    plane.verified();
}

#[test]
fn terms_of_tenants_change_and_a_quota_is_raised_for_a_while() {
    let plane = Plane::serving();
    let tenant = plane.by("ada", &["tenant", "new", "Acme"]).ok().json()["tenant"].clone();
    let quota = |memory_mib: u32| json!([{"tenant": tenant, "quota": {"memory_mib": memory_mib}}]);
    plane.set("tenant-terms", &json!({"tenant_terms": {"tenants": quota(1_024)}}), &["ben", "cy"]);
    let shown = plane.cli(&["settings", "show", "tenant-terms"]).ok().json();
    assert_eq!(shown["tenant_terms"]["tenants"], quota(1_024));
    let allowed = || plane.cli(&["tenant", "ls", "--json"]).ok().json()[0]["quota"]["memory_mib"].clone();
    assert_eq!(allowed(), 1_024);

    let asked = ["--kind", "quota-exception", "--tenant", "acme", "--memory-mib", "2048", "--for", "8h"];
    let grant = plane.carried(&asked, &["ben", "cy"]);
    assert_eq!(allowed(), 2_048);
    assert!(plane.shown(&grant)["granted_until"].is_string());
    let told = plane.cli(&["quota", "ls"]).ok().stdout;
    let line = told.lines().find(|line| line.starts_with("exception ")).unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains(&grant[..8]) && line.contains("for Acme: memory 2048 MiB until 20"), "{line}");
    assert!(told.contains("storage counts as its programs declare, not enforced"), "{told}");
    assert!(told.contains("0/2048"), "usage stands beside the limit: {told}");
    // What only takes away is one person's word.
    plane.by("di", &["change", "revoke", &grant, "--reason", "the sale is over"]).ok();
    assert_eq!(allowed(), 1_024);
    plane.verified();
}

#[test]
fn what_another_table_of_kinds_means_for_the_past_is_said_before_it_is_asked_for_and_signed() {
    let plane = Plane::serving();
    let digest = "ab".repeat(32);
    let asked = ["--kind", "external", "--target", "ci.example", "--digest", &digest, "--slot", "finance-reviewer"];
    plane.carried(&[&asked[..], &["--title", "The plan of May"]].concat(), &["ben", "cy"]);
    let mut kinds = plane.cli(&["settings", "show", "kinds"]).ok().json();
    let rows = kinds["kinds"]["kinds"].as_array_mut().unwrap();
    let external = rows.iter_mut().find(|row| row["name"] == "external").unwrap();
    external["slots"].as_array_mut().unwrap().push(json!({"roles": ["support-auditor"]}));
    let file = plane.home.path().join("kinds.json");
    std::fs::write(&file, kinds.to_string()).unwrap();
    let (file, key) = (file.display().to_string(), plane.key("ada").display().to_string());
    let said = plane.cli(&["settings", "change", "kinds", &file, "--key", &key]).ok().stdout;
    let (before, after) = said.split_once("opened ").unwrap();
    assert!(before.contains("Of the 1 newest approved changes, 1 would have been decided otherwise"), "{said}");
    assert!(before.contains("The plan of May: needed") && before.contains("would not have been enough"), "{said}");
    let change = after.split_whitespace().next().unwrap();
    let sealing = plane.cli(&["change", "seal", change, "--key", &key]).ok().stdout;
    assert!(sealing.split("change  ").next().unwrap().contains("otherwise    The plan of May"), "{sealing}");
    let shown = plane.cli(&["change", "show", change]).ok().stdout;
    assert!(shown.contains("1 would have been decided otherwise"), "{shown}");
}

#[test]
fn an_external_change_is_held_released_by_name_and_copied() {
    let plane = Plane::serving();
    let digest = "ab".repeat(32);
    let asked = ["--kind", "external", "--target", "ci.example/deploy", "--digest", &digest];
    let change = plane.draft(&[&asked[..], &["--slot", "support-auditor,finance-reviewer"]].concat());
    plane.by("ada", &["change", "seal", &change]).ok();
    for who in ["cy", "di"] {
        plane.by(who, &["change", "hold", &change, "--reason", "wait"]).ok();
    }
    plane.by("ben", &["change", "approve", &change, "--slot", "0"]).ok();
    plane.by("di", &["change", "approve", &change, "--slot", "support-auditor"]).ok();
    plane.by("ada", &["change", "run", &change]).refused("change.held");
    let several = plane.by("ada", &["change", "release", &change]);
    assert!(several.code == 2 && several.stderr.contains("--of"), "{several:?}");
    for who in ["cy", "di"] {
        plane.by(who, &["change", "release", &change]).ok();
    }
    plane.by("ben", &["change", "run", &change]).ok();
    let copy = plane.by("ada", &["change", "new", "--from", &change[..8], "--title", "again"]).ok().json();
    assert_eq!((&copy["kind"], &copy["title"]), (&"external".into(), &"again".into()));
    assert_ne!(copy["id"], change.as_str());
    plane.verified();
}

#[test]
fn a_run_that_is_not_before_a_time_starts_by_the_ledgers_clock() {
    let plane = Plane::serving();
    plane.engine();
    plane.publish("2026.02");
    let change = plane.draft(&["--kind", "deployment", "--engine", "alpha", "--artifact", "2026.02"]);
    plane.by("ada", &["change", "seal", &change]).ok();
    plane.by("ben", &["change", "approve", &change]).ok();
    plane.by("cy", &["change", "approve", &change]).ok();
    plane.by("ben", &["change", "run", &change, "--not-before", "1h"]).ok();
    let view = plane.shown(&change);
    assert_eq!(view["status"], "approved");
    assert!(view["scheduled"].is_string(), "{view}");
    let words = plane.cli(&["change", "show", &change]).ok();
    assert!(words.stdout.contains("starts at    20"), "{words:?}");
    plane.verified();
}

#[test]
fn what_cannot_be_meant_is_said_in_one_shape() {
    let plane = Plane::serving();
    plane.engine();
    let port = plane.shop_port(1).to_string();
    plane.by("ada", &["engine", "new", "POD Engine Alpha Two", "--tenant", "acme", "--port", &port]).ok();
    for (args, code, word, says) in [
        (&["change", "new", "--kind", "drain", "--engine", "engine"][..], 5, "name.ambiguous", "Alpha Two"),
        (&["change", "new", "--kind", "drain", "--engine", "zulu"], 5, "name.unknown", "no engine `zulu`"),
        (&["change", "new", "--kind", "drain", "--tenant", "acme"], 2, "usage", "it takes: --engine"),
        (&["change", "new", "--kind", "deployment", "--engine", "two"], 2, "usage", "--artifact"),
        (&["change", "new", "--kind", "external", "--target", "a b"], 2, "usage", "token"),
        (&["change", "show", "zz"], 2, "usage", "beginning"),
        (&["change", "seal", "0000"], 5, "name.unknown", "no change 0000"),
        (&["no-such-command"], 2, "usage", "no-such-command"),
        (&["audit", "ls", "--from", "soon"], 2, "usage", "yesterday"),
    ] {
        let ran = if args[0] == "change" && args[1] != "show" {
            plane.by("ada", args)
        } else {
            plane.cli(&[args, &["--json"]].concat())
        };
        let said = error(&ran);
        assert_eq!((ran.code, &said["code"]), (code, &word.into()), "{args:?}: {ran:?}");
        assert!(said["message"].as_str().unwrap().contains(says), "{args:?}: {said}");
        assert!(said["next"].as_str().is_some_and(|next| !next.is_empty()), "{args:?}: {said}");
        assert!(ran.stdout.is_empty(), "{args:?}: {ran:?}");
    }
    for args in [&["audit", "ls", "--from", "yesterday", "--to", "now"][..], &["audit", "ls", "--engine", "two"]] {
        plane.cli(args).ok();
    }
}

#[test]
fn a_listing_fits_eighty_columns() {
    let plane = Plane::serving();
    plane.engine();
    plane.publish("2026.02");
    let title = "A title that says a good deal more than anybody wants to read in a list";
    plane.draft(&["--kind", "deployment", "--engine", "alpha", "--artifact", "2026.02", "--title", title]);
    for args in [
        &["change", "ls"][..],
        &["tenant", "ls"],
        &["artifact", "ls"],
        &["quota", "ls"],
        &["people", "ls"],
        &["node", "ls"],
        &["engine", "ls"],
        &["settings", "ls"],
        &["audit", "ls", "--all"],
    ] {
        let listed = Ran::of(plane.command(args).env("COLUMNS", "80").output().unwrap()).ok();
        assert!(listed.stdout.lines().count() > 1, "{listed:?}");
        let table = listed.stdout.lines().take_while(|line| !line.is_empty());
        let wide: Vec<_> = table.filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{args:?}: {wide:#?}");
    }
    let mine = |who: &str| {
        let key = plane.key(who).display().to_string();
        let listed = plane.cli(&["change", "ls", "--mine", "--key", &key, "--json"]).ok().json();
        listed.as_array().unwrap().len()
    };
    assert_eq!((mine("ada"), mine("di")), (1, 0), "the author has one, the auditor none");
}

#[test]
fn a_whole_roster_is_asked_for_by_a_file_that_holds_it() {
    let plane = Plane::serving();
    let file = plane.home.path().join("roster.json");
    let path = file.display().to_string();
    let asked = ["change", "new", "--kind", "roster-change", "--document", &path];
    std::fs::write(&file, b"{\"rules\":{\"number\":1}}").unwrap();
    let wrong = plane.by("ada", &asked);
    assert!(wrong.stderr.contains("what `countersign person roster` prints"), "{wrong:?}");
    let in_force = plane.cli(&["person", "roster"]).ok();
    std::fs::write(&file, &in_force.stdout).unwrap();
    plane.by("ada", &asked).refused("roster.unchanged");
    let mut roster: Value = in_force.json();
    roster["people"][3]["roles"] = json!([]);
    std::fs::write(&file, roster.to_string()).unwrap();
    let help = plane.command(&["change", "new", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("it goes alone [roster-change]; The whole document"), "{help}");
    let both = plane.by("ada", &[&asked[..], &["--edit", "leave"]].concat());
    assert!(both.code == 2 && both.stderr.contains("leave out the answer edit, or the document"), "{both:?}");
    let asked = plane.by("ada", &asked).ok().json();
    assert_eq!((&asked["kind"], &asked["status"]), (&"roster-change".into(), &"draft".into()), "{asked}");
    let change = asked["id"].as_str().unwrap();
    plane.by("ada", &["change", "seal", change]).ok();

    // Of one that has ended it is said that it has, and how to ask for it again.
    plane.by("ada", &["change", "cancel", change, "--reason", "Dov joins next year"]).ok();
    let shown = plane.cli(&["change", "show", change, "--person", "ada"]).ok().stdout;
    assert!(shown.contains("(change.ended)") && shown.contains(&format!("new --from {change} …`")), "{shown}");
    assert!(!shown.contains("(change.status)"), "{shown}");
    // Who ended it, and why.
    assert!(shown.contains("ada ended it before it was run.") && shown.contains("Dov joins next year"), "{shown}");
}
