//! Power cuts, failing disks, second servers.

use crate::toy::{ADA, Adder, Command, add_published, open, options};
use ledger::{
    Ack, Appended, FaultTail, Faults, FileTail, Frame, Lane, Ledger, LedgerError, Place, PutCheckpoint, Recovered,
    SubmitError, Tail, Visit,
};
use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::Ordering::SeqCst},
};

#[derive(Default)]
struct Seen {
    entries: Vec<Vec<u8>>,
    checkpoints: Vec<u64>,
}

impl Visit for Seen {
    fn checkpoint(&mut self, size: u64, _note: &str) -> Result<(), LedgerError> {
        self.checkpoints.push(size);
        Ok(())
    }
    fn entry(&mut self, index: u64, _at: Place, leaf: &[u8], _payload: &[u8]) -> Result<(), LedgerError> {
        assert_eq!(index, self.entries.len() as u64);
        self.entries.push(leaf.to_owned());
        Ok(())
    }
}

/// Small segments, so that frames cross from one to the next.
fn tail(dir: &Path) -> Result<(FileTail, Recovered, Seen), LedgerError> {
    let tail = FileTail::open(dir, 1_024)?;
    let mut seen = Seen::default();
    let recovered = tail.recover(&mut seen)?;
    Ok((tail, recovered, seen))
}

fn append(tail: &FileTail, at: &Recovered, size: u64, leaves: &[&[u8]]) {
    let mut frame = Frame::new();
    for leaf in leaves {
        frame.push(leaf, b"sealed").unwrap();
    }
    tail.reserve(frame.len()).unwrap();
    assert!(matches!(tail.append(size, at.fence, &mut frame), Appended::Committed(_)));
}

#[test]
fn a_frame_cut_off_at_any_byte_is_dropped_whole_and_the_log_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (log, at, _) = tail(dir.path()).unwrap();
    append(&log, &at, 0, &[b"one", b"two"]);
    let start = frame_end(dir.path());
    append(&log, &at, 2, &[b"three", b"four"]);
    let end = frame_end(dir.path());
    drop(log);
    let path = dir.path().join("00000000.seg");
    let whole = fs::read(&path).unwrap();
    for cut in start..end {
        for shorten in [true, false] {
            let mut torn = whole[..cut].to_vec();
            if !shorten {
                torn.resize(whole.len(), 0);
            }
            fs::write(&path, torn).unwrap();
            let (log, at, seen) = tail(dir.path()).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
            let whole_after_all = whole[cut..end].iter().all(|byte| *byte == 0) && !shorten;
            assert_eq!(seen.entries.len(), if whole_after_all { 4 } else { 2 }, "cut at {cut}");
            assert_eq!(at.size, seen.entries.len() as u64);
            append(&log, &at, at.size, &[b"again"]);
            drop(log);
            let (_, _, seen) = tail(dir.path()).unwrap();
            assert_eq!(seen.entries.last().unwrap(), b"again");
        }
    }
}

#[test]
fn sectors_that_never_reached_the_disk_make_a_torn_frame_and_any_other_change_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let open = || {
        let tail = FileTail::open(dir.path(), 8_192)?;
        tail.recover(&mut Seen::default()).map(|at| (tail, at))
    };
    let (log, at) = open().unwrap();
    append(&log, &at, 0, &[b"one"]);
    let start = frame_end(dir.path());
    append(&log, &at, 1, &[&[b'x'; 2_000]]);
    let end = frame_end(dir.path());
    drop((log, at));
    let path = dir.path().join("00000000.seg");
    let whole = fs::read(&path).unwrap();
    for sector in start / 512..=(end - 1) / 512 {
        let mut torn = whole.clone();
        torn[(sector * 512).max(start)..((sector + 1) * 512).min(end)].fill(0);
        fs::write(&path, torn).unwrap();
        assert_eq!(open().unwrap().1.size, 1, "sector {sector}");
    }
    for flipped in (start..end).step_by(7).filter(|at| whole[*at] != 0x40) {
        let mut rotten = whole.clone();
        rotten[flipped] ^= 0x40;
        fs::write(&path, rotten).unwrap();
        let Err(LedgerError::Damage(damage)) = open() else { panic!("byte {flipped} is not as written") };
        assert_eq!((damage.offset, damage.index), (start as u64, 1));
    }
}

