//! A replica that was torn or changed: set aside and pulled again, and never a way back in time.

use crate::follow::open;
use control::{ClockAct, Command, Verdict};
use follower::{FollowerError, FollowerHealth};
use model::Scope;
use signed::Act;
use std::fs;
use std::path::Path;
use testkit::{Double, Lie, World};

async fn followed() -> (tempfile::TempDir, Double) {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    for _ in 0..2 {
        double.login(World::AUTHOR, Scope::Read);
    }
    open(&dir, &double).sync().await.unwrap();
    (dir, double)
}

fn set_aside(dir: &Path) -> usize {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("entries.log.damaged-")).count()
}

#[tokio::test]
async fn torn_at_every_byte_it_is_set_aside_and_the_height_stays_known() {
    let (dir, double) = followed().await;
    let (entries, head) = (dir.path().join("entries.log"), dir.path().join("head.json"));
    let (whole, known) = (fs::read(&entries).unwrap(), fs::read(&head).unwrap());
    // Every byte of the last leaf's frame, and a sample of those before it.
    let last = whole.len() - double.leaves()[2].len() - 2;
    for cut in (0..last).step_by(97).chain((last..whole.len()).step_by(3)) {
        fs::write(&entries, &whole[..cut]).unwrap();
        fs::write(&head, &known).unwrap();
        let follower = open(&dir, &double);
        assert_eq!((follower.state().size, follower.seen()), (0, None), "cut at {cut}");
    }
    assert!(set_aside(dir.path()) > 0);
    let follower = open(&dir, &double);
    assert_eq!(follower.sync().await.unwrap().size, 3);
    assert_eq!(*follower.state(), double.state());
    drop(follower);
    assert_eq!(open(&dir, &double).state().size, 3, "what was pulled again is durable");
}

#[tokio::test]
async fn a_changed_byte_is_found_wherever_it_is() {
    let (dir, double) = followed().await;
    let (entries, head) = (dir.path().join("entries.log"), dir.path().join("head.json"));
    let (whole, known) = (fs::read(&entries).unwrap(), fs::read(&head).unwrap());
    for at in (0..whole.len()).step_by(131) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&entries, &changed).unwrap();
        fs::write(&head, &known).unwrap();
        assert_eq!(open(&dir, &double).state().size, 0, "changed at {at}");
    }
}

#[tokio::test]
async fn after_damage_a_shorter_tree_or_a_fork_is_still_found() {
    let damage = |dir: &tempfile::TempDir| fs::write(dir.path().join("entries.log"), b"x").unwrap();
    let (dir, double) = followed().await;
    damage(&dir);
    let mut leaves = double.leaves();
    leaves.pop();
    double.lie(Lie::Leaves(leaves));
    let error = open(&dir, &double).sync().await.unwrap_err();
    assert!(matches!(error, FollowerError::Stopped { index: 2, .. }), "{error}");

    let (dir, double) = followed().await;
    damage(&dir);
    let mut leaves = double.leaves();
    leaves.remove(1);
    double.login(World::AUTHOR, Scope::Read);
    leaves.push(double.leaves()[3].clone());
    double.lie(Lie::Leaves(leaves));
    let error = open(&dir, &double).sync().await.unwrap_err();
    assert!(matches!(error, FollowerError::Stopped { index: 3, .. }), "{error}");
}

#[tokio::test]
async fn what_a_crash_left_beyond_the_head_is_not_believed() {
    let (dir, double) = followed().await;
    let entries = dir.path().join("entries.log");
    let whole = fs::read(&entries).unwrap();
    for length in [1, 2, 700] {
        fs::write(&entries, [&whole[..], &vec![b'x'; length]].concat()).unwrap();
        let follower = open(&dir, &double);
        assert_eq!(follower.state().size, 3);
        assert_eq!(fs::read(&entries).unwrap(), whole);
    }
    assert_eq!(set_aside(dir.path()), 0);
}

/// Heads that are not what was written: cut, of other content, of another tree, gone.
fn damaged_heads(whole: &[u8]) -> Vec<Option<Vec<u8>>> {
    let head: serde_json::Value = serde_json::from_slice(whole).unwrap();
    let with = |field: &str, value: serde_json::Value| {
        let mut head = head.clone();
        head[field] = value;
        Some(head.to_string().into_bytes())
    };
    let other = model::Digest([7; 32]).to_string();
    vec![
        None,
        Some(vec![]),
        Some(whole[..whole.len() / 2].to_vec()),
        Some(b"\0\0\0\0".to_vec()),
        Some(b"[]".to_vec()),
        with("root", other.into()),
        with("size", 2.into()),
        with("checkpoint", "another".into()),
        with("checkpoint", "".into()),
    ]
}

