//! What the person gave is wrong: exit code 2, the cause, what to do next and a code, in words and as JSON.

use crate::manners::refuses;
use crate::plane::{PEOPLE, Plane};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

impl Plane {
    /// Demands exit code 2 in words and as JSON, with this code and these words, and none of a programmer's.
    fn given_wrong(&self, args: &[&str], code: &str, words: &[&str]) {
        let said = refuses(self.cli(args), 2, words).stderr;
        assert!(said.contains(&format!("({code})")), "{args:?}: {said}");
        for word in ["struct ", "u32", "expected ", "EOF", "variant"] {
            assert!(!said.contains(word), "`{word}` is said: {said}");
        }
        let json = self.cli(&[args, &["--json"]].concat());
        let error: Value = serde_json::from_str(json.stderr.lines().last().unwrap()).unwrap();
        assert_eq!((json.code, &error["error"]["code"]), (2, &code.into()), "{args:?}: {error}");
        let next = error["error"]["next"].as_str().unwrap();
        assert!(!next.is_empty() && said.contains(next), "{args:?}: `{next}` is not said: {said}");
    }
}

#[test]
fn a_file_that_is_not_there_is_usage_whatever_it_is_for() {
    let plane = Plane::founded();
    let key = plane.key("ada").display().to_string();
    let edition = ["--product", "c", "--version", "1", "--key", &key];
    let cases: [&[&str]; 13] = [
        &["config", "publish", "none.toml"],
        &["retention", "publish", "none.toml"],
        &["serve", "--config", "none.json"],
        &["artifact", "inspect", "none.tar"],
        &["artifact", "verify", "none.tar"],
        &["artifact", "verify", "."],
        &["warrant", "check", "none.warrant", "--trust", "none.json"],
        &["audit", "verify", "--trust", "none.json"],
        &["audit", "verify", "--seen", "none.txt"],
        &["key", "prove", "--invitation", "none", "--key", &key],
        &["key", "new", "none/ada"],
        &["settings", "change", "kinds", "none.json", "--key", &key],
        &["artifact", "pack", "2026.02", "-o", "none/a.tar"],
    ];
    for args in cases {
        let more: &[&str] = if args[1] == "publish" { &edition } else { &[] };
        let args: Vec<_> = args.iter().chain(more).copied().collect();
        plane.given_wrong(&args, "file.unreadable", &["name "]);
    }
    let empty = Plane::with_keys();
    empty.given_wrong(&["init", "--founder", "Eve:governance-operator:none.pub"], "file.unreadable", &["none.pub"]);
    refuses(empty.init(&PEOPLE, &["--settings", "none.json"]), 2, &["none.json", "(file.unreadable)"]);
    empty.init(&PEOPLE, &[]).ok();
    empty.given_wrong(&["init", "sign", "--key", "none"], "file.unreadable", &["none"]);
}

#[test]
fn a_document_that_is_wrong_is_told_by_its_field() {
    let plane = Plane::founded();
    let key = plane.key("ada").display().to_string();
    let wrong = |what: &str, name: &str, text: &str, words: &[&str]| {
        let file = plane.file(name, text);
        let publish = [what, "publish", &file, "--product", "c", "--version", "1", "--key", &key];
        let change = ["settings", "change", what, &file, "--key", &key];
        let args = if ["config", "retention"].contains(&what) { &publish[..] } else { &change[..] };
        plane.given_wrong(args, "document.wrong", words);
    };
    wrong("config", "soak.toml", "soak_s = 90000", &["its soak is longer than a day"]);
    wrong("config", "soak.toml", "soak_s = 99999999999999", &["soak.toml:1: `soak_s` takes a whole number"]);
    wrong("config", "five.json", "{\"values\": 5}", &["five.json:1: `values` takes a list, and a number stands there"]);
    let policy = |years: &str| {
        format!(
            "[audit]\nyears = {years}\n\n[billing]\nby = \"finance-reviewer\"\nwithin_days = 30\nstatements = [\"memory\"]\n\n\
             [export]\nformats = [\"csv\"]\ndays = 90\n\n[data]\nthen = \"keep\"\ndays = 30\n"
        )
    };
    wrong("retention", "policy.toml", &policy("700"), &["audit history is kept for 1 to 100 years"]);
    wrong("retention", "policy.toml", &policy("-7"), &["policy.toml:2: `audit.years` takes a whole number"]);
    let terms = |text: &str, words: &[&str]| wrong("tenant-terms", "terms.json", text, words);
    terms("5", &["countersign settings show"]);
    terms("{\"tenant_terms\": 5}", &["`tenant_terms` takes a table of fields"]);
    terms("{\"tenant_termz\": 5}", &["`tenant_termz` is not known"]);
    terms("{\"tenant_terms\"", &["it ends before it is complete"]);
    let tenant = "{\"tenant_terms\": {\"tenants\": [{\"tenant\": \"00000000000000000000000000000001\", \"quota\": {\"memory_mib\": -5}}]}}";
    terms(tenant, &["`tenant_terms.tenants[0].quota.memory_mib` takes a whole number"]);
}

