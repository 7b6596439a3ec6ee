//! Packages of Debian that tests use: installed where that is allowed, by its own `apt-get`.

use std::path::Path;
use std::process::{Command, Stdio};

/// Whether packages may be installed here: on Debian, as root, or when that is asked for.
pub fn may_install(asked: bool) -> bool {
    Path::new("/etc/debian_version").exists() && (asked || is_root())
}

/// Installs packages. Whether it worked shows in what is there afterwards.
pub fn install(packages: &[&str]) {
    let words: &[&str] = if is_root() { &["apt-get"] } else { &["sudo", "apt-get"] };
    let install: Vec<&str> = ["install", "--quiet", "--yes"].into_iter().chain(packages.iter().copied()).collect();
    for step in [["update", "--quiet", "--yes"].as_slice(), &install] {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(step).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        if let Err(error) = command.status() {
            println!("`{}` did not start: {error}", words.join(" "));
        }
    }
}

/// The owner of our own process, as the system tells it.
fn is_root() -> bool {
    let output = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
