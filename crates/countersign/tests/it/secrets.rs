//! A secret goes in by pipe, is named by a digest, and is found nowhere else.

use crate::plane::{Plane, Ran, get, until};
use crate::wire;
use model::Scope;
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

impl Plane {
    /// Deposits a secret by standard input; answers what was printed.
    pub fn deposited(&self, secret: &str, args: &[&str]) -> Ran {
        let key = self.key("ada").display().to_string();
        let mut command = self.command(&[&["secret", "put", "--key", &key], args].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that refuses before it reads has closed.
        let _ = child.stdin.take().unwrap().write_all(secret.as_bytes());
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Packs the sample shop as a program of one's own that needs a secret, and publishes it.
    pub fn publish_with_secret(&self) {
        let dir = self.home.path().join("own");
        let (_, files) = storefront::releases().into_iter().next().unwrap();
        fs::create_dir_all(dir.join("bin")).unwrap();
        for (name, bytes) in files {
            fs::write(dir.join(name), bytes).unwrap();
        }
        fs::copy(crate::plane::EXE, dir.join("bin/engine")).unwrap();
        // It tells what it was given, as programs do that print their settings.
        let script = "#!/bin/sh\necho token=$SHOP_TOKEN.\nexec \"$COUNTERSIGN_RELEASE_DIR/bin/engine\" \"$@\"\n";
        fs::write(dir.join("start.sh"), script).unwrap();
        fs::set_permissions(dir.join("start.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        let says = r#"
product = "own-shop"
version = "1"
runtime = "storefront"
entry = "start.sh"
args = ["storefront", "--release-dir", "{release_dir}", "--data-dir", "{data_dir}", "--listen", "{listen}"]
health = { path = "/healthz" }
variables = [{ key = "SHOP_TOKEN", required = true, secret = true }]
"#;
        fs::write(dir.join("countersign.toml"), says).unwrap();
        let tar = self.home.path().join("own.tar").display().to_string();
        self.cli(&["artifact", "pack", &dir.display().to_string(), "-o", &tar]).ok();
        self.by("ada", &["publish", &tar, "--name", "Own shop 1"]).ok();
    }

    /// Writes a file beside the data directory; answers its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

/// Every place below a directory, and every command line of this machine, where `secret` stands.
pub fn found(dir: &Path, secret: &str, places: &mut Vec<String>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            found(&path, secret, places);
        } else if kind.is_file() {
            let bytes = fs::read(&path).unwrap_or_default();
            if memchr::memmem::find(&bytes, secret.as_bytes()).is_some() {
                places.push(path.display().to_string());
            }
        }
    }
}

pub fn told_by_ps(secret: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(secret)).collect()
}

#[test]
fn a_secret_is_given_to_its_engine_and_found_nowhere() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let secret = format!("planted-{}-{:x}", std::process::id(), plane.base);
    let put = plane.deposited(&format!("{secret}\n"), &["--json"]).ok().json();
    let digest = put["secret"].as_str().unwrap();
    assert_eq!((&put["node"], digest.len()), (&json!("prod-node-01"), 64), "{put}");
    assert_eq!(put["masked"], format!("…{}", &secret[secret.len() - 4..]));
    // The same again is the same.
    let again = plane.deposited(&secret, &["--node", "prod-node-01"]).ok().stdout;
    assert!(again.contains(digest) && again.contains("on prod-node-01") && !again.contains(&secret), "{again}");
    assert!(again.contains("for Acme"), "{again}");
    let listed = plane.by("ben", &["secret", "ls"]).ok().json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["secret"]), (1, &put["secret"]));

    // Named by a config, it goes to the process of the engine that is bound to that.
    plane.publish_with_secret();
    let file = plane.file("own.toml", &format!("[secrets]\nSHOP_TOKEN = \"{digest}\"\n"));
    plane.by("ada", &["config", "publish", &file, "--product", "own-config", "--version", "1"]).ok();
    let bound = ["--kind", "deployment", "--engine", engine, "--artifact", "own-shop 1", "--config", "own-config 1"];
    plane.carried(&bound, &["ben", "cy"]);
    let shown = plane.cli(&["config", "show", "own-config 1"]).ok().stdout;
    assert!(shown.contains("POD Engine Alpha") && shown.contains(digest) && !shown.contains(&secret), "{shown}");

    let mut places = told_by_ps(&secret);
    found(&plane.dir(), &secret, &mut places);
    found(plane.home.path(), &secret, &mut places);
    assert!(places.is_empty(), "it is found: {places:#?}");
    for service in ["governance", "platform", "node", "engine", "integration"] {
        let (_, metrics) = get(&format!("{}/metrics", plane.url(service))).unwrap();
        assert!(!metrics.contains(&secret) && !metrics.contains(digest), "{service}");
    }
    let (status, engines) = plane.seen("engine", "/v1/engines").unwrap();
    assert!(status == 200 && !engines.contains(&secret));
    plane.verified();
}

