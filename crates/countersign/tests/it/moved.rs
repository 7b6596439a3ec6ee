//! One decides about the package one read: pasted later, when there is another one, nothing is signed.

use crate::plane::{EXE, Plane, Ran};
use std::process::{Command, Stdio};

impl Plane {
    /// The line that says `verb` as `change show` prints it.
    fn line(&self, change: &str, verb: &str) -> String {
        let shown = self.cli(&["change", "show", change]).ok();
        let start = format!("countersign change {verb} ");
        let line = shown.stdout.lines().map(str::trim).find(|line| line.starts_with(&start));
        line.unwrap_or_else(|| panic!("no {verb}: {}", shown.stdout)).to_owned()
    }

    /// Runs a line as somebody pastes it into a shell.
    fn paste(&self, who: &str, line: &str) -> Ran {
        let key = self.key(who).display().to_string();
        let line = line.replacen("countersign", EXE, 1).replace("KEY", &key).replace("WHY", "'not this week'");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).stdin(Stdio::null()).env_remove("COUNTERSIGN_DIR");
        Ran::of(shell.output().unwrap())
    }

    fn read(&self, change: &str) -> String {
        let view = self.cli(&["change", "show", change, "--json"]).ok().json();
        view["package"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_line_is_about_the_package_it_was_printed_with() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let (old, new) = (plane.publish("2026.02"), plane.publish("2026.03.1"));
    let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &old]);
    plane.all_signed_in();
    plane.paste("ada", &plane.line(&change, "seal")).ok();
    let (approve, reject) = (plane.line(&change, "approve"), plane.line(&change, "reject"));
    let first = plane.read(&change);

    plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &new, "--change", &change]);
    plane.by("ada", &["change", "seal", &change]).ok();
    let second = plane.read(&change);
    let size = plane.control_size();
    for line in [approve, reject] {
        let moved = plane.paste("ben", &line).refused("change.moved");
        for words in ["another one than you were shown: revision 2, fingerprint", &second[..4], "read it again"] {
            assert!(moved.stderr.contains(words), "{moved:?}");
        }
        assert!(moved.stdout.is_empty(), "nothing is shown as about to be signed: {moved:?}");
    }
    for verb in ["seal", "approve", "run", "withdraw", "hold", "release", "cancel"] {
        plane.by("ben", &["change", verb, &change, "--package", &first]).refused("change.moved");
    }
    for bad in ["", "1234567", "not a fingerprint", &second[..7]] {
        let usage = plane.by("ben", &["change", "approve", &change, "--package", bad]);
        assert!(usage.code == 2 && usage.stderr.contains("16 to 64 hexadecimal digits"), "{usage:?}");
    }
    assert_eq!(plane.control_size(), size, "nothing was signed");

    plane.paste("ben", &plane.line(&change, "approve")).ok();
    plane.by("cy", &["change", "approve", &change, "--package", &second[..16]]).ok();
    plane.paste("ada", &plane.line(&change, "run")).ok();
    let ended = plane.cli(&["change", "show", &change, "--json"]).ok().json();
    assert_eq!(ended["status"], "effective", "{ended}");
    plane.verified();
}