/// Where the written bytes of the first segment end.
fn frame_end(dir: &Path) -> usize {
    let bytes = fs::read(dir.join("00000000.seg")).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1
}

#[test]
fn frames_cross_segments_and_a_torn_first_frame_of_a_segment_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let (log, at, _) = tail(dir.path()).unwrap();
    let leaf = [b'x'; 300];
    for size in 0..5 {
        append(&log, &at, size, &[&leaf]);
    }
    drop(log);
    let path = dir.path().join("00000002.seg");
    let mut bytes = fs::read(&path).unwrap();
    bytes[400..].fill(0);
    fs::write(&path, bytes).unwrap();
    let (log, at, seen) = tail(dir.path()).unwrap();
    assert_eq!((seen.entries.len(), at.size), (4, 4));
    append(&log, &at, 4, &[&leaf]);
    drop(log);
    assert_eq!(tail(dir.path()).unwrap().1.size, 5);
    fs::remove_file(dir.path().join("00000001.seg")).unwrap();
    let Err(LedgerError::Damage(damage)) = tail(dir.path()) else { panic!("a segment is missing") };
    assert!(damage.file.ends_with("00000001.seg") && damage.index == 2, "{damage}");
}

/// A log in small segments whose frames hold one leaf each.
fn write_log(dir: &Path, leaves: &[&[u8]]) {
    let (log, at, _) = tail(dir).unwrap();
    for (size, leaf) in (0..).zip(leaves) {
        append(&log, &at, size, &[leaf]);
    }
}

fn refused(dir: &Path) -> ledger::Damage {
    let Err(LedgerError::Damage(damage)) = tail(dir) else { panic!("the log is damaged") };
    damage
}

#[test]
fn a_frame_of_another_log_with_a_good_checksum_is_damage() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_log(dir.path(), &[b"one", b"two"]);
    write_log(other.path(), &[b"uno", b"two"]);
    let path = dir.path().join("00000000.seg");
    let (mut bytes, theirs) = (fs::read(&path).unwrap(), fs::read(other.path().join("00000000.seg")).unwrap());
    let second = frame_end(dir.path()) / 2;
    bytes[second..].copy_from_slice(&theirs[second..]);
    fs::write(&path, bytes).unwrap();
    let damage = refused(dir.path());
    assert!(damage.index == 1 && damage.why.contains("does not follow"), "{damage}");
    let read: Vec<_> = ledger::read::LogReader::open(dir.path()).unwrap().entries().filter_map(Result::err).collect();
    assert_eq!(read, [damage]);
}

#[test]
fn nothing_may_follow_a_write_that_was_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let leaf = [b'x'; 600];
    write_log(dir.path(), &[&leaf, &leaf]);
    let first = dir.path().join("00000000.seg");
    let mut bytes = fs::read(&first).unwrap();
    let end = frame_end(dir.path());
    bytes[end..end + 8].copy_from_slice(b"cs-entry");
    fs::write(&first, &bytes).unwrap();
    assert!(refused(dir.path()).why.contains("follows"), "the next segment holds a frame");
    // Bytes beyond the length that a cut-off frame's header says are not of that write.
    fs::remove_file(dir.path().join("00000001.seg")).unwrap();
    bytes.splice(..end + 8, bytes[..end - 40].to_vec());
    bytes.resize(1_024, 0);
    fs::write(&first, &bytes).unwrap();
    assert_eq!(tail(dir.path()).unwrap().1.size, 0);
    bytes[1_000] = 1;
    fs::write(&first, &bytes).unwrap();
    assert_eq!(refused(dir.path()).index, 0);
}

