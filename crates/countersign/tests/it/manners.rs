//! The command line's manners: what it says before it does anything, and with which exit code.

use crate::plane::{EXE, PEOPLE, Plane, Ran};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Every file below a directory with its bytes; directories with none.
pub fn snapshot(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            found.append(&mut snapshot(&path));
            found.insert(path, vec![]);
        } else {
            found.insert(path.clone(), std::fs::read(&path).unwrap_or_default());
        }
    }
    found
}

impl Plane {
    /// Keys for everybody; nothing founded.
    pub fn with_keys() -> Self {
        let plane = Self::empty();
        for (name, _) in PEOPLE {
            plane.cli(&["key", "new", plane.key(name).to_str().unwrap()]).ok();
        }
        plane
    }

    fn founder(&self, name: &str, roles: &str) -> String {
        format!("{name}:{roles}:{}.pub", self.key(name).display())
    }

    /// `init` with these founders.
    pub fn init(&self, founders: &[(&str, &str)], more: &[&str]) -> Ran {
        let founders: Vec<_> = founders.iter().map(|(name, roles)| self.founder(name, roles)).collect();
        let mut args = vec!["init"];
        args.extend(founders.iter().flat_map(|founder| ["--founder", founder]));
        args.extend(more);
        self.cli(&args)
    }
}

/// Demands this exit code and these words.
pub fn refuses(ran: Ran, code: i32, words: &[&str]) -> Ran {
    assert_eq!(ran.code, code, "{ran:?}");
    for word in words {
        assert!(ran.stderr.contains(word), "`{word}` is not said: {}", ran.stderr);
    }
    ran
}

#[test]
fn serve_without_a_ledger_prints_the_line_that_founds_one() {
    let plane = Plane::empty();
    let refused = refuses(plane.cli(&["serve"]), 78, &["has no ledger", "countersign init --dir"]);
    assert!(refused.stderr.contains(&plane.dir().display().to_string()), "{}", refused.stderr);
    assert!(!plane.dir().exists(), "nothing is written");
    let verified = plane.cli(&["audit", "verify", "--json"]);
    assert_eq!((verified.code, &verified.json()["verdict"]["verdict"]), (3, &"inconclusive".into()));
}

#[test]
fn a_port_in_use_names_its_holder_and_a_line_that_works() {
    let plane = Plane::founded();
    let taken = TcpListener::bind(("127.0.0.1", plane.port("node"))).unwrap();
    let before = snapshot(&plane.dir());
    let base = plane.base.to_string();
    let refused = refuses(plane.cli(&["serve", "--base-port", &base]), 78, &["is held by process", "`--base-port "]);
    assert!(refused.stderr.contains(&format!("process {} (", std::process::id())), "{}", refused.stderr);
    assert!(refused.stderr.contains(&format!(":{} ", plane.port("node"))), "{}", refused.stderr);
    assert_eq!(snapshot(&plane.dir()), before, "nothing is written");
    // The demonstration is as careful, before it has a directory at all.
    let dir = plane.home.path().join("demo");
    let demo = Command::new(EXE).args(["demo", "--base-port", &base, "--dir"]).arg(&dir).output().unwrap();
    assert_eq!(demo.status.code(), Some(78), "{}", String::from_utf8_lossy(&demo.stderr));
    assert!(!dir.exists());
    drop(taken);
    // The line that works, as it is printed.
    let line = refused.stderr.split('`').nth(1).unwrap().replace("--base-port ", "");
    assert!(line.parse::<u16>().is_ok_and(|port| port > 1_024), "{line}");
}

