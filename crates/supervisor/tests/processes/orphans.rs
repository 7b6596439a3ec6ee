//! What the pipe is for: no child outlives its supervisor, however that ends.
//!
//! A supervisor that is killed must be a process of its own, so these tests run this very test
//! program again, with a variable that names the part to play.

use crate::fixture::{alive, kill_9, options, relock, until, written_pid};
use std::process::{Command, Stdio};
use supervisor::{SUPERVISED, Supervisor, parent_gone};

const PART: &str = "SUPERVISOR_TEST_PART";
const DIR: &str = "SUPERVISOR_TEST_DIR";

fn play(part: &str, test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(PART, part).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn part() -> Option<String> {
    std::env::var(PART).ok()
}

#[tokio::test]
async fn children_end_when_their_supervisor_is_killed() {
    if part().as_deref() == Some("supervisor") {
        let dir = std::path::PathBuf::from(std::env::var_os(DIR).unwrap());
        let scripts = [("node", r#"echo $$ > "$0/node"; exec cat"#), ("engine", r#"echo $$ > "$0/engine"; exec cat"#)];
        let lock = supervisor::lock(&dir).unwrap();
        Supervisor::run(lock, options(&dir, &scripts), |_, _| {}, std::future::pending()).await.unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let test = "orphans::children_end_when_their_supervisor_is_killed";
    let mut killed = play("supervisor", test).env(DIR, dir.path()).spawn().unwrap();
    let pids = [written_pid(&dir.path().join("node")).await, written_pid(&dir.path().join("engine")).await];
    let refused = supervisor::lock(dir.path()).unwrap_err().to_string();
    assert!(refused.contains(&format!("process {}", killed.id())), "{refused}");
    kill_9(killed.id());
    killed.wait().unwrap();
    for pid in pids {
        until("an orphan's end", async || (!alive(pid)).then_some(())).await;
    }
    relock(dir.path()).await;
}

#[tokio::test]
async fn a_child_learns_that_its_parent_is_gone() {
    if part().as_deref() == Some("child") {
        parent_gone().await;
        std::process::exit(43);
    }
    let test = "orphans::a_child_learns_that_its_parent_is_gone";
    let mut child = play("child", test).env(SUPERVISED, "1").stdin(Stdio::piped()).spawn().unwrap();
    let pipe = child.stdin.take().unwrap();
    assert_eq!(child.try_wait().unwrap(), None, "while the pipe is open it runs");
    drop(pipe);
    assert_eq!(child.wait().unwrap().code(), Some(43));
}

#[tokio::test]
async fn without_a_supervisor_the_end_of_stdin_means_nothing() {
    tokio::select! {
        biased;
        () = parent_gone() => panic!("nobody started this process as a service"),
        () = std::future::ready(()) => {}
    }
}
