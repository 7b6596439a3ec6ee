//! After a start, on another copy, in other hands.

use crate::desk::{DAY, NOON, key, lease};
use crate::journal::{HandClock, open, reserve, used};
use lease_journal::{Head, HeadFault, OpenError};
use std::fs;
use std::path::Path;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn a_start_reads_everything_again_and_answers_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::at(NOON);
    let journal = open(dir.path(), &clock).unwrap();
    let granted = reserve(&journal, 1, 7, 10).await.unwrap();
    let posted = journal.post(lease(1), key(1, 1), 5).await.unwrap();
    reserve(&journal, 2, 4, 10).await.unwrap();
    let size = journal.log().size();
    drop(journal);
    let journal = open(dir.path(), &clock).unwrap();
    assert_eq!((journal.log().size(), used(&journal)), (size, (5, 4)));
    assert_eq!(reserve(&journal, 1, 7, 10).await.unwrap(), granted);
    assert_eq!(journal.post(lease(1), key(1, 1), 5).await.unwrap(), posted);
    assert_eq!(reserve(&journal, 3, 2, 10).await.unwrap_err().code(), "lease.cap_reached");
    assert_eq!(journal.log().size(), size);
}

#[tokio::test]
async fn a_journal_that_has_lost_a_committed_period_takes_nothing() {
    let (dir, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let clock = HandClock::at(NOON);
    let journal = open(dir.path(), &clock).unwrap();
    reserve(&journal, 1, 7, 10).await.unwrap();
    let open_one = reserve(&journal, 2, 1, 10).await.unwrap();
    drop(journal);
    copy(dir.path(), old.path());
    let journal = open(dir.path(), &clock).unwrap();
    journal.post(lease(1), key(1, 1), 7).await.unwrap();
    journal.void(lease(1), key(1, 2)).await.unwrap();
    clock.set(NOON + DAY);
    let head = journal.commit(lease(1), open_one.period).await.unwrap().head;
    assert_eq!(journal.shown(head), Ok(()));
    drop(journal);
    // The copy grants the day's cycles again, unless it is told how far the journal had come.
    let back = open(old.path(), &clock).unwrap();
    let here = back.log().size();
    assert_eq!(back.shown(head), Err(HeadFault::RolledBack { here, shown: head.size }));
    let refused = reserve(&back, 3, 1, 10).await.unwrap_err();
    assert_eq!(refused.code(), "journal.rolled_back");
    assert!(refused.next().contains(&format!("must hold {} entries", head.size)), "{}", refused.next());
    for refused in [back.post(lease(1), key(1, 1), 1).await, back.void(lease(1), key(1, 2)).await] {
        assert_eq!(refused.unwrap_err().code(), "journal.rolled_back");
    }
    assert_eq!(back.expire().await.unwrap_err().code(), "journal.rolled_back");
    assert_eq!(back.commit(lease(1), open_one.period).await.unwrap_err().code(), "journal.rolled_back");
    assert!(back.standing().unwrap_err().contains("put back"));
    assert_eq!(back.log().size(), here, "nothing was written");
    drop(back);
    // Put back, it serves again.
    let journal = open(dir.path(), &clock).unwrap();
    assert_eq!(journal.shown(head), Ok(()));
    reserve(&journal, 3, 1, 10).await.unwrap();
}

#[tokio::test]
async fn a_journal_with_another_past_takes_nothing() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut heads = Vec::new();
    for (dir, cycles) in dirs.iter().zip(1..) {
        let journal = open(dir.path(), &HandClock::at(NOON)).unwrap();
        reserve(&journal, 1, cycles, 10).await.unwrap();
        heads.push(Head { size: 1, root: journal.log().root_at(1).unwrap() });
    }
    let journal = open(dirs[0].path(), &HandClock::at(NOON)).unwrap();
    assert_eq!(journal.shown(heads[0]), Ok(()));
    assert_eq!(journal.shown(heads[1]), Err(HeadFault::Other { size: 1 }));
    assert_eq!(reserve(&journal, 2, 1, 10).await.unwrap_err().code(), "journal.other");
}

#[tokio::test]
async fn a_journal_without_its_key_or_with_a_second_opener_is_refused_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::at(NOON);
    let journal = open(dir.path(), &clock).unwrap();
    reserve(&journal, 1, 1, 10).await.unwrap();
    assert!(open(dir.path(), &clock).err().unwrap().to_string().contains("another server"));
    drop(journal);
    let path = dir.path().join("journal.key");
    let key = fs::read(&path).unwrap();
    fs::write(&path, &key[..31]).unwrap();
    for _ in 0..2 {
        let error = open(dir.path(), &clock).err().unwrap();
        assert!(matches!(error, OpenError::Key { .. }), "{error}");
        assert!(error.to_string().contains("journal.key") && error.to_string().contains("backup"), "{error}");
        drop(fs::remove_file(&path));
    }
    fs::write(&path, key).unwrap();
    assert_eq!(open(dir.path(), &clock).unwrap().log().size(), 1);
}

#[tokio::test]
async fn a_key_that_was_never_finished_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("journal.key"), b"").unwrap();
    let journal = open(dir.path(), &HandClock::at(NOON)).unwrap();
    reserve(&journal, 1, 1, 10).await.unwrap();
}
