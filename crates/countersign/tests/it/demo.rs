//! The demonstration: one command, a contract in `demo.json`, printed lines that work, no trace left.

use crate::plane::{EXE, Plane, Ran, signal, until};
use crate::{shop, wire};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Building the world takes a while where a debug build shares its processors.
const BUILT_WITHIN: Duration = Duration::from_secs(240);
/// What an orderly end may take.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

/// The end of what it says when it is ready.
const LAST_LINE: &str = "started again it goes on where it was.";

/// A demonstration of its own, in a directory whose name needs quotes in a shell.
struct Demo {
    plane: Plane,
    dir: PathBuf,
    child: Option<Child>,
}

impl Demo {
    fn new() -> Self {
        let plane = Plane::empty();
        let dir = plane.home.path().join("my demo");
        Self { plane, dir, child: None }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(EXE);
        command.args(args).arg("--dir").arg(&self.dir).current_dir(self.plane.home.path()).stdin(Stdio::null());
        command.env_remove("COUNTERSIGN_DIR").env_remove("COUNTERSIGN_TOKEN").env_remove("SSH_AUTH_SOCK");
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command
    }

    fn cli(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    fn said(&self) -> String {
        fs::read_to_string(self.plane.home.path().join("demo.log")).unwrap_or_default()
    }

    /// Starts it and waits until it has said `word`.
    fn start(&mut self, more: &[&str], word: &str) {
        let log = File::create(self.plane.home.path().join("demo.log")).unwrap();
        let base = self.plane.base.to_string();
        let mut command = self.command(&[&["demo", "--base-port", &base], more].concat());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(command.spawn().unwrap());
        let started = Instant::now();
        while !self.said().contains(word) {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {ended:?}\n{}", self.said());
            assert!(started.elapsed() < BUILT_WITHIN, "`{word}` was not said\n{}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it in order; answers how, and how long that took.
    fn stop(&mut self) -> (ExitStatus, Duration) {
        let mut child = self.child.take().unwrap();
        let asked = Instant::now();
        signal(child.id(), "TERM");
        let status = child.wait().unwrap();
        (status, asked.elapsed())
    }

    fn file(&self) -> Value {
        serde_json::from_slice(&fs::read(self.dir.join("demo.json")).unwrap()).unwrap()
    }

    /// Processes that have anything to do with the directory.
    fn processes(&self) -> Vec<String> {
        let here = self.dir.display().to_string();
        let of = |pid: PathBuf| {
            let line = String::from_utf8_lossy(&fs::read(pid.join("cmdline")).ok()?).replace('\0', " ");
            let cwd = fs::read_link(pid.join("cwd")).unwrap_or_default();
            (line.contains(&here) || cwd.starts_with(&self.dir)).then(|| format!("{}: {line}", pid.display()))
        };
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| of(entry.path())).collect()
    }

    /// Every process of it is gone. The writer of a log ends by itself once what it served has ended.
    fn left_nothing(&self) {
        until("the last process of the demonstration to end", || self.processes().is_empty());
    }

    /// The lines it printed to be copied, in their order.
    fn printed(&self) -> Vec<String> {
        self.said().lines().map(str::trim).filter(|line| line.starts_with(EXE)).map(str::to_owned).collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that has ended by itself is not signalled: whose that number is by now nobody knows.
            if let Ok(None) = child.try_wait() {
                signal(child.id(), "TERM");
            }
            let _ = child.wait();
        }
        if self.dir.join("engine").exists() {
            let _ = engine::stop_all(&self.dir.join("engine"));
        }
    }
}

fn shell(line: &str) -> Ran {
    let mut command = Command::new("sh");
    command.args(["-c", line]).stdin(Stdio::null()).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    Ran::of(command.output().unwrap())
}

/// The shape of a value: texts, lists of one shape, and objects by their keys.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Value::Array(items) => {
            let shapes: Vec<_> = items.iter().map(shape).collect();
            assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "{value}");
            shapes.into_iter().take(1).collect()
        }
        Value::String(_) => "text".into(),
        other => panic!("a contract of texts alone holds {other}"),
    }
}

