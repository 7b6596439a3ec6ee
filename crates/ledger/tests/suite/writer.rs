//! What a caller and a reader may rely on.

use crate::toy::{ADA, Adder, BEN, Command, HandClock, ORIGIN, add_published, open, open_with, options, signer};
use ledger::{Ack, Lane, LaneLimits, Ledger, Options, SubmitError};
use model::{Id, Instant};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, atomic::Ordering::SeqCst, mpsc},
};
use tlog::{checkpoint::Checkpoint, proof, tile::TilePath};

const NORMAL: Lane = Lane::Normal;

/// Blocks the writer; it goes on when the sender is dropped.
async fn block(ledger: &Arc<Ledger<Adder>>) -> mpsc::Sender<()> {
    let ((begin, begun), (release, until)) = (mpsc::channel(), mpsc::channel());
    let other = Arc::clone(ledger);
    tokio::spawn(async move {
        other.submit(NORMAL, Id([99; 16]), Command::Block(begin, Mutex::new(until)), Ack::Durable).await
    });
    tokio::task::spawn_blocking(move || begun.recv()).await.unwrap().unwrap();
    release
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_once_get_consecutive_indexes_and_all_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Arc::new(open(dir.path()).unwrap());
    let submits = (0..1_000u64).map(|n| {
        let ledger = Arc::clone(&ledger);
        tokio::spawn(async move {
            let answered = ledger.submit(NORMAL, Id([(n % 7) as u8; 16]), Command::Add(n), Ack::Durable).await.unwrap();
            let recorded = answered.recorded.unwrap();
            let entry = ledger.log().entry(recorded.index).unwrap();
            assert_eq!(tlog::leaf_hash(&entry.leaf), recorded.leaf_hash);
            assert_eq!(entry.leaf, format!("{} {n}", recorded.now).into_bytes());
            assert_eq!(entry.payload, format!("sealed {n}").into_bytes());
            recorded.index
        })
    });
    let mut indexes = BTreeSet::new();
    for submit in submits.collect::<Vec<_>>() {
        indexes.insert(submit.await.unwrap());
    }
    assert_eq!(indexes, (0..1_000).collect());
    let all = ledger.log().entries(0..1_000).unwrap();
    let state = ledger.state().read().unwrap().clone();
    assert_eq!(state, Adder { sum: 499_500, leaves: 1_000 });
    drop(ledger);
    let ledger = open(dir.path()).unwrap();
    assert_eq!(ledger.log().entries(0..9_999).unwrap(), all);
    assert_eq!(*ledger.state().read().unwrap(), state);
}

#[tokio::test]
async fn a_published_answer_is_covered_by_a_checkpoint_that_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).unwrap();
    let log = ledger.log();
    assert_eq!(log.checkpoint(), None);
    let answered = ledger.submit(NORMAL, ADA, Command::Add(5), Ack::Published).await.unwrap();
    let recorded = answered.recorded.unwrap();
    let (size, note) = log.checkpoint().unwrap();
    let checkpoint = Checkpoint::open(&note, &[signer().vkey()], ORIGIN).unwrap();
    assert_eq!((size, checkpoint.size, Some(checkpoint.root)), (1, 1, log.root_at(1)));
    let path = log.inclusion_proof(recorded.index, size).unwrap();
    proof::verify_inclusion(recorded.leaf_hash, recorded.index, size, &path, checkpoint.root).unwrap();
    // Nothing new: answered without a leaf, covered already.
    let asked = ledger.submit(NORMAL, ADA, Command::Ask, Ack::Published).await.unwrap();
    assert_eq!((asked.answer, asked.recorded), (Ok(5), None));
    assert!(log.entry(1).is_err());
    drop(ledger);
    assert_eq!(log.wait_checkpoint(1).await, None, "who waits for more learns that none will come");
}

