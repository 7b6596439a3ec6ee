//! The stored state: it saves the replay where it is this directory's own, and never decides anything.

use crate::follow::{artifact, open, share};
use control::State;
use follower::{Follower, FollowerHealth};
use model::{Digest, Scope};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use testkit::{Double, World};

/// Enough leaves for a state to be stored.
const MANY: usize = 300;

fn stored(dir: &Path) -> PathBuf {
    dir.join("state.snapshot")
}

fn more(double: &Double, leaves: usize) {
    for _ in 0..leaves {
        double.login(World::AUTHOR, Scope::Read);
    }
}

/// A directory with a stored state, whose follower has ended.
async fn followed() -> (tempfile::TempDir, Double) {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    double.register(artifact(), 256);
    more(&double, MANY);
    open(&dir, &double).sync().await.unwrap();
    assert!(stored(dir.path()).exists());
    (dir, double)
}

/// Removes what only a replay from leaf 0 needs: from here on nothing but the stored state helps a start.
fn forget_blobs(dir: &Path) {
    for blob in fs::read_dir(dir.join("blobs")).unwrap() {
        fs::remove_file(blob.unwrap().path()).unwrap();
    }
}

/// What a start shows while only the stored state can help it.
fn opened_without_replay(dir: &tempfile::TempDir, double: &Double) -> Arc<State> {
    forget_blobs(dir.path());
    open(dir, double).state()
}

/// Replaces a file's bytes in place: it stays the same file.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

/// The stored state with another content, written as this executable would.
fn forge(dir: &Path, alter: impl FnOnce(&mut Value)) {
    let bytes = fs::read(stored(dir)).unwrap();
    let body = bytes.splitn(2, |byte| *byte == b'\n').nth(1).unwrap();
    let mut value: Value = serde_json::from_slice(body).unwrap();
    alter(&mut value);
    let body = serde_json::to_vec(&value).unwrap();
    let checksum = Digest::of_object("snapshot", &body).to_string();
    overwrite(&stored(dir), &[checksum.as_bytes(), b"\n", &body].concat());
}

#[tokio::test]
async fn a_start_takes_over_the_stored_state_and_replays_only_what_came_after() {
    let (dir, double) = followed().await;
    let follower = open(&dir, &double);
    double.running(artifact());
    follower.sync().await.unwrap();
    drop(follower);
    assert_eq!(*open(&dir, &double).state(), double.state(), "stored and after it");
    let (dir, double) = followed().await;
    assert_eq!(*opened_without_replay(&dir, &double), double.state(), "nothing before it was replayed");
    double.running(artifact());
    let follower = open(&dir, &double);
    follower.sync().await.unwrap();
    assert_eq!(*follower.state(), double.state());
    assert!(follower.proven(3).await.unwrap().is_some());
}

#[tokio::test]
async fn a_damaged_or_missing_one_is_passed_by_and_the_leaves_are_replayed() {
    let (dir, double) = followed().await;
    let whole = fs::read(stored(dir.path())).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for bytes in [&changed[..], &whole[..whole.len() / 2], &[]] {
        overwrite(&stored(dir.path()), bytes);
        assert_eq!(*open(&dir, &double).state(), double.state());
        assert_eq!(fs::read(stored(dir.path())).unwrap(), whole, "the replay stored it again");
    }
    fs::remove_file(stored(dir.path())).unwrap();
    assert_eq!(*open(&dir, &double).state(), double.state());
    overwrite(&stored(dir.path()), &changed);
    assert_eq!(opened_without_replay(&dir, &double).size, 0, "it is not what helped");
}

#[tokio::test]
async fn one_of_another_executable_directory_ledger_or_tree_is_passed_by() {
    let zero = Digest::ZERO.to_string();
    for (name, wrong) in [
        ("binary", json!(zero)),
        ("root", json!(zero)),
        ("ledger", json!(zero)),
        ("replica", json!([1, 1])),
        ("size", json!(7)),
        ("size", json!(100_000)),
        ("unknown", json!(1)),
    ] {
        let (dir, double) = followed().await;
        forge(dir.path(), |value| value[name] = wrong.clone());
        assert_eq!(*open(&dir, &double).state(), double.state(), "{name}: {wrong}");
        forge(dir.path(), |value| value[name] = wrong.clone());
        assert_eq!(opened_without_replay(&dir, &double).size, 0, "{name}: {wrong}");
    }
}