fn contract(demo: &Demo) {
    let file = demo.file();
    let text = "text";
    let services = json!({"governance": text, "platform": text, "node": text, "engine": text, "integration": text});
    let expected = json!({
        "console": text, "services": services, "engines": [{"name": text, "tenant": text, "url": text}],
        "log": {"origin": text, "vkey": text, "url": text}, "trust": text,
        "personas": [{"name": text, "person": text, "roles": [text], "key_file": text}],
        "tokens": {"read": text, "ingest": text},
    });
    assert_eq!(shape(&file), expected);
    let of = |value: &Value| value.as_str().unwrap().to_owned();
    for service in file["services"].as_object().unwrap().values() {
        let (status, health) = shop::get(&format!("{}/healthz", of(service))).unwrap();
        assert_eq!(status, 200, "{health}");
    }
    for engine in file["engines"].as_array().unwrap() {
        assert_eq!(shop::get(&format!("{}/", of(&engine["url"]))).unwrap().0, 200, "{engine}");
    }
    // The prefix of a tlog-tiles log, signed by the key that is named.
    let prefix = of(&file["log"]["url"]);
    assert!(prefix.ends_with('/'), "{prefix}");
    let note = wire::get(&format!("{prefix}checkpoint"), None);
    let note = signed_note::Note::from_bytes(&note).unwrap();
    let verifier = signed_note::StandardVerifier::new(&of(&file["log"]["vkey"])).unwrap();
    note.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert!(String::from_utf8_lossy(note.text()).starts_with(&format!("{}\n", of(&file["log"]["origin"]))));
    let trust: Value = serde_json::from_slice(&fs::read(of(&file["trust"])).unwrap()).unwrap();
    assert_eq!(trust["log_keys"][0], file["log"]["vkey"]);
    assert_eq!(file["personas"].as_array().unwrap().len(), 4);
    for persona in file["personas"].as_array().unwrap() {
        let key = of(&persona["key_file"]);
        assert!(Path::new(&key).is_absolute(), "{key}");
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600, "{key}");
    }
    assert_eq!(fs::metadata(demo.dir.join("demo.json")).unwrap().permissions().mode() & 0o777, 0o600);
}

/// `demo open` says what is in the way, and the line that helps.
fn nothing_runs(demo: &Demo, why: &str) {
    let refused = demo.cli(&["demo", "open"]);
    assert_eq!(refused.code, 78, "{refused:?}");
    assert!(refused.stderr.contains(why) && refused.stderr.contains("`countersign demo --dir "), "{refused:?}");
    assert!(refused.stdout.is_empty(), "{refused:?}");
}

/// The address it prints signs in as the first operator, and `demo open` prints another, for anybody.
fn ways_in(demo: &Demo) {
    let console = demo.file()["console"].as_str().unwrap().to_owned();
    let offers = |url: &str, name: &str| {
        let prefix = format!("{console}/sign-in/once/");
        assert!(url.starts_with(&prefix) && url.len() == prefix.len() + 64, "{url}");
        let host = url.split('/').nth(2).unwrap();
        let (status, page) = shop::get_at(&url.replace("localhost", "127.0.0.1"), host).unwrap();
        assert!(status == 200 && page.contains(&format!("Sign in as {name}</span>")), "{page}");
    };
    let said = demo.said();
    let printed = said.split_whitespace().find(|word| word.contains("/sign-in/once/")).expect("it prints one");
    assert!(said.contains("open this as Governance Operator 1 (good once, until "), "{said}");
    offers(printed, "Governance Operator 1");
    let open = |args: &[&str]| demo.cli(&[&["demo", "open"], args].concat());
    let again = open(&[]).ok();
    assert_ne!(again.stdout.trim(), printed);
    offers(again.stdout.strip_suffix('\n').unwrap(), "Governance Operator 1");
    for name in ["Finance Reviewer 1", "finance-reviewer-1", "FINANCE REVIEWER 1"] {
        offers(open(&["--as", name]).ok().stdout.trim(), "Finance Reviewer 1");
    }
    let json = open(&["--as", "Support Auditor 1", "--json"]).ok().json();
    offers(json["url"].as_str().unwrap(), "Support Auditor 1");
    assert_eq!(json["opened"], false, "there is no screen");
    let nobody = open(&["--as", "Mallory"]);
    assert!(nobody.code == 2 && nobody.stderr.contains("'Support Auditor 1'"), "{nobody:?}");
    // With its console stopped it says which line helps.
    demo.cli(&["demo", "stop", "console"]).ok();
    let stopped = open(&[]);
    assert!(stopped.code == 78 && stopped.stderr.contains("`countersign demo start console --dir "), "{stopped:?}");
    demo.cli(&["demo", "start", "console"]).ok();
    until("the console to be back", || open(&[]).code == 0);
}