#[tokio::test]
async fn tiles_are_served_for_published_sizes_and_stored_when_full() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Arc::new(open(dir.path()).unwrap());
    let release = block(&ledger).await;
    let submits: Vec<_> = (0..257u64)
        .map(|n| {
            let ledger = Arc::clone(&ledger);
            tokio::spawn(async move { ledger.submit(NORMAL, ADA, Command::Add(n), Ack::Published).await.unwrap() })
        })
        .collect();
    drop(release);
    for submit in submits {
        submit.await.unwrap();
    }
    let log = ledger.log();
    let get = |path: &str| log.tile(&path.parse::<TilePath>().unwrap()).unwrap();
    assert_eq!(get("tile/0/000").unwrap().len(), 8_192);
    assert_eq!(get("tile/1/000.p/1").unwrap().len(), 32);
    assert_eq!(get("tile/0/001.p/1").unwrap().len(), 32);
    assert_eq!(get("tile/0/001.p/2"), None);
    assert_eq!(get("tile/1/000"), None);
    let bundle = tlog::tile::decode_bundle(&get("tile/entries/000").unwrap(), 256).unwrap();
    assert_eq!(bundle[255], log.entry(255).unwrap().leaf);
    let (hashes, entries) = (get("tile/0/000").unwrap(), get("tile/entries/000").unwrap());
    let proof = log.consistency_proof(256, 257).unwrap();
    proof::verify_consistency(256, log.root_at(256).unwrap(), 257, log.root_at(257).unwrap(), &proof).unwrap();
    drop((log, ledger));
    // The files are derived: a start makes what is missing.
    std::fs::remove_file(dir.path().join("tile/0/000")).unwrap();
    drop(open(dir.path()).unwrap());
    assert_eq!(std::fs::read(dir.path().join("tile/0/000")).unwrap(), hashes);
    assert_eq!(std::fs::read(dir.path().join("tile/entries/000")).unwrap(), entries);
    assert!(!dir.path().join("tile/1/000").exists());
}

#[tokio::test]
async fn urgent_commands_overtake_and_principals_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Arc::new(open(dir.path()).unwrap());
    let release = block(&ledger).await;
    let mut submits = Vec::new();
    for (lane, who, n) in [(NORMAL, ADA, 1), (NORMAL, ADA, 2), (NORMAL, BEN, 3), (Lane::Urgent, BEN, 4)] {
        let mut submit = Box::pin(ledger.submit(lane, who, Command::Add(n), Ack::Durable));
        // Queued by its first poll.
        tokio::select! { biased; _ = &mut submit => panic!("the writer is blocked"), () = std::future::ready(()) => {} }
        submits.push(submit);
    }
    drop(release);
    let mut order = Vec::new();
    for submit in submits {
        order.push(submit.await.unwrap().recorded.unwrap().index);
    }
    assert_eq!(order, [1, 3, 2, 0]);
}

#[tokio::test]
async fn a_full_share_is_busy_and_nothing_of_it_is_decided() {
    let dir = tempfile::tempdir().unwrap();
    let lanes = LaneLimits { lane: 3, principal: 2 };
    let ledger = Arc::new(open_with(dir.path(), Options { lanes, ..options() }).unwrap());
    let release = block(&ledger).await;
    let mut submits = Vec::new();
    for who in [ADA, ADA, BEN] {
        let mut submit = Box::pin(ledger.submit(NORMAL, who, Command::Add(1), Ack::Durable));
        tokio::select! { biased; _ = &mut submit => panic!("the writer is blocked"), () = std::future::ready(()) => {} }
        submits.push(submit);
    }
    assert_eq!(ledger.submit(NORMAL, ADA, Command::Add(1), Ack::Durable).await, Err(SubmitError::Busy));
    assert_eq!(ledger.submit(NORMAL, BEN, Command::Add(1), Ack::Durable).await, Err(SubmitError::Busy));
    // A caller that goes away does not take its command back.
    drop(submits.pop());
    drop(release);
    for submit in submits {
        submit.await.unwrap();
    }
    assert_eq!(ledger.submit(NORMAL, ADA, Command::Ask, Ack::Durable).await.unwrap().answer, Ok(3));
}

