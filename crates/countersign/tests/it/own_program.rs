//! A program of one's own, from its directory to its visitors, by command alone.

use crate::plane::{Plane, until};
use crate::shop;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;

impl Plane {
    /// A directory with a script that says something and then becomes the sample shop.
    fn own_program(&self, version: &str) -> PathBuf {
        let dir = self.home.path().join("own program");
        fs::create_dir_all(&dir).unwrap();
        let (_, files) = storefront::releases().pop().unwrap();
        for (name, bytes) in files {
            fs::write(dir.join(name), bytes).unwrap();
        }
        fs::copy(crate::plane::EXE, dir.join("shop")).unwrap();
        let script = format!(
            "#!/bin/sh\necho \"hello from {version} on $PORT\"\nprintf 'a \\033[31mred\\033[0m line\\n'\n\
             exec \"$COUNTERSIGN_RELEASE_DIR/shop\" storefront \"$@\"\n"
        );
        fs::write(dir.join("start it.sh"), script).unwrap();
        fs::set_permissions(dir.join("start it.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        let says = format!(
            "product = \"own-shop\"\nversion = \"{version}\"\nentry = \"start it.sh\"\nruntime = \"storefront\"\nargs = [\"--release-dir\", \
             \"{{release_dir}}\", \"--data-dir\", \"{{data_dir}}\", \"--listen\", \"{{listen}}\"]\n[health]\npath = \
             \"/healthz\"\n"
        );
        fs::write(dir.join("countersign.toml"), says).unwrap();
        dir
    }
}

#[test]
fn a_directory_of_ones_own_is_packed_deployed_and_its_output_read_by_name() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let before = plane.cli(&["engine", "logs", engine]);
    assert!(before.code == 0 && before.stderr.contains("nothing was ever started"), "{before:?}");
    let dir = plane.own_program("1.0.0");
    let tar = plane.home.path().join("own.tar").display().to_string();
    plane.cli(&["artifact", "pack", dir.to_str().unwrap(), "-o", &tar]).ok();
    let published = plane.by("ada", &["publish", &tar, "--name", "Own shop 1.0.0"]).ok().json();
    let change = plane.approved_deployment(engine, published["artifact"].as_str().unwrap());
    // What people sign by its digest: what starts, and what counts as healthy.
    let shown = plane.cli(&["change", "show", &change]).ok().stdout;
    let says =
        |label: &str| shown.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_default().trim().to_owned();
    assert!(says("starts ").starts_with("start it.sh --release-dir {release_dir} "), "{shown}");
    assert_eq!(says("healthy "), "/healthz answers 200 to 299", "{shown}");
    let ran = plane.by("ben", &["change", "run", &change]).ok();
    assert_eq!(ran.json()["status"], "effective");
    assert_eq!(shop::get(&format!("http://127.0.0.1:{}/", plane.shop_port(0))).unwrap().0, 200);

    let logs = plane.cli(&["engine", "logs", engine]).ok();
    assert!(logs.stdout.contains("hello from 1.0.0 on "), "{logs:?}");
    assert!(logs.stdout.contains("a \\u{1b}[31mred") && !logs.stdout.contains('\u{1b}'), "{logs:?}");
    let json = plane.cli(&["engine", "logs", engine, "--lines", "1", "--json"]).ok().json();
    assert_eq!((json["side"].as_str().unwrap(), json["lines"].as_array().unwrap().len()), ("blue", 1));
    let nobody = plane.command(&["engine", "logs", engine]).env("COUNTERSIGN_TOKEN", "x").output().unwrap();
    assert!(
        !nobody.status.success() && String::from_utf8_lossy(&nobody.stderr).contains("token.unknown"),
        "{nobody:?}"
    );

    // What comes is printed as it comes, while Engine Runtime ends and comes back too.
    let mut follow = plane.command(&["engine", "logs", engine, "-f"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    let (sent, came) = std::sync::mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(sent.send(line))));
    let next = || came.recv_timeout(std::time::Duration::from_secs(20)).expect("a line comes");
    assert!(next().starts_with("--- start of ") && next().contains("hello from 1.0.0"));
    next();
    crate::plane::signal(plane.pid("engine").unwrap(), "KILL");
    let log = plane.dir().join("engine/engines");
    let log = fs::read_dir(log).unwrap().next().unwrap().unwrap().path().join("logs/blue.log");
    let mut more = fs::OpenOptions::new().append(true).open(log).unwrap();
    std::io::Write::write_all(&mut more, b"one more\n").unwrap();
    until("Engine Runtime is back", || crate::plane::get(&format!("{}/readyz", plane.url("engine"))).is_some());
    assert_eq!(next(), "one more");
    // The next release prints on the other side.
    plane.own_program("2.0.0");
    plane.cli(&["artifact", "pack", dir.to_str().unwrap(), "-o", &tar]).ok();
    let published = plane.by("ada", &["publish", &tar, "--name", "Own shop 2.0.0"]).ok().json();
    let change = plane.approved_deployment(engine, published["artifact"].as_str().unwrap());
    plane.by("ben", &["change", "run", &change]).ok();
    assert!(next().starts_with("--- start of ") && next().contains("hello from 2.0.0"));
    follow.kill().unwrap();
    follow.wait().unwrap();
}