fn tokens(demo: &Demo) {
    let file = demo.file();
    let governance = file["services"]["governance"].as_str().unwrap();
    let (read, ingest) = (file["tokens"]["read"].as_str().unwrap(), file["tokens"]["ingest"].as_str().unwrap());
    let event = json!({"id": "build-1", "source": "ci.build", "kind": "pipeline.finished", "category": "reported",
        "severity": "high", "title": "the pipeline says hello"});
    let changes = format!("{governance}/v1/changes");
    assert_eq!(wire::send("GET", &changes, Some(read), b"").0, 200);
    assert_eq!(wire::send("GET", &changes, Some(ingest), b"").0, 403, "who sends does not read");
    let events = format!("{governance}/v1/events");
    assert_eq!(wire::post(&events, Some(read), &event).0, 403, "who reads does not send");
    let (status, recorded) = wire::post(&events, Some(ingest), &event);
    assert_eq!((status, recorded.as_array().map(Vec::len)), (200, Some(1)), "{recorded}");
    let listed = demo.cli(&["audit", "ls", "--all"]).ok();
    assert!(listed.stdout.contains("the pipeline says hello"), "{}", listed.stdout);
}

fn printed_lines(demo: &Demo) {
    let lines = demo.printed();
    let verbs =
        ["demo open", "change run", "change new", "change seal", "change approve", "change approve", "change run"];
    let rest = ["audit verify", "demo stop engine", "demo start engine"];
    assert_eq!(lines.len(), verbs.len() + rest.len(), "{lines:?}");
    let alpha = demo.plane.shop_port(0);
    assert_eq!(shop::release(alpha).as_deref(), Some("2026.02"));
    let mut change = String::new();
    for (line, verb) in lines.iter().zip(verbs.into_iter().chain(rest)) {
        assert!(line.contains(verb), "{line}");
        let ran = shell(&line.replace("CHANGE", &change)).ok();
        match verb {
            "change new" => {
                let id = |word: &&str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
                ran.stdout.split_whitespace().find(id).expect("the change is named").clone_into(&mut change);
                assert_eq!(shop::release(alpha).as_deref(), Some("2026.03.1"));
            }
            "audit verify" => assert!(ran.stdout.starts_with("verified"), "{}", ran.stdout),
            "demo stop engine" => {
                let told = demo.cli(&["status", "--json"]);
                assert_eq!(told.code, 6, "a script hears of the outage: {told:?}");
                let status = told.json();
                let engine = status.as_array().unwrap().iter().find(|row| row["service"] == "engine").unwrap();
                assert_eq!(engine["health"], "offline", "{status}");
                assert_eq!(shop::release(alpha).as_deref(), Some("2026.02"), "the shop still sells");
            }
            "demo start engine" => until("Engine Runtime to be back", || {
                let status = demo.cli(&["status", "--json"]).json();
                status.as_array().unwrap().iter().all(|row| row["health"] == "live")
            }),
            _ => {}
        }
    }
}

