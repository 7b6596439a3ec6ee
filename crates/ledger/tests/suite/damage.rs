//! One flipped byte anywhere is found and named.

use crate::toy::{Command, ORIGIN, open, signer};
use ledger::{Ack, Lane, LedgerError, read::LogReader};
use model::Id;
use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

/// A closed log of 300 entries in several frames, with checkpoints and tiles.
static LOG: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let ledger = Arc::new(open(dir.path()).unwrap());
        for round in 0..3u8 {
            let submits: Vec<_> = (0..100u64)
                .map(|n| {
                    let ledger = Arc::clone(&ledger);
                    tokio::spawn(async move {
                        ledger.submit(Lane::Normal, Id([round; 16]), Command::Add(n), Ack::Published).await.unwrap()
                    })
                })
                .collect();
            for submit in submits {
                submit.await.unwrap();
            }
        }
    });
    dir
});

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

fn files(dir: &Path) -> Vec<PathBuf> {
    let names = ["00000000.seg", "checkpoints-00000000.seg", "tile/0/000", "tile/entries/000"];
    names.map(|name| dir.join(name)).to_vec()
}

#[test]
fn an_unharmed_log_has_no_damage() {
    let report = LogReader::open(LOG.path()).unwrap().verify(ORIGIN, &[signer().vkey()]);
    assert_eq!(report.damage, []);
    assert_eq!((report.size, report.tiles), (300, 2));
    assert_eq!(report.checkpoint.unwrap().0, 300);
    let read: Vec<_> = LogReader::open(LOG.path()).unwrap().entries().map(Result::unwrap).collect();
    assert!(read.iter().enumerate().all(|(n, (index, _))| n as u64 == *index));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn one_flipped_byte_is_named_by_its_file(which in 0..4usize, near in any::<bool>(), at in any::<prop::sample::Index>(), flip in 1..=255u8) {
        let dir = tempfile::tempdir().unwrap();
        copy(LOG.path(), dir.path());
        let path = files(dir.path()).remove(which);
        let mut bytes = fs::read(&path).unwrap();
        let written = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        // Half of the samples fall on what was written, the others anywhere, padding included.
        let at = at.index(if near { written } else { bytes.len() });
        bytes[at] ^= flip;
        fs::write(&path, bytes).unwrap();
        let report = LogReader::open(dir.path()).unwrap().verify(ORIGIN, &[signer().vkey()]);
        prop_assert!(report.damage.iter().any(|damage| damage.file == path && damage.offset <= at as u64), "{at}: {:?}", report.damage);
        // A start refuses whatever was acknowledged and is no longer as it was written.
        if which == 0 && at < written {
            let refused = open(dir.path()).err();
            prop_assert!(matches!(refused, Some(LedgerError::Damage(_))), "{at}: {refused:?}");
        }
    }
}

#[test]
fn every_defect_is_named_and_the_entries_behind_it_are_read() {
    let dir = tempfile::tempdir().unwrap();
    copy(LOG.path(), dir.path());
    let path = dir.path().join("00000000.seg");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    let last = bytes.len() - 1;
    bytes[last] = 1;
    fs::write(&path, bytes).unwrap();
    let (entries, damage): (Vec<_>, Vec<_>) = LogReader::open(dir.path()).unwrap().entries().partition(Result::is_ok);
    assert_eq!(entries.last().unwrap().as_ref().unwrap().0, 299);
    let damage: Vec<_> = damage.into_iter().map(Result::unwrap_err).collect();
    assert_eq!(damage.len(), 2, "{damage:?}");
    assert_eq!((damage[0].offset, damage[0].index, damage[0].unfinished), (0, 0, false));
    assert_eq!(damage[1].index, 300);
}

#[test]
fn a_missing_segment_and_a_foreign_tile_are_named() {
    let dir = tempfile::tempdir().unwrap();
    copy(LOG.path(), dir.path());
    fs::write(dir.path().join("tile/0/001"), b"not ours").unwrap();
    fs::rename(dir.path().join("00000000.seg"), dir.path().join("00000001.seg")).unwrap();
    let report = LogReader::open(dir.path()).unwrap().verify(ORIGIN, &[signer().vkey()]);
    let named = |name: &str| report.damage.iter().any(|damage| damage.file.ends_with(name));
    assert!(named("00000000.seg") && named("tile/0/001"), "{:?}", report.damage);
    assert!(open(dir.path()).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_being_written_has_no_damage_but_a_half_written_end() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).unwrap();
    ledger.submit(Lane::Normal, Id([1; 16]), Command::Add(0), Ack::Published).await.unwrap();
    let read = {
        let dir = dir.path().to_owned();
        tokio::task::spawn_blocking(move || {
            let reader = LogReader::open(&dir).unwrap();
            (0..20).map(|_| (reader.verify(ORIGIN, &[signer().vkey()]), reader.checkpoint_size())).collect::<Vec<_>>()
        })
    };
    while !read.is_finished() {
        ledger.submit(Lane::Normal, Id([1; 16]), Command::Add(1), Ack::Published).await.unwrap();
    }
    for (report, newest) in read.await.unwrap() {
        assert!(report.damage.iter().all(|damage| damage.unfinished), "{:?}", report.damage);
        assert!(report.checkpoint.unwrap().0 <= newest);
    }
}