#[test]
fn a_directory_that_is_not_ours_is_left_alone() {
    let plane = Plane::with_keys();
    std::fs::create_dir(plane.dir()).unwrap();
    let marker = plane.dir().join("countersign.json");
    for (file, text, words) in [
        ("notes.txt", "mine", "is not empty and not a data directory of countersign"),
        ("countersign.json", "{\"product\":\"other\",\"format\":1}", "has a marker that is not ours"),
        ("countersign.json", "{\"product\":\"countersign\",\"format\":2}", "has format 2, this build reads format 1"),
    ] {
        std::fs::write(plane.dir().join(file), text).unwrap();
        let before = snapshot(&plane.dir());
        for args in [&["serve"][..], &["demo"], &["demo", "--fresh"]] {
            refuses(plane.cli(args), 78, &[words, "choose another with `--dir DIR`"]);
        }
        refuses(plane.init(&PEOPLE, &[]), 78, &[words]);
        assert_eq!(snapshot(&plane.dir()), before, "nothing is written or deleted");
        std::fs::remove_file(plane.dir().join(file)).unwrap();
    }
    assert!(!marker.exists());
    std::fs::remove_dir(plane.dir()).unwrap();
    std::fs::write(plane.dir(), "a file").unwrap();
    refuses(plane.cli(&["serve"]), 78, &["is not a directory"]);
}

#[test]
fn a_directory_has_one_server() {
    let plane = Plane::serving();
    let base = (plane.base + 100).to_string();
    let pid = std::fs::read_to_string(plane.dir().join("serve.lock")).unwrap();
    let holder = format!("is already served by process {} (countersign)", pid.trim());
    for base in [&plane.base.to_string(), &base] {
        refuses(plane.cli(&["serve", "--base-port", base]), 78, &[&holder, "stop that one first"]);
    }
    // The real ledger is no demonstration, served or not.
    refuses(plane.cli(&["demo", "--fresh"]), 78, &["a ledger of real people"]);
    assert!(plane.dir().join("trust.json").exists());
    plane.cli(&["status"]).ok();
}

#[test]
fn a_founding_refuses_what_could_never_work() {
    let plane = Plane::with_keys();
    let operators = [("ada", "governance-operator"), ("ben", "governance-operator")];
    let none = |ran: Ran, code: i32, words: &[&str]| {
        refuses(ran, code, words);
        assert!(!plane.dir().exists(), "nothing is written");
    };
    none(plane.init(&[], &[]), 2, &["--founder NAME:ROLES:KEY.pub"]);
    none(plane.init(&[operators[0], PEOPLE[2]], &[]), 2, &["cannot approve a deployment", "Finance Reviewer"]);
    none(
        plane.init(&[operators[0], operators[1], PEOPLE[2]], &[]),
        2,
        &["cannot approve a rollback", "Support Auditor"],
    );
    // One person with every role is still one person.
    let all = "governance-operator,finance-reviewer,support-auditor";
    none(plane.init(&[("ada", all)], &[]), 2, &["other, distinct people"]);
    let twice = [PEOPLE[0], PEOPLE[0], PEOPLE[2], PEOPLE[3]];
    none(plane.init(&twice, &[]), 2, &["the key of another founder"]);
    none(plane.init(&[("ada", "king")], &[]), 2, &["king"]);
    none(plane.cli(&["init", "--founder", "Ada\nKing:governance-operator:ada.pub"]), 2, &["one line"]);
    none(plane.init(&PEOPLE, &["--need", "0"]), 2, &["--need is between 1 and 4"]);
    none(plane.init(&PEOPLE, &["--need", "5"]), 2, &["--need is between 1 and 4"]);
    let stranger = plane.home.path().join("stranger");
    let stranger = stranger.to_str().unwrap();
    plane.cli(&["key", "new", stranger]).ok();
    none(plane.init(&PEOPLE, &["--key", stranger]), 2, &["no founder's key"]);
    none(plane.cli(&["init", "sign", "--key", stranger]), 78, &["no genesis to sign", "countersign init --dir"]);
    none(plane.cli(&["init", "finish"]), 78, &["no genesis to sign"]);
    refuses(plane.cli(&["key", "new", stranger]), 2, &["is there already"]);
}