#[test]
fn what_is_no_package_or_cannot_become_one_says_what_to_do() {
    let plane = Plane::founded();
    let at = |path: &str| plane.home.path().join(path);
    fs::create_dir_all(at("app/lib/venv/bin")).unwrap();
    fs::write(at("app/start.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(at("app/start.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let pack = ["artifact", "pack", "app", "--product", "p", "--version", "1", "--entry", "start.sh"];
    symlink("/etc/hostname", at("app/lib/venv/bin/python")).unwrap();
    plane.given_wrong(&pack, "package.unfit", &["leads out of the directory", "--leave-out 'lib/venv/bin/python'"]);
    fs::write(at("app/lib/venv/pyvenv.cfg"), "home = /usr/bin\n").unwrap();
    let words = ["`lib/venv` is a virtual environment of Python", "--leave-out 'lib/venv'", "pip install --target"];
    plane.given_wrong(&pack, "package.virtualenv", &words);
    plane.cli(&[&pack[..], &["--leave-out", "lib/venv"]].concat()).ok();
    let undone = plane.cli(&["artifact", "pack", "app"]);
    refuses(undone, 2, &["countersign.toml", "--entry"]);
    refuses(plane.cli(&["artifact", "pack", "app/start.sh"]), 2, &["is a file", "name the directory"]);
    refuses(plane.cli(&["artifact", "pack", "none"]), 2, &["is not there", "name the directory"]);

    fs::write(at("text.tar"), "no tar").unwrap();
    let tar =
        std::process::Command::new("tar").args(["cf", "plain.tar", "app"]).current_dir(plane.home.path()).status();
    assert!(tar.unwrap().success());
    for file in ["text.tar", "plain.tar"] {
        plane.given_wrong(&["artifact", "inspect", file], "package.unfit", &["`countersign artifact pack DIR`"]);
    }
    let digest = "0".repeat(64);
    plane.given_wrong(&["artifact", "verify", "p-1.tar", "--expect", &digest], "package.unfit", &[&digest]);
}

#[test]
fn a_release_is_inspected_by_whatever_names_it_and_a_person_is_told_as_much_as_a_program() {
    let plane = Plane::serving();
    let engine = plane.cli(&["engine", "new", "x", "--tenant", "y", "--port", "1", "--key", "none"]);
    refuses(engine, 2, &["none", "(file.unreadable)"]);
    plane.engine();
    let artifact = plane.publish("2026.02");
    let whole = plane.cli(&["artifact", "inspect", &artifact, "--json"]).ok().json();
    for name in ["2026.02", "pod-storefront-core 2026.02", &artifact[..12], &artifact[..4]] {
        assert_eq!(plane.cli(&["artifact", "inspect", name, "--json"]).ok().json(), whole, "{name}");
    }
    refuses(plane.cli(&["artifact", "inspect", "1999.01"]), 5, &["no release or theme `1999.01`", "(name.unknown)"]);

    let secret = plane.file("open.toml", "[values]\nAPI_TOKEN = \"abc\"\n");
    let key = plane.key("ada").display().to_string();
    let publish = ["config", "publish", &secret, "--product", "c", "--version", "1", "--key", &key];
    refuses(plane.cli(&publish), 5, &["`API_TOKEN` is a plain value", "secret put", "(config.readable_secret)"]);
    let long = ["lease", "grant", "--tenant", "acme", "--class", "hybrid", "--cycles", "1", "--period", "month"];
    let rest = ["--zone", "UTC", "--purpose", "p", "--for", "999999d", "--key", &key];
    refuses(plane.cli(&[&long[..], &rest].concat()), 2, &["longer than a century"]);

    // An entry is named as the timeline prints it.
    let shown = plane.cli(&["audit", "show", "1", "--json"]).ok().json();
    assert_eq!(plane.cli(&["audit", "show", "control/1.0", "--json"]).ok().json(), shown);
    for wrong in ["control/N.0", "other/1", "-1", "1.x", "18446744073709551616"] {
        refuses(plane.cli(&["audit", "show", wrong]), 2, &["control/12.0", "events/3.0"]);
    }
    let port = plane.shop_port(1).to_string();
    let new = ["engine", "new", "Zulu", "--tenant", "acme", "--port", &port, "--runtime", "banana", "--key", &key];
    let said = plane.cli(&new).ok().stdout;
    assert!(said.contains("none is certified yet; what is certified is made for `storefront`"), "{said}");
}
