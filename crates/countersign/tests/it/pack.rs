//! Packing a directory of one's own, and what is said of it.

use crate::plane::{EXE, Ran};
use serde_json::json;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A directory of a program of one's own.
struct Own {
    dir: TempDir,
}

const SAYS: &str = r#"product = "notes"
version = "1.0.0"
entry = "start.sh"
args = ["--listen", "{listen}", "--name=Élan & Söhne"]
outbound = [5432]
start_within_ms = { least = 5000, usual = 20000, most = 60000 }
memory_mib = 128

[health]
path = "/health"

[[variables]]
key = "WORKERS"
bounds = { least = 1, most = 8 }

[[variables]]
key = "DATABASE_URL"
required = true
secret = true
"#;

impl Own {
    fn new() -> Self {
        let own = Self { dir: TempDir::new().unwrap() };
        fs::create_dir_all(own.at("app/.git")).unwrap();
        own.write("countersign.toml", SAYS);
        own.write("start.sh", "#!/bin/sh\nexec sleep 1\n");
        own.write("Größe 1.html", "<p>");
        own.write(".git/config", "");
        fs::set_permissions(own.at("app/start.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("Größe 1.html", own.at("app/index.html")).unwrap();
        own
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.at("app").join(path), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Ran {
        Ran::of(Command::new(EXE).args(args).current_dir(self.dir.path()).output().unwrap())
    }

    /// Packs it and demands that it is refused with these words.
    fn refused(&self, more: &[&str], words: &[&str]) {
        let ran = self.run(&[&["artifact", "pack", "app", "-o", "out.tar"], more].concat());
        assert_ne!(ran.code, 0, "{ran:?}");
        for word in words {
            assert!(ran.stderr.contains(word), "`{word}` is not said: {}", ran.stderr);
        }
        assert!(!self.at("out.tar").exists(), "{ran:?}");
    }
}

#[test]
fn a_directory_is_packed_as_its_file_says_and_inspected_and_verified() {
    let own = Own::new();
    let packed = own.run(&["artifact", "pack", "app", "--json"]).ok().json();
    assert_eq!(packed["tar"], "notes-1.0.0.tar");
    assert_eq!(packed["left_out"], json!([".git", "countersign.toml"]));
    let manifest = &packed["manifest"];
    assert_eq!(
        manifest["program"]["entry"]["args"],
        json!([{"fixed": "--listen"}, "listen", {"fixed": "--name=Élan & Söhne"}])
    );
    assert_eq!(manifest["program"]["health"], json!({"path": "/health", "answer": "plain"}));
    assert_eq!(
        manifest["program"]["profile"],
        json!({
            "runtime": "web", "memory_mib": {"least": 128, "usual": 128, "most": 128}, "storage_mib": 1024,
            "start_within_ms": {"least": 5000, "usual": 20000, "most": 60000}, "outbound": [5432],
            "needs": [
                {"key": "DATABASE_URL", "required": true, "secret": true},
                {"key": "WORKERS", "required": false, "secret": false, "bounds": {"least": 1, "most": 8}},
            ],
        })
    );
    let names: Vec<_> = manifest["files"].as_array().unwrap().iter().map(|file| file["path"].clone()).collect();
    assert_eq!(names, [json!("Größe 1.html"), json!("index.html"), json!("start.sh")]);

    let inspected = own.run(&["artifact", "inspect", "notes-1.0.0.tar", "--json"]).ok().json();
    assert_eq!((&inspected["artifact"], &inspected["manifest"]), (&packed["artifact"], manifest));
    let text = own.run(&["artifact", "inspect", "notes-1.0.0.tar"]).ok().stdout;
    for words in [
        "notes 1.0.0",
        "starts    start.sh --listen {listen} --name=Élan & Söhne",
        "within    20000 ms, between 5000 and 60000",
        "reads     DATABASE_URL (required, secret)",
        "reads     WORKERS (optional, 1 to 8)",
        "connects  to port 5432",
        "Größe 1.html",
    ] {
        assert!(text.contains(words), "`{words}`: {text}");
    }
    let digest = packed["artifact"].as_str().unwrap();
    own.run(&["artifact", "verify", "notes-1.0.0.tar", "--expect", digest]).ok();
    let other = own.run(&["artifact", "verify", "notes-1.0.0.tar", "--expect", &"0".repeat(64)]);
    assert!(other.code != 0 && other.stderr.contains(digest), "{other:?}");
    let mut bytes = fs::read(own.at("notes-1.0.0.tar")).unwrap();
    let last = bytes.iter().rposition(|byte| *byte == b'p').unwrap();
    bytes[last] ^= 1;
    fs::write(own.at("damaged.tar"), bytes).unwrap();
    let damaged = own.run(&["artifact", "verify", "damaged.tar"]);
    assert!(damaged.code != 0, "{damaged:?}");
    // A package that lies in the directory is no part of the next one.
    for _ in 0..2 {
        let again = own.run(&["artifact", "pack", "app", "-o", "app/notes.tar", "--json"]).ok().json();
        assert_eq!(again["artifact"], packed["artifact"]);
    }
}

#[test]
fn an_earlier_package_in_the_directory_is_no_part_of_the_next() {
    let own = Own::new();
    let pack = |version: &str| {
        let mut command = Command::new(EXE);
        command.args(["artifact", "pack", ".", "--json", "--version", version]).current_dir(own.at("app"));
        Ran::of(command.output().unwrap()).ok().json()
    };
    let first = pack("1.0.0");
    assert!(own.at("app/notes-1.0.0.tar").exists());
    let second = pack("2.0.0");
    assert_eq!(first["manifest"]["files"], second["manifest"]["files"]);
    assert_eq!(second["left_out"], json!([".git", "countersign.toml", "notes-1.0.0.tar"]));
}

#[test]
fn options_say_it_in_the_files_place_and_need_no_file() {
    let own = Own::new();
    let args = ["artifact", "pack", "app", "-o", "o.tar", "--json", "--version", "2", "--memory-mib", "64"];
    let more = ["--arg", "{port}", "--health", "/", "--health-answer", "release", "--leave-out", "index.html"];
    let packed = own.run(&[&args[..], &more].concat()).ok().json();
    let (manifest, program) = (&packed["manifest"], &packed["manifest"]["program"]);
    assert_eq!((&manifest["product"], &manifest["version"]), (&json!("notes"), &json!("2")));
    assert_eq!(program["entry"]["args"], json!(["port"]));
    assert_eq!(program["health"], json!({"path": "/", "answer": "release"}));
    assert_eq!(program["profile"]["memory_mib"]["usual"], 64);
    assert_eq!(packed["left_out"], json!([".git", "countersign.toml", "index.html"]));
    fs::remove_file(own.at("app/countersign.toml")).unwrap();
    let args = ["artifact", "pack", "app", "--product", "p", "--version", "1", "--entry", "start.sh", "--json"];
    assert_eq!(own.run(&args).ok().json()["tar"], "p-1.tar");
    let theme = own.run(&["artifact", "pack", "app", "--kind", "theme", "--product", "t", "--version", "1", "--json"]);
    assert!(theme.ok().json()["manifest"].get("program").is_none());
    let shown = own.run(&["artifact", "inspect", "t-1.tar"]).ok().stdout;
    assert!(shown.contains("files alone"), "{shown}");
}

#[test]
fn what_looks_private_is_packed_only_where_it_is_named() {
    let own = Own::new();
    for (name, text) in [
        (".env", "PASSWORD=planted"),
        ("tls.key", "planted"),
        ("id_ed25519", "planted"),
        ("shop.sqlite-wal", "planted"),
        ("server.pem", "-----BEGIN PRIVATE KEY-----\nplanted\n"),
    ] {
        own.write(name, text);
        own.refused(&[], &["package.private_file", &format!("`{name}` may hold"), &format!("--leave-out '{name}'")]);
        let with = own.run(&["artifact", "pack", "app", "-o", "with.tar", "--json", "--include", name]).ok().json();
        let holds = |packed: &serde_json::Value| {
            packed["manifest"]["files"].as_array().unwrap().iter().any(|file| file["path"] == name)
        };
        assert!(holds(&with));
        let without = own.run(&["artifact", "pack", "app", "-o", "without.tar", "--json", "--leave-out", name]);
        assert!(!holds(&without.ok().json()));
        fs::remove_file(own.at("app").join(name)).unwrap();
    }
    // Certificates alone are everybody's, and so is the public half of a key.
    own.write("roots.pem", "-----BEGIN CERTIFICATE-----\n");
    own.write("id_ed25519.pub", "ssh-ed25519");
    own.run(&["artifact", "pack", "app", "-o", "out.tar"]).ok();
    fs::remove_file(own.at("out.tar")).unwrap();
    fs::create_dir(own.at("app/.ssh")).unwrap();
    own.write(".ssh/config", "");
    own.refused(&[], &["`.ssh/config` may hold"]);
    own.write("countersign.toml", &format!("include = [\".ssh\"]\n{SAYS}"));
    own.run(&["artifact", "pack", "app", "-o", "out.tar"]).ok();
}

#[test]
fn what_a_file_says_wrong_is_named_with_its_line_and_what_to_do() {
    let own = Own::new();
    let cases: [(&str, &str, &[&str]); 13] = [
        ("product = \"notes\"", "product = \"my notes\"", &["countersign.toml:1: the product", "A-Z a-z 0-9"]),
        ("version = \"1.0.0\"\n", "", &["nothing says the version", "--version"]),
        ("version = \"1.0.0\"", "version = ", &["countersign.toml:2"]),
        ("memory_mib = 128", "memory = 128", &["countersign.toml:7", "unknown field `memory`", "memory_mib"]),
        ("memory_mib = 128", "memory_mib = \"128\"", &["countersign.toml:7", "whole number"]),
        ("memory_mib = 128", "memory_mib = 0", &["memory is not"]),
        ("\"{listen}\"", "\"--bind={listen}\"", &["countersign.toml:4", "an argument of its own"]),
        ("entry = \"start.sh\"\n", "", &["nothing says what starts", "--kind theme"]),
        ("entry = \"start.sh\"", "entry = \"../start.sh\"", &["countersign.toml:3", "`..`"]),
        ("entry = \"start.sh\"", "entry = \"go.sh\"", &["`go.sh` is not among its files"]),
        ("entry = \"start.sh\"", "entry = \"index.html\"", &["index.html", "cannot start", "#!/bin/sh"]),
        ("\"WORKERS\"", "\"LD_PRELOAD\"", &["countersign.toml:13", "LD_"]),
        (
            "entry = \"start.sh\"",
            "kind = \"theme\"\nentry = \"start.sh\"",
            &["countersign.toml:4", "nothing starts from it"],
        ),
    ];
    for (before, after, words) in cases {
        assert!(SAYS.contains(before), "{before}");
        own.write("countersign.toml", &SAYS.replacen(before, after, 1));
        own.refused(&[], words);
    }
    own.write("countersign.toml", SAYS);
    own.write("start.sh", "#!/bin/sh\r\nexec sleep 1\r\n");
    own.refused(&[], &["carriage returns"]);
    own.write("start.sh", "#!/bin/sh\n");
    fs::set_permissions(own.at("app/start.sh"), fs::Permissions::from_mode(0o644)).unwrap();
    own.refused(&[], &["`start.sh` cannot start: it is not executable", "chmod +x"]);
    own.refused(&["--entry", "start.sh", "--arg", "a\nb"], &["--arg: an argument"]);
    symlink("/etc/passwd", own.at("app/users")).unwrap();
    own.refused(&[], &["the link `users` leads out", "copy"]);
    let nowhere = own.run(&["artifact", "pack", "nowhere", "-o", "x.tar"]);
    assert!(nowhere.code == 2 && nowhere.stderr.contains("name the directory that holds the program"), "{nowhere:?}");
}