#[test]
fn a_founding_in_steps() {
    let plane = Plane::with_keys();
    let key = |name: &str| plane.key(name).display().to_string();
    let prepared = plane.init(&PEOPLE, &["--need", "2", "--json"]).ok().json();
    refuses(plane.init(&PEOPLE, &[]), 78, &["waits for signatures", "countersign init sign"]);
    refuses(plane.cli(&["serve"]), 78, &["waits for signatures", "countersign init finish --dir"]);
    refuses(plane.cli(&["demo"]), 78, &["a ledger of real people"]);
    refuses(plane.cli(&["demo", "--fresh"]), 78, &["a ledger of real people"]);
    let first = plane.cli(&["init", "sign", "--key", &key("di"), "--json"]).ok().json();
    assert_eq!((&first["signatures"], &first["needed"]), (&1.into(), &2.into()));
    assert_eq!(first["genesis"], prepared["genesis"], "what was signed is what was compared");
    // The same founder again counts once.
    let again = plane.cli(&["init", "sign", "--key", &key("di"), "--json"]).ok().json();
    assert_eq!(again["signatures"], 1);
    refuses(plane.cli(&["init", "finish"]), 5, &["1 of 2 founders have signed"]);
    let second = plane.cli(&["init", "sign", "--key", &key("ada")]).ok();
    // The next line is printed whole.
    let next = second.stdout.lines().find_map(|line| line.strip_prefix("next: countersign ")).unwrap();
    let trust = plane.cli(&next.split(' ').take(2).chain(["--json"]).collect::<Vec<_>>()).ok().json();
    assert_eq!(trust["genesis"], prepared["genesis"]);
    assert!(!plane.dir().join("genesis.json").exists(), "names do not stay readable");
    plane.verified();
    refuses(plane.init(&PEOPLE, &[]), 78, &["has a ledger already", "countersign serve --dir"]);
    refuses(plane.cli(&["init", "finish"]), 78, &["has a ledger already"]);
    refuses(plane.cli(&["init", "sign", "--key", &key("ada")]), 78, &["has a ledger already"]);
}

#[test]
fn a_console_on_another_machine_brings_its_own_key() {
    let plane = Plane::with_keys();
    let file = plane.home.path().join("console-key").display().to_string();
    let made = plane.cli(&["key", "new", &file, "--service", "--json"]).ok().json();
    refuses(plane.init(&PEOPLE, &["--service", &format!("browser:{file}.pub")]), 2, &["browser"]);
    plane.init(&PEOPLE, &["--service", &format!("console:{file}.pub")]).ok();
    let draft = std::fs::read(plane.dir().join("genesis.json")).unwrap();
    let draft: serde_json::Value = serde_json::from_slice(&draft).unwrap();
    assert_eq!(draft["genesis"]["roster"]["console"], made["value"]);
    assert!(!plane.dir().join("keys/console.key").exists(), "the private half is where it was made");
    assert!(plane.dir().join("keys/node.key").exists());
}

/// The subcommands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

fn help(path: &[String], flag: &str) -> String {
    let ran = Command::new(EXE).args(path).arg(flag).stdin(Stdio::null()).output().unwrap();
    assert!(ran.status.success() && ran.stderr.is_empty(), "{path:?}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn every_subcommand_has_a_help_that_says_something() {
    let mut paths = vec![vec![]];
    let mut seen = 0;
    while let Some(path) = paths.pop() {
        let text = help(&path, "--help");
        let about = text.lines().next().unwrap();
        assert!(about.len() > 8 && !about.starts_with("Usage"), "{path:?}: {text}");
        assert!(text.contains("Usage: countersign"), "{path:?}: {text}");
        // Every option and argument says what it is.
        let short = help(&path, "-h");
        let options = short.lines().skip_while(|line| *line != "Options:").skip(1).take_while(|line| !line.is_empty());
        // What it says stands beside it, or below where one of them is long.
        let options: Vec<_> = options.collect();
        for (n, line) in options.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with('-')) {
            let below =
                options.get(n + 1).is_some_and(|next| next.starts_with("        ") && !next.trim().starts_with('-'));
            assert!(line.trim().contains("  ") || below, "{path:?}: {line}");
        }
        paths.extend(listed(&text).into_iter().map(|name| [path.clone(), vec![name]].concat()));
        seen += 1;
    }
    assert!(seen >= 35, "only {seen} help texts were found");
    let root = help(&[], "--help");
    for code in ["  0 ", "  1 ", "  2 ", "  3 ", "  4 ", "  5 ", "  6 ", "  7 ", "  8 ", "  70 ", "  78 ", "  141 "] {
        assert!(root.contains(code), "exit code{code}is not said");
    }
    for hidden in ["confine", "storefront"] {
        assert!(!listed(&root).contains(&hidden.to_owned()));
    }
}