#[tokio::test]
async fn a_panic_or_an_oversized_leaf_is_internal_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).unwrap();
    for command in [Command::Panic, Command::TooLarge] {
        let answered = ledger.submit(NORMAL, ADA, command, Ack::Durable).await.unwrap();
        assert_eq!((answered.answer, answered.recorded), (Err("internal"), None));
    }
    assert_eq!(ledger.log().size(), 0);
    assert_eq!(ledger.submit(NORMAL, ADA, Command::Add(1), Ack::Durable).await.unwrap().answer, Ok(1));
}

#[tokio::test]
async fn the_first_leaf_is_taken_verbatim_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).unwrap();
    assert_eq!(
        ledger.bootstrap(b"nonsense".to_vec(), vec![]).await,
        Err(SubmitError::Refused("it is no number".to_owned()))
    );
    assert_eq!(ledger.log().size(), 0);
    let genesis = b"2026-03-08T19:18:00.000Z 7".to_vec();
    assert_eq!(ledger.bootstrap(genesis.clone(), b"why".to_vec()).await.unwrap().index, 0);
    assert_eq!(ledger.log().entry(0).unwrap().leaf, genesis);
    assert_eq!(ledger.bootstrap(genesis, vec![]).await, Err(SubmitError::Begun));
    assert_eq!(ledger.state().read().unwrap().sum, 7);
}

const DAY_MS: i64 = 86_400_000;

#[tokio::test]
async fn stamps_never_go_back_and_a_clock_that_jumps_stops_the_writer_until_it_is_right_again() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::at(30 * DAY_MS);
    let ledger = open_with(dir.path(), Options { clock: clock.clone(), ..options() }).unwrap();
    let add = || ledger.submit(NORMAL, ADA, Command::Add(1), Ack::Durable);
    let first = add().await.unwrap().recorded.unwrap().now;
    clock.wall_ms.fetch_sub(30_000, SeqCst);
    assert_eq!(add().await.unwrap().recorded.unwrap().now, first);
    // Time that passes on both clocks is no jump.
    clock.wall_ms.fetch_add(3_600_000, SeqCst);
    clock.monotonic_ms.fetch_add(3_600_000, SeqCst);
    add().await.unwrap();
    for (jump_ms, by) in [(-31_000, "61 s behind"), (7_261_000, "2 h ahead of")] {
        clock.wall_ms.fetch_add(jump_ms, SeqCst);
        let Err(SubmitError::Clock(why)) = add().await else { panic!("{by}") };
        for word in [by, "this machine's clock", "goes on by itself", "`countersign serve --accept-clock`"] {
            assert!(why.contains(word), "{word}: {why}");
        }
        assert_eq!(ledger.clock(), Err(why), "readiness says the same");
    }
    assert_eq!(ledger.log().size(), 3);
    // Right again, it is believed again.
    clock.wall_ms.fetch_sub(7_200_000, SeqCst);
    add().await.unwrap();
    assert_eq!(ledger.log().size(), 4);
    assert!(ledger.clock().is_ok());
}