#[test]
fn one_command_shows_it_all_and_leaves_nothing_behind() {
    let mut demo = Demo::new();
    nothing_runs(&demo, "holds no demonstration");
    demo.start(&[], LAST_LINE);
    for word in ["ready after ", "This is a demonstration"] {
        assert!(demo.said().contains(word), "{}", demo.said());
    }
    contract(&demo);
    ways_in(&demo);
    tokens(&demo);
    printed_lines(&demo);

    let pid = demo.child.as_ref().unwrap().id();
    for args in [&["demo"][..], &["demo", "--fresh"], &["serve"]] {
        let refused = demo.cli(args);
        assert_eq!(refused.code, 78, "{refused:?}");
        assert!(refused.stderr.contains(&format!("already served by process {pid} ")), "{refused:?}");
    }
    assert!(demo.dir.join("demo.json").exists());

    let (status, took) = demo.stop();
    assert!(status.success(), "{status:?}: {}", demo.said());
    assert!(took < STOPPED_WITHIN, "{took:?}");
    demo.left_nothing();
    assert_eq!(shop::release(demo.plane.shop_port(0)), None);
    nothing_runs(&demo, "does not run");

    // Started again, it goes on where it was: the same ledger, tokens and releases, no step twice.
    let before = demo.file();
    demo.start(&[], LAST_LINE);
    let again = demo.file();
    assert_eq!(again, before);
    assert_eq!(shop::release(demo.plane.shop_port(0)).as_deref(), Some("2026.02"));
    let said = demo.said();
    let steps = said.split("ready after").next().unwrap();
    for step in
        ["founding", "register ", "publish ", "lease for ", "put the terms", "deploy ", "draft ", "stage ", "seal "]
    {
        assert!(!steps.contains(step), "it says `{step}` and does nothing: {said}");
    }
    let changes = demo.cli(&["change", "ls", "--json"]).ok().json();
    let mut kinds: Vec<_> = changes.as_array().unwrap().iter().map(|change| change["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    let deployments = ["deployment"; 4];
    let leases = ["lease-grant"; 3];
    let expected = [&deployments[..], &leases, &["rollback"; 2], &["settings-change"]].concat();
    assert_eq!(kinds, expected, "two baselines, one ready, one blocked; {changes}");
    // A signal right behind the last line is heard.
    let (status, took) = demo.stop();
    assert!(status.success() && took < STOPPED_WITHIN, "{status:?} {took:?}");
    demo.left_nothing();

    // Fresh: another ledger; and a signal while it is being built ends it as well.
    fs::write(demo.dir.join("left.txt"), "over").unwrap();
    demo.start(&["--fresh"], "wait for the five services");
    let (status, took) = demo.stop();
    assert!(status.success() && took < STOPPED_WITHIN, "{status:?} {took:?}");
    demo.left_nothing();
    assert!(!demo.dir.join("left.txt").exists());
    let trust: Value = serde_json::from_slice(&fs::read(demo.dir.join("trust.json")).unwrap()).unwrap();
    assert_ne!(trust["log_keys"][0], before["log"]["vkey"]);
}

#[test]
fn a_damaged_service_file_is_named_and_the_shops_go_on() {
    let mut demo = Demo::new();
    demo.start(&[], LAST_LINE);
    assert!(demo.stop().0.success());
    let key = demo.dir.join("keys/node.key");
    let whole = fs::read(&key).unwrap();
    fs::write(&key, "damaged").unwrap();
    demo.start(&[], "this goes on by itself");
    let said = demo.said();
    for word in ["Node Runtime ends again and again", "keys/node.key is not what it should be", "logs/node.log"] {
        assert!(said.contains(word), "{said}");
    }
    let shop = demo.plane.shop_port(0);
    until("the shop to serve beside it", || shop::release(shop).as_deref() == Some("2026.02"));
    fs::write(&key, whole).unwrap();
    until("the demonstration to be whole again", || demo.said().contains(LAST_LINE));
    assert!(demo.stop().0.success());
    demo.left_nothing();
}

/// Elsewhere a clock so far past the last entry needs a person's word; who starts a demonstration again by hand
/// means it.
#[test]
fn a_week_after_its_last_entry_it_goes_on() {
    let plane = Plane::empty();
    let mut demo = Demo { dir: plane.dir(), plane, child: None };
    demo.start(&[], "wait for the five services");
    demo.stop();
    // Founded eight days ago, and not looked at since: only its clock has stamped the first entry.
    let mut first = demo.plane.entries().remove(0);
    let mut leaf = control::Leaf::decode(&first.leaf).unwrap();
    leaf.now = leaf.now.plus_millis(-8 * 24 * 3_600_000);
    first.leaf = leaf.encode().unwrap();
    demo.plane.rewrite(&[first]);
    for replica in fs::read_dir(&demo.dir).unwrap().map(|entry| entry.unwrap().path().join("replica")) {
        if replica.exists() {
            fs::remove_dir_all(replica).unwrap();
        }
    }
    demo.start(&[], LAST_LINE);
    assert!(demo.stop().0.success(), "{}", demo.said());
}