#[test]
fn exit_codes_and_json_are_as_they_are_said() {
    let mut plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &artifact]);
    let tar = plane.home.path().join("2026.02.tar");
    for args in [
        &["status"][..],
        &["version"],
        &["engine", "ls"],
        &["change", "ls"],
        &["change", "show", &change],
        &["audit", "ls", "--all"],
        &["audit", "show", "0"],
        &["audit", "verify"],
        &["artifact", "inspect", tar.to_str().unwrap()],
        &["artifact", "inspect", &artifact],
    ] {
        plane.cli(&[args, &["--json"]].concat()).ok().json();
        let words = plane.cli(args).ok();
        assert!(words.stdout.lines().count() > 0 && words.stderr.is_empty(), "{args:?}: {words:?}");
    }
    // A release that is held says of itself what its file says.
    let of = |release: &str| plane.cli(&["artifact", "inspect", release, "--json"]).ok().json();
    assert_eq!(of(&artifact), of(tar.to_str().unwrap()));
    refuses(plane.cli(&["artifact", "inspect", &"0".repeat(64)]), 5, &["artifact.not_found"]);
    let nobody = "00".repeat(16);
    refuses(plane.cli(&["no-such-command"]), 2, &["Usage"]);
    refuses(plane.cli(&["change", "approve", &change]), 2, &["--key"]);
    refuses(plane.cli(&["change", "show", "xyz"]), 2, &["xyz"]);
    for limit in ["0", "201", "1000"] {
        refuses(plane.cli(&["audit", "ls", "--limit", limit]), 2, &[limit, "1..=200"]);
    }
    refuses(plane.by("ada", &["change", "seal", &nobody]), 5, &["no change"]);
    refuses(plane.cli(&["change", "show", &nobody]), 5, &["(", ")"]);
    let unknown = plane.by("ada", &["change", "new", "--kind", "rollback", "--engine", "zulu"]);
    refuses(unknown, 5, &["no engine `zulu`", "POD Engine Alpha"]);
    refuses(
        plane.cli(&["publish", "gone.tar", "--name", "x", "--key", plane.key("ada").to_str().unwrap()]),
        2,
        &["gone.tar", "name one that is there", "(file.unreadable)"],
    );
    plane.stop();
    refuses(plane.cli(&["audit", "ls"]), 6, &["does not answer", "countersign status"]);
    // This machine's own verified copy knows the changes, and says from when.
    for args in [&["change", "ls"][..], &["change", "ls", "--json"]] {
        let copy = refuses(plane.cli(args), 0, &["Governance does not answer", "verified copy", "the newest of 20"]);
        assert!(copy.stdout.contains(&change[..8]), "{copy:?}");
    }
    refuses(plane.by("ada", &["change", "seal", &change]), 6, &["does not answer"]);
    let told = plane.cli(&["status", "--json"]);
    assert_eq!(told.code, 6, "{told:?}");
    let status = told.json();
    assert!(status.as_array().unwrap().iter().all(|row| row["health"] == "offline"), "{status}");
}

#[test]
fn a_key_is_made_under_a_bare_name_where_one_stands() {
    let dir = tempfile::tempdir().unwrap();
    let made = Command::new(EXE).current_dir(&dir).args(["key", "new", "ada"]).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(dir.path().join("ada").exists() && dir.path().join("ada.pub").exists());
}