#[test]
fn who_may_not_deposit_or_what_is_no_secret_is_refused_without_a_word_of_it() {
    let plane = Plane::serving();
    plane.engine();
    plane.all_signed_in();
    let url = format!("{}/v1/secrets", plane.url("engine"));
    let (person, reader) = (plane.token("ada", Scope::Person), plane.token("ada", Scope::Read));
    let asked = |token: &str| wire::send("GET", &url, Some(token), b"").0;
    until("Engine Runtime to know who signed in", || (asked(&person), asked(&reader)) == (200, 403));
    let most = "x".repeat(engine::SECRET_MAX + 1);
    let large = "x".repeat(200_000);
    let cases: [(Option<&str>, &str, &str, u16, &str); 8] = [
        (None, "text/plain", "planted", 401, "token.missing"),
        (Some("cs_nobody"), "text/plain", "planted", 401, "token.unknown"),
        (Some(&reader), "text/plain", "planted", 403, "scope.forbidden"),
        (Some(&person), "text/plain", "planted\n", 400, "secret.unfit"),
        (Some(&person), "text/plain", &most, 400, "secret.unfit"),
        (Some(&person), "application/json", "{\"planted\": 1}", 400, "body.malformed"),
        (Some(&person), "application/xml", "planted", 415, "body.content_type"),
        (Some(&person), "text/plain", &large, 413, "body.too_large"),
    ];
    for (token, kind, body, status, code) in cases {
        let answer = wire::exchange("POST", &url, token, Some(kind), body.as_bytes());
        let said: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &said["error"]["code"]), (status, &json!(code)), "{said}");
        assert!(!answer.text().contains("planted"), "{said}");
    }
    let json = wire::send("POST", &url, Some(&person), br#"{"secret":"planted in JSON"}"#);
    assert_eq!(json.0, 200, "{}", String::from_utf8_lossy(&json.1));

    for unfit in ["", "two\nlines", "Größe"] {
        let ran = plane.deposited(unfit, &["--json"]);
        assert!(ran.code == 2 && ran.stderr.contains("\"code\":\"secret.unfit\""), "{ran:?}");
        assert!(ran.stderr.contains("standard input") && (unfit.is_empty() || !ran.stderr.contains(unfit)), "{ran:?}");
    }
    // A secret that was typed where a file is named is not said again.
    let typed = plane.by("ada", &["secret", "put", "planted-hunter2"]);
    assert!(typed.code == 2 && typed.stderr.contains("secret.no_file"), "{typed:?}");
    assert!(typed.stderr.contains("pipe it in") && !typed.stderr.contains("planted"), "{typed:?}");
    // With several tenants it is said whose it is; to another's engine it is not deposited.
    plane.by("ada", &["tenant", "new", "Harbor Goods"]).ok();
    let unsaid = plane.deposited("planted", &[]);
    assert!(unsaid.code == 2 && unsaid.stderr.contains("--tenant"), "{unsaid:?}");
    let nobody = wire::exchange("POST", &format!("{url}?tenant=77"), Some(&person), Some("text/plain"), b"planted");
    let said: Value = serde_json::from_slice(&nobody.body).unwrap();
    assert_eq!((nobody.status, &said["error"]["code"]), (403, &json!("tenant.unknown")), "{said}");
    let node = plane.deposited("planted", &["--node", "prod-node-09", "--tenant", "acme"]);
    assert!(node.code == 5 && node.stderr.contains("prod-node-01"), "{node:?}");
    let file = plane.file("db.txt", "by file\n");
    let by_file = plane.by("ada", &["secret", "put", &file, "--tenant", "acme"]).ok().json();
    let listed = plane.by("ada", &["secret", "ls"]).ok().json();
    assert!(listed.as_array().unwrap().iter().any(|kept| kept["secret"] == by_file["secret"]), "{listed}");
    assert_eq!(listed.as_array().unwrap().len(), 2, "what was refused is not kept: {listed}");
}

#[test]
fn a_secret_is_sent_to_no_node_but_the_one_it_is_for() {
    let mut plane = Plane::founded();
    let own = plane.file("own.json", "{\"node\": \"prod-node-01\"}");
    plane.serve_with(&["--config", &own]);
    let keys = ["node-02", "engine-02"].map(|name| {
        let file = plane.key(name).display().to_string();
        plane.cli(&["key", "new", "--service", &file]).ok();
        format!("{file}.pub")
    });
    let second = ["node", "add", "prod-node-02", "--node-key", &keys[0], "--engine-key", &keys[1]];
    plane.rostered(&second, "cy");
    plane.by("ada", &["tenant", "new", "Acme"]).ok();
    let put = |node: &str| plane.deposited("planted", &["--node", node, "--tenant", "acme", "--json"]);
    let refused = put("prod-node-02").refused("node.other");
    assert!(refused.stderr.contains("acts for prod-node-01, not for prod-node-02"), "{refused:?}");
    // What this machine's Engine Runtime keeps, it would have been sent.
    let kept = || plane.by("ada", &["secret", "ls", "--node", "prod-node-01"]).ok().json().as_array().unwrap().len();
    assert_eq!(kept(), 0, "it was sent all the same");
    put("prod-node-01").ok();
    assert_eq!(kept(), 1);
}