#[test]
fn a_second_opening_is_refused_and_told_why() {
    let dir = tempfile::tempdir().unwrap();
    let first = tail(dir.path()).unwrap();
    let refused = FileTail::open(dir.path(), 1_024).err().unwrap();
    assert!(matches!(refused, LedgerError::Locked { .. }));
    assert!(refused.to_string().contains("another server"));
    drop(first);
    tail(dir.path()).unwrap();
}

#[test]
fn an_append_at_another_size_or_fence_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (log, at, _) = tail(dir.path()).unwrap();
    let mut frame = Frame::new();
    frame.push(b"leaf", b"").unwrap();
    log.reserve(frame.len()).unwrap();
    for (size, fence) in [(1, at.fence), (0, at.fence + 1)] {
        assert!(matches!(log.append(size, fence, &mut frame), Appended::Fenced));
    }
    assert!(matches!(log.append(0, at.fence, &mut Frame::new()), Appended::Fenced));
    drop(log);
    assert_eq!(tail(dir.path()).unwrap().1.size, 0);
}

#[test]
fn one_checkpoint_per_size() {
    let dir = tempfile::tempdir().unwrap();
    let (log, at, _) = tail(dir.path()).unwrap();
    append(&log, &at, 0, &[b"a", b"b"]);
    log.put_checkpoint(2, "note").unwrap();
    log.put_checkpoint(2, "note").unwrap();
    drop(log);
    let (log, _, seen) = tail(dir.path()).unwrap();
    assert_eq!(seen.checkpoints, [2]);
    log.put_checkpoint(2, "note").unwrap();
    for size in [1, 2] {
        assert!(matches!(log.put_checkpoint(size, "other"), Err(PutCheckpoint::Conflict)));
    }
}

#[test]
fn many_checkpoints_cross_segments() {
    let dir = tempfile::tempdir().unwrap();
    let (log, at, _) = tail(dir.path()).unwrap();
    let note = "n".repeat(10_000);
    for size in 0..20 {
        append(&log, &at, size, &[b"leaf"]);
        log.put_checkpoint(size + 1, &note).unwrap();
    }
    drop(log);
    assert!(!dir.path().join("checkpoints-00000001.seg").exists());
    let (log, at, _) = tail(dir.path()).unwrap();
    for size in 20..30 {
        append(&log, &at, size, &[b"leaf"]);
        log.put_checkpoint(size + 1, &note).unwrap();
    }
    drop(log);
    assert_eq!(tail(dir.path()).unwrap().2.checkpoints, (1..=30).collect::<Vec<_>>());
}

fn faulty(dir: &Path, faults: &Arc<Faults>) -> Ledger<Adder> {
    let tail = FaultTail::new(FileTail::open(dir, options().segment_bytes).unwrap(), Arc::clone(faults));
    Ledger::open_on(Arc::new(tail), dir, options(), Adder::default(), Adder::default()).unwrap()
}

#[tokio::test]
async fn after_a_failed_flush_nothing_is_acknowledged_and_what_was_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    faults.fail_flush.store(3, SeqCst);
    let ledger = faulty(dir.path(), &faults);
    add_published(&ledger, [1, 2]).await;
    let failed = ledger.failed();
    let add = |n| ledger.submit(Lane::Normal, ADA, Command::Add(n), Ack::Durable);
    assert_eq!(add(3).await, Err(SubmitError::Unknown));
    assert!(failed.await.contains("the flush failed"));
    assert_eq!(ledger.log().size(), 2, "readers never see what was not flushed");
    assert!(matches!(add(4).await, Err(SubmitError::Stopped(_) | SubmitError::Unknown)));
    drop(ledger);
    let ledger = open(dir.path()).unwrap();
    assert!(ledger.state().read().unwrap().sum >= 3);
    assert!(ledger.log().size() <= 3);
}