#[tokio::test]
async fn a_last_entry_from_the_future_is_named_and_writing_goes_on_when_the_clock_has_caught_up() {
    let dir = tempfile::tempdir().unwrap();
    let hours = |h: i64| 30 * DAY_MS + h * 3_600_000;
    let opened = |clock: &Arc<HandClock>, accept_clock| {
        open_with(dir.path(), Options { clock: clock.clone(), accept_clock, ..options() }).unwrap()
    };
    let add = async |ledger: &ledger::Ledger<crate::toy::Adder>| {
        ledger.submit(NORMAL, ADA, Command::Add(1), Ack::Durable).await
    };
    add(&opened(&HandClock::at(hours(73)), false)).await.unwrap();

    let clock = HandClock::at(hours(0));
    let ledger = opened(&clock, false);
    let Err(SubmitError::Clock(why)) = add(&ledger).await else { panic!("73 h before the last entry") };
    let (last, own) = (Instant::from_millis(hours(73)), Instant::from_millis(hours(0)));
    for word in [format!("stamped {last}, 73 h ahead of this machine's clock ({own})"), "--accept-clock".to_owned()] {
        assert!(why.contains(&word), "{word}: {why}");
    }
    assert_eq!(ledger.clock(), Err(why));
    // The clock was what was wrong: set right, with no restart.
    clock.wall_ms.store(hours(74), SeqCst);
    add(&ledger).await.unwrap();
    // And what is right stays watched from then on.
    clock.wall_ms.store(hours(75), SeqCst);
    assert!(matches!(add(&ledger).await, Err(SubmitError::Clock(_))));
    drop(ledger);

    let accepted = opened(&HandClock::at(hours(0)), true);
    let stamp = add(&accepted).await.unwrap().recorded.unwrap().now;
    assert_eq!(stamp, Instant::from_millis(hours(74)), "stamps stand still until the clock has caught up");
    let said = accepted.clock().unwrap();
    assert!(said.contains("74 h ahead of this machine's clock"), "{said}");
}

#[tokio::test]
async fn a_start_a_week_after_the_last_entry_needs_accept_clock() {
    let dir = tempfile::tempdir().unwrap();
    for (day, accept_clock, good) in
        [(1, false, true), (7, false, true), (15, false, false), (15, true, true), (16, false, true)]
    {
        let options = Options { clock: HandClock::at(day * DAY_MS), accept_clock, ..options() };
        let ledger = open_with(dir.path(), options).unwrap();
        let added = ledger.submit(NORMAL, ADA, Command::Add(1), Ack::Durable).await;
        assert_eq!(added.is_ok(), good, "day {day}: {added:?}");
        if let Err(SubmitError::Clock(why)) = added {
            assert!(why.contains("8 days after the last entry") && why.contains("--accept-clock"), "{why}");
        }
    }
}

#[test]
fn segments_have_a_sensible_size() {
    let dir = tempfile::tempdir().unwrap();
    let refused = open_with(dir.path(), Options { segment_bytes: 4_096, ..options() });
    assert!(matches!(refused.err(), Some(ledger::LedgerError::SegmentBytes(4_096))));
}

#[tokio::test]
async fn tiles_that_are_not_wanted_as_files_are_given_from_memory() {
    let dir = tempfile::tempdir().unwrap();
    let open = || open_with(dir.path(), Options { tile_files: false, ..options() }).unwrap();
    let ledger = open();
    add_published(&ledger, 0..300).await;
    let tile = ledger.log().tile(&"tile/0/000".parse().unwrap()).unwrap();
    assert!(tile.is_some());
    drop(ledger);
    assert_eq!(open().log().tile(&"tile/0/000".parse().unwrap()).unwrap(), tile);
    assert!(!dir.path().join("tile").exists());
    let report = ledger::read::LogReader::open(dir.path()).unwrap().verify(ORIGIN, &[signer().vkey()]);
    assert_eq!((report.damage, report.size, report.tiles), (vec![], 300, 0));
}

#[tokio::test]
async fn checkpoints_keep_their_distance_and_the_end_does_not_wait_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let day = std::time::Duration::from_secs(86_400);
    let ledger = open_with(dir.path(), Options { checkpoint_gap: day, ..options() }).unwrap();
    add_published(&ledger, [1]).await;
    for n in 2..=50 {
        ledger.submit(NORMAL, ADA, Command::Add(n), Ack::Durable).await.unwrap();
    }
    assert_eq!((ledger.log().size(), ledger.log().checkpoint().unwrap().0), (50, 1));
    // Its close covers everything.
    drop(ledger);
    let report = ledger::read::LogReader::open(dir.path()).unwrap().verify(ORIGIN, &[signer().vkey()]);
    assert_eq!((report.damage, report.checkpoints, report.checkpoint.unwrap().0), (vec![], 2, 50));
}
