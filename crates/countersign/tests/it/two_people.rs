//! What takes two people is told as asked by the first and as done by the second; and what `change show`
//! offers is a command line that works.

use crate::plane::{Plane, Ran, signal};

impl Plane {
    /// What `change show` offers of this verb, with somebody's key in place of KEY.
    fn offered(&self, change: &str, verb: &str, who: &str) -> String {
        let shown = self.cli(&["change", "show", change]).ok().stdout;
        let (_, next) = shown.split_once("\nnext\n").unwrap_or_else(|| panic!("nothing is offered: {shown}"));
        let line = next.lines().map(str::trim).find(|line| line.starts_with(&format!("countersign change {verb} ")));
        let line = line.unwrap_or_else(|| panic!("{verb} is not offered: {shown}"));
        line.replace(" --key KEY", &format!(" --key {}", self.key(who).display()))
    }

    /// A line as a shell runs it.
    fn pasted(&self, line: &str) -> Ran {
        let line = line.replacen("countersign", crate::plane::EXE, 1);
        let ran = std::process::Command::new("sh").args(["-c", &line]).current_dir(self.home.path()).output();
        Ran::of(ran.unwrap())
    }
}

#[test]
fn what_two_people_must_say_is_asked_by_the_first_and_done_by_the_second() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let artifact = plane.publish("2026.02");
    let change = plane.approved_deployment(engine, &artifact);
    let runtime = plane.pid("engine").unwrap();
    signal(runtime, "STOP");
    plane.by("ben", &["change", "run", &change, "--no-wait"]).ok();
    plane.pasted(&plane.offered(&change, "hold", "di")).ok();

    let first = plane.pasted(&plane.offered(&change, "abort", "cy")).ok();
    assert!(first.stdout.contains(&format!("asked to abort {change}")), "{first:?}");
    assert!(first.stdout.contains("not in effect yet: it waits for a second person to say the same"), "{first:?}");
    let shown = plane.cli(&["change", "show", &change]).ok().stdout;
    assert!(shown.contains("asked        abort, by cy") && shown.contains("Executing"), "{shown}");
    let release = plane.offered(&change, "release", "di");
    let second = plane.pasted(&plane.offered(&change, "abort", "di")).ok();
    assert!(second.stdout.contains(&format!("aborted {change}")), "{second:?}");
    assert!(!second.stdout.contains("asked") && !second.stdout.contains("not in effect"), "{second:?}");
    // What was offered before is refused by name now, and a copy is offered in its place.
    let late = plane.pasted(&release);
    assert!(late.code == 5 && late.stderr.contains("change.ended") && !late.stderr.contains("recorded as"), "{late:?}");
    signal(runtime, "CONT");
    plane.pasted(&plane.offered(&change, "new", "ada")).ok();

    let suspend = |who: &str| {
        let key = plane.key(who).display().to_string();
        plane.cli(&["person", "suspend", "cy", "--reason", "lost", "--key", &key]).ok().stdout
    };
    let (asked, done) = (suspend("ada"), suspend("di"));
    assert!(asked.contains("asked to suspend") && !asked.contains("suspended the key"), "{asked}");
    assert!(done.contains("suspended the key"), "{done}");
    plane.verified();
}

#[test]
fn a_step_that_failed_is_shown_with_its_cause_and_what_the_process_said() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let broken = plane.publish_broken("\"healthy\": \"no\"");
    let change = plane.approved_deployment(engine, &broken);
    let key = plane.key("ben").display().to_string();
    let run = plane.cli(&["change", "run", &change, "--key", &key]);
    assert_eq!(run.code, 5, "{run:?}");
    let shown = plane.cli(&["change", "show", &change]).ok();
    let code = plane.cli(&["change", "show", &change, "--json"]).ok().json();
    let code = code["steps"].as_array().unwrap().iter().find_map(|step| step["trouble"].as_str()).unwrap().to_owned();
    // Not said twice to a person who reads both.
    assert!(run.stderr.contains("the change is failed") && !run.stderr.contains("did not succeed"), "{run:?}");
    for said in [&run.stdout, &shown.stdout] {
        assert!(said.contains(&format!("did not succeed, {code}: ")), "{code}: {said}");
        assert!(said.contains("\n  | ") && said.contains("all of it: countersign audit show "), "{said}");
    }
}
