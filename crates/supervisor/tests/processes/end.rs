//! The orderly end.

use crate::fixture::{Fixture, alive, options, relock, until, written_pid};
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_end_leaves_no_process() {
    let scripts = [
        ("node", "exec cat"),
        // Ignores its pipe and both polite signals, and has a child of its own in its group.
        ("engine", r#"trap '' TERM INT; sleep 1000 & echo $! > "$0/grandchild"; while :; do wait; done"#),
        ("console", "exit 1"),
    ];
    let fixture = Fixture::start(&scripts);
    let pids = [fixture.wait_pid("node").await, fixture.wait_pid("engine").await];
    let grandchild = written_pid(&fixture.dir.path().join("grandchild")).await;
    assert!(alive(grandchild));
    let begun = Instant::now();
    let (dir, outcome) = fixture.end().await;
    outcome.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(4), "one grace for all, not one for each");
    for pid in pids {
        assert!(!alive(pid));
    }
    until("the killed grandchild's end", async || (!alive(grandchild)).then_some(())).await;
    relock(dir.path()).await;
}

#[tokio::test]
async fn everything_starts_again_where_it_was() {
    let fixture = Fixture::start(&[("node", r#"echo run >> "$0/runs"; exec cat"#)]);
    fixture.wait_pid("node").await;
    let (dir, outcome) = fixture.end().await;
    outcome.unwrap();
    let lock = relock(dir.path()).await;
    let options = options(dir.path(), &[("node", r#"echo run >> "$0/runs"; exec cat"#)]);
    let twice = async || {
        until("the second run", async || {
            (std::fs::read_to_string(dir.path().join("runs")).ok()? == "run\nrun\n").then_some(())
        })
        .await;
    };
    supervisor::Supervisor::run(lock, options, |_, _| {}, twice()).await.unwrap();
}
