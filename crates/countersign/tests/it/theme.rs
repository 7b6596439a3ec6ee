//! `theme check`: what a designer sees before anything is published.

use crate::plane::{EXE, Ran};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

fn checked(dir: &Path, more: &[&str]) -> Ran {
    Ran::of(Command::new(EXE).args(["theme", "check"]).arg(dir).args(more).output().unwrap())
}

fn unpack(version: &str, dir: &Path) {
    let shipped = storefront::themes().into_iter().find(|theme| theme.version == version).unwrap();
    for (path, bytes) in shipped.files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_theme_is_told_file_by_file() {
    let dir = tempfile::tempdir().unwrap();
    unpack("2026.03", dir.path());
    let told = checked(dir.path(), &[]).ok().stdout;
    assert!(told.contains("brand/mark.png") && told.contains("160 × 160") && told.contains("a theme: "), "{told}");
    let document = checked(dir.path(), &["--json"]).ok().json();
    assert_eq!(document["theme"], true);
    assert_eq!(document["summary"]["sheets"], json!(["theme.css", "cart.css"]));
    assert_eq!((&document["summary"]["images"], &document["summary"]["fonts"]), (&json!(2), &json!(2)));
}

#[test]
fn what_hides_something_is_listed_for_those_who_look() {
    let dir = tempfile::tempdir().unwrap();
    unpack("2026.02", dir.path());
    let told = checked(dir.path(), &[]).ok().stdout;
    assert!(told.contains("look at theme.css:") && told.contains(": `display: none` hides what it selects"), "{told}");
    assert_eq!(checked(dir.path(), &["--json"]).ok().json()["summary"]["hides"][0]["what"], "display: none");
}

#[test]
fn each_fault_is_a_line_with_its_place_and_the_command_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    unpack("2026.02", dir.path());
    fs::write(dir.path().join("theme.css"), "a {\n  background: url(https://evil.example/x.png);\n}\n").unwrap();
    fs::write(dir.path().join("a\u{ad}[2J.png"), b"x").unwrap();
    fs::write(dir.path().join("brand/seal.png"), b"<svg onload=alert(1)>").unwrap();
    let told = checked(dir.path(), &[]);
    assert_eq!(told.code, 5, "{told:?}");
    let lines: Vec<_> =
        told.stdout.lines().map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(": ")).collect();
    assert_eq!(lines, ["a\\u{ad}[2J.png: file.name", "brand/seal.png:byte 0: file.magic", "theme.css:2:15: css.url"]);
    assert!(
        told.stderr.contains("is no theme: 3 faults; mend what is listed and check again (theme.refused)"),
        "{told:?}"
    );
    let told = checked(dir.path(), &["--json"]);
    assert_eq!(told.code, 5);
    let document = told.json();
    assert_eq!((&document["theme"], &document["more"]), (&json!(false), &json!(0)));
    let fault = &document["faults"][2];
    let place = (&fault["file"], &fault["line"], &fault["column"], &fault["code"]);
    assert_eq!(place, (&json!("theme.css"), &json!(2), &json!(15), &json!("css.url")));
    assert_eq!(document["faults"][1]["byte"], 0);
    assert!(told.stderr.contains(r#""code":"theme.refused""#), "{told:?}");
}

#[test]
fn a_folder_that_is_not_there_is_another_error() {
    let dir = tempfile::tempdir().unwrap();
    let told = checked(&dir.path().join("gone"), &[]);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stdout.is_empty() && told.stderr.contains("gone"), "{told:?}");
}

#[test]
fn a_folder_is_read_as_it_is_packed() {
    let dir = tempfile::tempdir().unwrap();
    unpack("2026.03", dir.path());
    // What says how it is packed, what is left out by it, and a link to what lies in the folder.
    fs::write(dir.path().join("countersign.toml"), "product = \"a\"\nkind = \"theme\"\nleave_out = [\"src\"]\n")
        .unwrap();
    fs::create_dir_all(dir.path().join("src")).unwrap();
    fs::create_dir_all(dir.path().join(".git")).unwrap();
    fs::write(dir.path().join("src/theme.scss"), "$x: 1;").unwrap();
    fs::write(dir.path().join("a-1.tar"), "an earlier package").unwrap();
    symlink("brand/mark.png", dir.path().join("again.png")).unwrap();
    let told = checked(dir.path(), &[]).ok().stdout;
    assert!(told.contains("again.png") && !told.contains("src/"), "{told}");
    for (name, code) in [("manifest.json", "file.name"), ("a\u{1b}[2J.png", "file.name"), ("notes.md", "file.kind")] {
        fs::write(dir.path().join(name), "{}").unwrap();
        let told = checked(dir.path(), &["--json"]).refused("theme.refused").json();
        assert_eq!(told["faults"][0]["code"], code, "{told}");
        fs::remove_file(dir.path().join(name)).unwrap();
    }
    symlink("/etc/hostname", dir.path().join("out.png")).unwrap();
    let told = checked(dir.path(), &[]).refused("theme.refused").stdout;
    assert!(told.starts_with("out.png: file.link: the link leads out of the directory"), "{told}");
    fs::remove_file(dir.path().join("out.png")).unwrap();
    fs::write(dir.path().join(".env"), "SECRET=1").unwrap();
    checked(dir.path(), &[]).refused("package.private_file");
}
