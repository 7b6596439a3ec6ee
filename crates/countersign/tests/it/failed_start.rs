//! A release that does not start: what was asked of it, what it printed since, and nothing that is secret.

use crate::plane::{Plane, Ran, get};
use serde_json::json;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

/// What the program is given and prints.
const SECRET: &str = "planted-secret-value";

impl Plane {
    /// Publishes a script as a release whose health is asked at `/nowhere`, and runs its deployment with that secret.
    fn tried(&self, version: &str, script: &str, config: &str) -> Ran {
        let dir = self.home.path().join("failing");
        fs::create_dir_all(&dir).unwrap();
        let (_, files) = storefront::releases().pop().unwrap();
        for (name, bytes) in files {
            fs::write(dir.join(name), bytes).unwrap();
        }
        fs::copy(crate::plane::EXE, dir.join("shop")).unwrap();
        fs::write(dir.join("start.sh"), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(dir.join("start.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        let says = format!(
            r#"product = "failing"
version = "{version}"
entry = "start.sh"
runtime = "storefront"
start_within_ms = {{ least = 1000, usual = 2000, most = 30000 }}
health = {{ path = "/nowhere" }}
variables = [{{ key = "SHOP_TOKEN", required = true, secret = true }}]
"#
        );
        fs::write(dir.join("countersign.toml"), says).unwrap();
        let tar = self.home.path().join("failing.tar").display().to_string();
        self.cli(&["artifact", "pack", dir.to_str().unwrap(), "-o", &tar]).ok();
        self.by("ada", &["publish", &tar, "--name", &format!("Failing {version}")]).ok();
        let args = ["--kind", "deployment", "--engine", "alpha", "--artifact", version, "--config", config];
        let change = self.draft(&args);
        self.by("ada", &["change", "seal", &change]).ok();
        self.by("ben", &["change", "approve", &change]).ok();
        self.by("cy", &["change", "approve", &change]).ok();
        self.cli(&["change", "run", &change, "--key", &self.key("ben").display().to_string()])
    }
}

#[test]
fn a_release_that_does_not_start_says_why_and_what_it_printed_since() {
    let plane = Plane::serving();
    plane.engine();
    let put = plane.deposited(SECRET, &["--json"]).ok().json();
    let digest = put["secret"].as_str().unwrap();
    let text = format!("start_within_s = 30\n[secrets]\nSHOP_TOKEN = \"{digest}\"\n");
    let file = plane.file("config.toml", &text);
    plane.by("ada", &["config", "publish", &file, "--product", "alpha-config", "--version", "1"]).ok();
    let named = "alpha-config 1";

    let begin = Instant::now();
    let crashed = plane.tried("1", "echo \"no way with $SHOP_TOKEN\"; exit 3", named);
    let said = &crashed.stdout;
    assert!(begin.elapsed() < Duration::from_secs(25), "its end is seen at once");
    assert!(crashed.code != 0 && said.contains("did not become healthy: its process has ended"), "{crashed:?}");
    assert!(said.contains("  | no way with [secret SHOP_TOKEN]"), "{crashed:?}");
    assert!(said.contains("countersign engine logs 'POD Engine Alpha'\n"), "{crashed:?}");
    let all = format!("{said}{}", crashed.stderr);
    assert_eq!(all.matches("did not become healthy").count(), 1, "it is said once: {crashed:?}");

    // A port that is not its own.
    let shop = "exec \"$COUNTERSIGN_RELEASE_DIR/shop\" storefront --release-dir \"$COUNTERSIGN_RELEASE_DIR\" --data-dir \
                \"$COUNTERSIGN_DATA_DIR\" --listen";
    let elsewhere = plane.tried("2", &format!("{shop} 127.0.0.1:{}", plane.base + 44), named);
    assert!(elsewhere.stdout.contains("it may listen on `PORT` alone, which is "), "{elsewhere:?}");
    assert!(!elsewhere.stdout.contains("no way"), "only what it printed since its start: {elsewhere:?}");

    let file = plane.file("config.toml", &text.replace("= 30", "= 2"));
    plane.by("ada", &["config", "publish", &file, "--product", "alpha-config", "--version", "2"]).ok();
    let unhealthy = plane.tried("3", &format!("echo asked; {shop} $COUNTERSIGN_LISTEN"), "alpha-config 2");
    assert!(unhealthy.stdout.contains("`GET /nowhere` answers 404 after 2000 ms"), "{unhealthy:?}");

    // One that never ran has printed nothing: what lies in the log of its side is another's.
    let taken = [1_000, 2_000].map(|more| plane.shop_port(0) + more);
    let taken = taken.map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    let unstarted = plane.tried("4", "echo four", named);
    drop(taken);
    let said = &unstarted.stdout;
    assert!(said.contains("port.taken") && said.contains("another process listens"), "{unstarted:?}");
    assert!(!said.contains("  | ") && !said.contains("engine logs"), "{unstarted:?}");

    let logs = plane.cli(&["engine", "logs", "alpha", "--json"]).ok().json();
    let lines = logs["lines"].as_array().unwrap();
    assert!(lines[0].as_str().unwrap().starts_with("--- start of failing 1 at "), "{logs}");
    assert_eq!(lines[1], json!("no way with [secret SHOP_TOKEN]"));
    assert!(!plane.logs().contains(SECRET));
}

#[test]
fn no_service_leaves_its_memory_in_a_file_when_it_crashes() {
    let plane = Plane::serving();
    let services = ["governance", "platform", "node", "engine", "integration"];
    let mut pids: Vec<_> = services.iter().map(|service| plane.pid(service).unwrap()).collect();
    pids.push(plane.supervisor());
    let (_, body) = get(&format!("http://127.0.0.1:{}/healthz", plane.base + 8)).unwrap();
    let console: serde_json::Value = serde_json::from_str(&body).unwrap();
    pids.push(u32::try_from(console["pid"].as_u64().unwrap()).unwrap());
    for pid in pids {
        let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!((words[4], words[5]), ("0", "0"), "{pid}");
    }
}
