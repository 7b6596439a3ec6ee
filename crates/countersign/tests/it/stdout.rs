//! Standard output that cannot be written: said where it is an error, and never a success.

use crate::plane::{EXE, Plane, Ran};
use std::fs::File;
use std::process::{Command, Stdio};

/// The exit code of a process that wrote into a pipe nobody reads: 128 and the number of SIGPIPE.
const NOBODY_READS: i32 = 141;

impl Plane {
    fn ran_into(&self, args: &[&str], stdout: impl Into<Stdio>) -> Ran {
        Ran::of(self.command(args).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap())
    }
}

/// A pipe whose reader has gone.
fn closed() -> std::io::PipeWriter {
    std::io::pipe().unwrap().1
}

fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

#[test]
fn a_listing_that_nobody_got_is_no_success() {
    let plane = Plane::serving();
    plane.engine();
    for args in [
        &["version"][..],
        &["status"],
        &["engine", "ls"],
        &["change", "ls"],
        &["audit", "ls", "--all"],
        &["audit", "show", "0"],
        &["audit", "verify"],
        &["--help"],
        &["--version"],
        &["change", "new", "--help"],
    ] {
        let json = if args.last().is_some_and(|last| last.starts_with("--")) { &[][..] } else { &["--json"] };
        for args in [args.to_vec(), [args, json].concat()] {
            let ran = plane.ran_into(&args, full());
            assert_eq!(ran.code, 70, "{args:?}: {ran:?}");
            assert!(
                ran.stderr.contains("standard output") && ran.stderr.contains("No space left"),
                "{args:?}: {ran:?}"
            );
            let ran = plane.ran_into(&args, closed());
            assert_eq!((ran.code, ran.stderr.as_str()), (NOBODY_READS, ""), "{args:?}");
        }
    }
    // What was meant to be done is done all the same, and an error keeps its own code.
    let key = plane.key("ada").display().to_string();
    let size = plane.control_size();
    assert_eq!(plane.ran_into(&["tenant", "new", "Beta", "--key", &key], closed()).code, NOBODY_READS);
    assert!(plane.control_size() > size);
    assert_eq!(plane.ran_into(&["change", "show", &"00".repeat(16)], full()).code, 5);
}

#[test]
fn an_error_that_cannot_be_said_is_still_an_error() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["serve"][..], &["no-such-command"], &["change", "show", "xyz"], &["storefront"]] {
        for stderr in [Stdio::from(full()), Stdio::from(closed())] {
            let mut command = Command::new(EXE);
            command.args(args).arg("--dir").arg(dir.path().join("data")).stdin(Stdio::null()).stderr(stderr);
            let code = command.output().unwrap().status.code();
            assert!(matches!(code, Some(2 | 78)), "{args:?}: {code:?}");
        }
    }
}
