//! A snapshot's bytes, torn and changed, and its writer killed.

use super::*;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use testkit::Double;

/// Names the directory to the child process that is killed.
const DIR: &str = "COUNTERSIGN_TEST_SNAPSHOT_DIR";

fn replica(dir: &Path) -> Replica {
    Replica::open(&dir.join("entries.log"), 0).unwrap().0
}

fn founded() -> State {
    let state = State { size: 1, ..State::empty() };
    assert!(state.is_founded());
    state
}

fn drafts(dir: &Path) -> usize {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("state.snapshot.new-")).count()
}

#[tokio::test]
async fn of_a_real_ledger_it_is_read_as_it_was_written_and_passed_by_when_any_byte_differs() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (replica, state) = (replica(dir.path()), double.state());
    assert!(Snapshot::write(dir.path(), &replica, Digest::ZERO, &state).unwrap());
    let read = Snapshot::read(dir.path(), &replica).unwrap();
    assert_eq!((read.size, read.root, read.state), (state.size, Digest::ZERO, state));
    let path = dir.path().join(NAME);
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(17).chain(0..70) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(Snapshot::read(dir.path(), &replica).is_none(), "changed at {at}");
        fs::write(&path, &whole[..at]).unwrap();
        assert!(Snapshot::read(dir.path(), &replica).is_none(), "cut at {at}");
    }
    fs::write(&path, [&whole[..], b" "].concat()).unwrap();
    assert!(Snapshot::read(dir.path(), &replica).is_none(), "longer");
    Snapshot::remove(dir.path()).unwrap();
    Snapshot::remove(dir.path()).unwrap();
    assert!(Snapshot::read(dir.path(), &replica).is_none(), "gone");
}

#[test]
fn what_a_killed_writer_left_is_removed_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let replica = replica(dir.path());
    fs::write(dir.path().join("state.snapshot.new-1-0"), b"half").unwrap();
    Snapshot::write(dir.path(), &replica, Digest::ZERO, &founded()).unwrap();
    assert_eq!(drafts(dir.path()), 0);
    assert!(Snapshot::read(dir.path(), &replica).is_some());
}

#[test]
fn it_is_written_again_after_a_share_of_the_ledger_and_not_after_each_leaf() {
    assert!(!Snapshot::is_due(0, 255) && Snapshot::is_due(0, 256));
    assert!(!Snapshot::is_due(5_000, 5_255) && Snapshot::is_due(5_000, 5_350));
    let (mut stored, mut written) = (0, 0_u64);
    for size in 0..100_000 {
        if Snapshot::is_due(stored, size) {
            (stored, written) = (size, written + size);
        }
    }
    assert!(written < 20 * 100_000, "all snapshots together are in proportion to the ledger: {written}");
}

/// Not a test by itself: what the one below starts, and kills.
#[test]
#[ignore = "is started as a process of its own by the test below"]
fn writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let (dir, mut state) = (Path::new(&dir), founded());
    let replica = replica(dir);
    fs::write(dir.join("begun"), b"").unwrap();
    loop {
        state.size += 1;
        Snapshot::write(dir, &replica, Digest::ZERO, &state).unwrap();
    }
}

#[test]
fn a_writer_killed_at_any_moment_leaves_a_whole_one_or_none() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..8 {
        let _ = fs::remove_file(dir.path().join("begun"));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "snapshot::tests::writes_until_it_is_killed", "--ignored"])
            .env(DIR, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !dir.path().join("begun").exists() {
            assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "the writer did not begin");
            std::thread::yield_now();
        }
        // Another moment in each round; whichever it is, the same must hold.
        let until = Instant::now() + Duration::from_micros(997 * round);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        let replica = replica(dir.path());
        let read = Snapshot::read(dir.path(), &replica);
        assert!(read.is_some() || !dir.path().join(NAME).exists(), "torn in round {round}");
    }
    Snapshot::write(dir.path(), &replica(dir.path()), Digest::ZERO, &founded()).unwrap();
    assert_eq!(drafts(dir.path()), 0);
}