#[tokio::test]
async fn a_torn_write_is_unknown_to_its_caller_and_gone_after_the_restart() {
    let dir = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    faults.tear_write.store(2, SeqCst);
    faults.tear_keep.store(100, SeqCst);
    let ledger = faulty(dir.path(), &faults);
    add_published(&ledger, [1]).await;
    let torn = ledger.submit(Lane::Normal, ADA, Command::Add(2), Ack::Durable).await;
    assert_eq!(torn, Err(SubmitError::Unknown));
    drop(ledger);
    let reader = ledger::read::LogReader::open(dir.path()).unwrap();
    let found: Vec<_> = reader.entries().filter_map(Result::err).collect();
    assert!(found.len() == 1 && found[0].unfinished, "{found:?}");
    let ledger = open(dir.path()).unwrap();
    assert_eq!(*ledger.state().read().unwrap(), Adder { sum: 1, leaves: 1 });
    add_published(&ledger, [5]).await;
}

#[tokio::test]
async fn a_checkpoint_that_cannot_be_stored_is_never_seen_and_ends_the_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    let ledger = faulty(dir.path(), &faults);
    add_published(&ledger, [1]).await;
    faults.fail_checkpoints.store(true, SeqCst);
    let lost = ledger.submit(Lane::Normal, ADA, Command::Add(2), Ack::Published).await;
    assert_eq!(lost, Err(SubmitError::Unknown));
    assert!(ledger.failed().await.contains("checkpoint"));
    assert_eq!((ledger.log().checkpoint().unwrap().0, ledger.log().size()), (1, 2));
    let tile = |path: &str| ledger.log().tile(&path.parse().unwrap()).unwrap();
    assert!(tile("tile/0/000.p/1").is_some());
    assert_eq!(tile("tile/0/000.p/2"), None, "durable, but covered by no checkpoint");
    let after = ledger.submit(Lane::Normal, ADA, Command::Add(3), Ack::Durable).await;
    assert!(matches!(after, Err(SubmitError::Stopped(_) | SubmitError::Unknown)));
}

#[tokio::test]
async fn a_full_disk_is_a_refusal_and_space_heals_it() {
    let dir = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    let ledger = faulty(dir.path(), &faults);
    let add = || ledger.submit(Lane::Normal, ADA, Command::Add(1), Ack::Durable);
    add().await.unwrap();
    faults.disk_full.store(true, SeqCst);
    assert_eq!(add().await, Err(SubmitError::DiskFull));
    faults.disk_full.store(false, SeqCst);
    assert_eq!(add().await.unwrap().answer, Ok(2));
}

#[tokio::test]
async fn a_restart_shows_the_same_checkpoint_and_never_another_for_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).unwrap();
    add_published(&ledger, [1, 2, 3]).await;
    let before = ledger.log().checkpoint();
    drop(ledger);
    assert_eq!(open(dir.path()).unwrap().log().checkpoint(), before);
    // An acknowledged entry that went missing with the checkpoint that covers it still here.
    let path = dir.path().join("00000000.seg");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[end - 80..].fill(0);
    fs::write(&path, bytes).unwrap();
    let Err(LedgerError::Damage(damage)) = open(dir.path()) else { panic!("an acknowledged entry is lost") };
    assert!(damage.file.ends_with("00000000.seg") && damage.index == 2 && damage.offset > 0, "{damage}");
    assert!(damage.why.contains("signed for 3"), "{damage}");
}

#[tokio::test]
async fn a_log_of_another_key_or_origin_or_machine_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).unwrap();
    add_published(&ledger, [1]).await;
    drop(ledger);
    let other = ledger::Options { origin: "another.test/log".to_owned(), ..options() };
    assert!(matches!(crate::toy::open_with(dir.path(), other).err(), Some(LedgerError::Checkpoint { size: 1, .. })));
    // Whole entries replaced by others (checksums made again) do not fit the signed checkpoint.
    fs::remove_file(dir.path().join("00000000.seg")).unwrap();
    let forged = tempfile::tempdir().unwrap();
    let ledger = open(forged.path()).unwrap();
    add_published(&ledger, [2]).await;
    drop(ledger);
    fs::copy(forged.path().join("00000000.seg"), dir.path().join("00000000.seg")).unwrap();
    assert!(matches!(open(dir.path()).err(), Some(LedgerError::Checkpoint { size: 1, .. })));
}
