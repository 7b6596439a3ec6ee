//! Several commands of one data directory at once, and what a command says while it waits.

use crate::plane::{PATIENCE, Plane, Ran, signal, until};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Instant;

/// A service that hangs: it takes connections and answers none. Goes on when this is dropped.
struct Hanging(u32);

impl Hanging {
    fn of(plane: &Plane, service: &str) -> Self {
        let pid = plane.pid(service).expect("the service answers");
        signal(pid, "STOP");
        Self(pid)
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        signal(self.0, "CONT");
    }
}

/// A command in another terminal.
struct Terminal {
    child: Child,
    out: mpsc::Receiver<String>,
    err: mpsc::Receiver<String>,
}

/// Its lines as they come.
fn lines(pipe: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

impl Terminal {
    fn open(plane: &Plane, who: &str, args: &[&str]) -> Self {
        let key = plane.key(who).display().to_string();
        let mut command = plane.command(&[args, &["--key", &key]].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, out, err }
    }

    /// The next line in which this stands.
    fn line(from: &mpsc::Receiver<String>, word: &str) -> String {
        let (deadline, mut before) = (Instant::now() + PATIENCE, vec![]);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = from.recv_timeout(left).unwrap_or_else(|error| panic!("{error}: no `{word}` in {before:?}"));
            if line.contains(word) {
                return line;
            }
            before.push(line);
        }
    }

    fn is_open(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    fn end(mut self) -> Ran {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        let text = |lines: mpsc::Receiver<String>| lines.iter().collect::<Vec<_>>().join("\n");
        Ran { code, stdout: text(self.out), stderr: text(self.err) }
    }
}

/// `(since 2026-…Z, 12 s)`
fn says_since_when(line: &str) {
    let since = line.split("(since ").nth(1).unwrap_or_else(|| panic!("not since when: {line}"));
    let (instant, elapsed) = since.split_once(", ").unwrap();
    assert!(instant.parse::<model::Instant>().is_ok(), "{line}");
    assert!(elapsed.trim_end_matches(" s)").parse::<u64>().is_ok(), "{line}");
}

#[test]
fn the_brake_works_while_another_terminal_follows_a_run() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.approved_deployment(engine, &artifact);
    let other = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &artifact]);
    plane.all_signed_in();
    let hanging = Hanging::of(&plane, "engine");
    let mut follows = Terminal::open(&plane, "ben", &["change", "run", &change]);
    let status = || plane.cli(&["change", "show", &change, "--json"]).ok().json()["status"].clone();
    until("the run to be recorded", || status() == "executing");

    let waits = Terminal::line(&follows.err, "Engine Runtime");
    assert!(waits.contains("waiting for Engine Runtime, which does not answer"), "{waits}");
    says_since_when(&waits);
    plane.by("di", &["change", "hold", &change, "--reason", "the engine hangs"]).ok();
    plane.by("ada", &["change", "cancel", &other]).ok();
    plane.by("di", &["token", "new", "--scope", "read"]).ok();
    plane.publish("2026.03.1");
    // At the very same time, too: they take turns where they write.
    let terminals: Vec<_> =
        (0..4).map(|n| Terminal::open(&plane, "ada", &["tenant", "new", &format!("Tenant {n}")])).collect();
    for terminal in terminals {
        let ran = terminal.end();
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert!(follows.is_open(), "it follows all the while");
    plane.by("di", &["change", "release", &change]).ok();
    drop(hanging);
    let ran = follows.end();
    assert!(ran.code == 0 && ran.stdout.contains(&format!("effective {change}")), "{ran:?}");
    plane.verified();
}

#[test]
fn a_draft_is_named_at_once_and_who_is_waited_for() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let hanging = Hanging::of(&plane, "engine");
    let args = ["change", "new", "--kind", "deployment", "--engine", engine, "--artifact", &artifact];
    let mut opens = Terminal::open(&plane, "ada", &args);
    let opened = Terminal::line(&opens.out, "opened");
    let change = opened.split_whitespace().nth(1).unwrap().to_owned();
    let waits = Terminal::line(&opens.err, "waiting");
    assert!(waits.contains("waiting for Engine Runtime, which does not answer"), "{waits}");
    says_since_when(&waits);
    assert!(opens.is_open());
    assert_eq!(plane.cli(&["change", "show", &change, "--json"]).ok().json()["status"], "draft");
    drop(hanging);
    let ran = opens.end();
    assert!(ran.code == 0 && ran.stdout.contains("change seal"), "{ran:?}");
}