#[tokio::test]
async fn a_damaged_head_is_rebuilt_from_the_entries_and_nothing_is_called_a_fork() {
    let (dir, double) = followed().await;
    let head = dir.path().join("head.json");
    let whole = fs::read(&head).unwrap();
    for (number, damaged) in damaged_heads(&whole).into_iter().enumerate() {
        match damaged {
            Some(bytes) => fs::write(&head, bytes).unwrap(),
            None => fs::remove_file(&head).unwrap(),
        }
        let follower = open(&dir, &double);
        assert_eq!(follower.state().size, 3, "damage {number}: what was verified is at hand with the log gone");
        assert_eq!(follower.sync().await.unwrap().size, 3, "damage {number}");
        let files = follower.readiness().into_iter().find(|check| check.name == "files").unwrap();
        // A head without a checkpoint is one that was rebuilt.
        assert_eq!(files.why.contains("head.json"), number != 8, "damage {number}: {}", files.why);
        assert!(files.ok && !dir.path().join("stopped.json").exists(), "damage {number}");
        drop(follower);
        assert_eq!(fs::read(&head).unwrap(), whole, "damage {number}: the log's word is kept again");
    }
}

#[tokio::test]
async fn a_damaged_head_beside_damaged_entries_is_pulled_again_and_not_called_a_fork() {
    let (dir, double) = followed().await;
    let (entries, head) = (dir.path().join("entries.log"), dir.path().join("head.json"));
    let (whole, kept) = (fs::read(&head).unwrap(), fs::read(&entries).unwrap());
    for damaged in damaged_heads(&whole) {
        match damaged {
            Some(bytes) => fs::write(&head, bytes).unwrap(),
            None => drop(fs::remove_file(&head)),
        }
        let mut changed = kept.clone();
        let at = changed.len() - 20;
        changed[at] ^= 1;
        fs::write(&entries, changed).unwrap();
        let follower = open(&dir, &double);
        assert_eq!(follower.sync().await.unwrap().size, 3);
        assert_eq!(*follower.state(), double.state());
        drop(follower);
        assert_eq!((fs::read(&head).unwrap(), fs::read(&entries).unwrap()), (whole.clone(), kept.clone()));
    }
}

#[tokio::test]
async fn with_its_head_lost_a_log_that_became_shorter_is_still_found() {
    let (dir, double) = followed().await;
    fs::remove_file(dir.path().join("head.json")).unwrap();
    let mut leaves = double.leaves();
    leaves.pop();
    double.lie(Lie::Leaves(leaves));
    let error = open(&dir, &double).sync().await.unwrap_err();
    assert!(matches!(error, FollowerError::Stopped { index: 2, .. }), "{error}");
}

#[tokio::test]
async fn a_lost_blob_is_fetched_again() {
    let (dir, double) = followed().await;
    for entry in fs::read_dir(dir.path().join("blobs")).unwrap() {
        fs::write(entry.unwrap().path(), b"changed").unwrap();
    }
    let follower = open(&dir, &double);
    assert_eq!(follower.state().size, 0);
    assert_eq!(follower.sync().await.unwrap().size, 3);
    assert_eq!(*follower.state(), double.state());
}

#[tokio::test]
async fn an_unreadable_stop_is_a_stop() {
    let (dir, double) = followed().await;
    fs::write(dir.path().join("stopped.json"), b"{").unwrap();
    let follower = open(&dir, &double);
    assert!(matches!(follower.health(), FollowerHealth::Stopped { .. }));
    assert!(matches!(follower.sync().await, Err(FollowerError::Stopped { .. })));
}

#[tokio::test]
async fn bytes_that_changed_while_it_runs_are_never_given_out() {
    let (dir, double) = followed().await;
    let entries = dir.path().join("entries.log");
    let follower = open(&dir, &double);
    let whole = fs::read(&entries).unwrap();
    let proven = follower.proven(0).await.unwrap().unwrap();
    // In lengths, in the entry that is asked for and in others.
    for at in [0, 1].into_iter().chain((2..whole.len()).step_by(131)) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&entries, &changed).unwrap();
        let error = follower.proven(0).await.unwrap_err();
        assert!(matches!(error, FollowerError::Damaged(3)), "changed at {at}: {error}");
    }
    fs::write(&entries, &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(follower.proven(0).await, Err(FollowerError::Damaged(3))), "cut short");
    fs::write(&entries, &whole).unwrap();
    assert_eq!(follower.proven(0).await.unwrap(), Some(proven));
    drop(follower);
    fs::write(&entries, &whole[..9]).unwrap();
    assert_eq!(open(&dir, &double).proven(0).await.unwrap(), None, "none until it is pulled again");
}

#[tokio::test]
async fn a_sum_of_refusals_is_proven_with_whom_the_refusals_concern() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let act = Act::RegisterTenant { tenant: Double::TENANT };
    double.sign_and_submit(World::AUTHOR, act.clone());
    let (first, refused) = double.record(double.statement(World::AUTHOR, act)).unwrap();
    assert!(matches!(refused.verdict, Verdict::Refused(_)));
    let sum = double.accept(Command::Clock { act: ClockAct::Refusals { first, count: 2 } });
    let follower = open(&dir, &double);
    follower.sync().await.unwrap();
    assert_ne!(refused.tags, []);
    for index in [first, sum] {
        assert_eq!(follower.proven(index).await.unwrap().unwrap().concerns, refused.tags, "entry {index}");
    }
    assert_eq!(follower.proven(0).await.unwrap().unwrap().concerns, []);
}