#[tokio::test]
async fn a_copied_directory_replays() {
    let ((one, double), two) = (followed().await, tempfile::tempdir().unwrap());
    fs::create_dir(two.path().join("blobs")).unwrap();
    for name in ["entries.log", "head.json", "state.snapshot"] {
        fs::copy(one.path().join(name), two.path().join(name)).unwrap();
    }
    assert_eq!(opened_without_replay(&two, &double).size, 0);
    assert_eq!(*opened_without_replay(&one, &double), double.state());
}

#[tokio::test]
async fn one_that_is_newer_than_the_leaves_is_passed_by() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    open(&dir, &double).sync().await.unwrap();
    let files = ["entries.log", "head.json"].map(|name| dir.path().join(name));
    let (before, early) = (double.state(), files.clone().map(|path| fs::read(path).unwrap()));
    more(&double, MANY);
    open(&dir, &double).sync().await.unwrap();
    assert!(stored(dir.path()).exists());
    for (path, bytes) in files.iter().zip(&early) {
        overwrite(path, bytes);
    }
    let follower = open(&dir, &double);
    assert_eq!(*follower.state(), before);
    follower.sync().await.unwrap();
    assert_eq!(*follower.state(), double.state());
}

#[tokio::test]
async fn nobody_is_accused_on_its_word() {
    let (dir, double) = followed().await;
    forge(dir.path(), |value| value["state"]["resources"] = json!([]));
    let follower = open(&dir, &double);
    assert_ne!(*follower.state(), double.state());
    // The next leaf would be decided otherwise by that state: all leaves are replayed before that is said.
    double.running(artifact());
    follower.sync().await.unwrap();
    assert_eq!(*follower.state(), double.state());
    assert!(matches!(follower.health(), FollowerHealth::Following { .. }));
    drop(follower);
    assert_eq!(*open(&dir, &double).state(), double.state());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_on_one_directory_store_it_at_once_and_none_harms_another() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    for _ in 0..2 {
        more(&double, MANY);
        let followers: Vec<Follower> = (0..4).map(|_| share(&dir, &double)).collect();
        let syncing = followers.iter().cloned().map(|follower| tokio::spawn(async move { follower.sync().await }));
        for sync in syncing.collect::<Vec<_>>() {
            sync.await.unwrap().unwrap();
        }
        for follower in &followers {
            assert_eq!(*follower.state(), double.state());
        }
    }
    let names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("state.snapshot")).collect::<Vec<_>>(), ["state.snapshot"]);
    assert_eq!(*opened_without_replay(&dir, &double), double.state());
}

#[tokio::test]
async fn the_record_of_an_ended_change_is_kept_and_a_lost_one_is_made_again_by_the_next_start_but_one() {
    let (dir, double) = followed().await;
    let change = double.draft(artifact());
    double.sign_and_submit(World::AUTHOR, signed::Act::Cancel { change, revision: 1 });
    more(&double, MANY);
    let follower = open(&dir, &double);
    follower.sync().await.unwrap();
    let state = follower.state();
    let record = follower.change(&state, &change).unwrap().into_owned();
    assert_eq!(record, double.ended()[&change]);
    drop(follower);

    // A start from the stored state, which holds only what is still asked about it, has the record too.
    let follower = open(&dir, &double);
    assert_eq!(follower.change(&state, &change).unwrap().as_ref(), &record);
    drop(follower);
    assert!(stored(dir.path()).exists());
    fs::remove_dir_all(dir.path().join("ended")).unwrap();
    let follower = open(&dir, &double);
    assert_eq!(follower.change(&state, &change), Err(control::NoRecord::Lost));
    assert!(!stored(dir.path()).exists(), "the next start replays");
    drop(follower);
    assert_eq!(open(&dir, &double).change(&state, &change).unwrap().into_owned(), record);
}
