//! Many at once, the clock, the turn of a day.

use crate::desk::{NOON, at, cap, key, lease};
use crate::journal::{HandClock, ask, open, reserve, right, used};
use lease_journal::{Ask, How, Journal, JournalError, JournalOptions, PeriodKind, Right, period_of};
use ledger::LaneLimits;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

fn berlin(ms: i64) -> lease_journal::Period {
    period_of("Europe/Berlin", PeriodKind::Day, at(ms)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_reservations_at_once_for_the_last_cycle_one_succeeds() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), &HandClock::at(NOON)).unwrap();
    reserve(&journal, 99, 9, 10).await.unwrap();
    let mut asking = JoinSet::new();
    for id in 1..=8 {
        let journal = journal.clone();
        asking.spawn(async move { reserve(&journal, id, 1, 10).await });
    }
    let answers = asking.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| error.code() == "lease.cap_reached"));
    assert_eq!(used(&journal), (0, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_callers_use_a_cap_up_to_its_last_cycle_and_no_further() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), &HandClock::at(NOON)).unwrap();
    let mut calling = JoinSet::new();
    for caller in 0..64_u8 {
        let journal = journal.clone();
        calling.spawn(async move {
            let mut posted = 0;
            for id in 0..20 {
                let ask = Ask { lease: lease(1), key: key(caller, id), cycles: 1 + u64::from(id % 7), hold_ms: 60_000 };
                match journal.reserve(ask, &right(1_000)).await {
                    Ok(granted) if id % 3 == 0 => {
                        journal.void(granted.ask.lease, granted.ask.key).await.unwrap();
                    }
                    Ok(granted) => {
                        let used = granted.ask.cycles.div_ceil(2);
                        let ending = journal.post(granted.ask.lease, granted.ask.key, used).await.unwrap();
                        assert_eq!(ending.how, How::Posted(used));
                        posted += used;
                    }
                    Err(error) => assert_eq!(error.code(), "lease.cap_reached"),
                }
            }
            posted
        });
    }
    let posted: u64 = calling.join_all().await.into_iter().sum();
    assert!(posted <= 1_000);
    assert_eq!(used(&journal), (posted, 0));
    if posted < 1_000 {
        reserve(&journal, 101, 1_000 - posted, 1_000).await.unwrap();
    }
    assert_eq!(reserve(&journal, 102, 1, 1_000).await.unwrap_err().code(), "lease.cap_reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_busy_and_what_it_took_it_answers() {
    let dir = tempfile::tempdir().unwrap();
    let options = JournalOptions {
        clock: HandClock::at(NOON),
        lanes: LaneLimits { lane: 2, principal: 1 },
        ..JournalOptions::new("journal.test/leases")
    };
    let journal = Journal::open(dir.path(), options).unwrap();
    let mut asking = JoinSet::new();
    for id in 0..200 {
        let journal = journal.clone();
        asking.spawn(async move { reserve(&journal, id, 1, 1_000).await });
    }
    let (mut granted, mut busy) = (0, 0);
    for answer in asking.join_all().await {
        match answer {
            Ok(_) => granted += 1,
            Err(error @ JournalError::Submit(_)) => {
                assert_eq!(error.code(), "busy");
                busy += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((granted + busy, used(&journal)), (200, (0, granted)));
}

#[tokio::test]
async fn what_is_past_its_time_is_void_and_free_for_who_asks_next() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::at(NOON);
    let journal = open(dir.path(), &clock).unwrap();
    for id in 1..=10 {
        reserve(&journal, id, 1, 10).await.unwrap();
    }
    clock.set(NOON + 60_000);
    let late = journal.post(lease(1), key(1, 1), 1).await.unwrap_err();
    assert_eq!(late.code(), "reservation.expired");
    assert!(late.next().contains("new id"), "{}", late.next());
    reserve(&journal, 11, 10, 10).await.unwrap();
    assert_eq!(used(&journal), (0, 10));
    clock.set(NOON + 120_000);
    journal.expire().await.unwrap();
    assert_eq!(used(&journal), (0, 0));
}

#[tokio::test]
async fn a_clock_alone_voids_what_is_past_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::at(NOON);
    let journal = open(dir.path(), &clock).unwrap();
    reserve(&journal, 1, 10, 10).await.unwrap();
    clock.set(NOON + 60_000);
    let voided = async {
        while used(&journal) != (0, 0) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        () = journal.keep_expiring() => unreachable!("it has no end"),
        within = tokio::time::timeout(Duration::from_secs(60), voided) => within.expect("it is voided"),
    }
}

#[tokio::test]
async fn a_day_turns_at_local_midnight_and_what_was_open_counts_in_the_day_before() {
    let dir = tempfile::tempdir().unwrap();
    // The evening before the clocks go forward: the next day has 23 hours.
    let evening = "2026-03-28T22:59:30.000Z".parse::<model::Instant>().unwrap().as_millis();
    let (clock, midnight) = (HandClock::at(evening), evening + 30_000);
    let journal = open(dir.path(), &clock).unwrap();
    let last = reserve(&journal, 1, 10, 10).await.unwrap();
    clock.set(midnight - 1);
    assert_eq!(reserve(&journal, 2, 1, 10).await.unwrap_err().code(), "lease.cap_reached");
    clock.set(midnight);
    let first = reserve(&journal, 2, 10, 10).await.unwrap();
    assert_eq!((last.period.until, first.period.from), (at(midnight), at(midnight)));
    assert_eq!(first.period, berlin(midnight));
    assert_eq!(first.period.until.millis_since(first.period.from), 23 * 3_600_000);
    assert_eq!(journal.commit(lease(1), last.period).await.unwrap_err().code(), "period.open");
    journal.post(lease(1), key(1, 1), 9).await.unwrap();
    let days: Vec<_> = journal.usage(&lease(1), 9).iter().map(|day| (day.posted, day.open)).collect();
    assert_eq!(days, [(0, 10), (9, 0)]);
    assert_eq!(journal.committable(), [(lease(1), last.period)]);
    let committed = journal.commit(lease(1), last.period).await.unwrap();
    assert_eq!((committed.posted, committed.head.size), (9, journal.log().size()));
    let size = committed.head.size;
    assert_eq!((journal.committed_beyond(0), journal.committed_beyond(size - 1)), (vec![committed], vec![committed]));
    assert_eq!((journal.committed_beyond(size), journal.committable()), (vec![], vec![]));
    journal.void(lease(1), key(1, 2)).await.unwrap();
    assert_eq!(journal.commit(lease(1), last.period).await, Ok(committed), "the same receipt, though the journal grew");
}

#[tokio::test]
async fn a_lease_in_a_zone_that_this_build_does_not_know_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), &HandClock::at(NOON)).unwrap();
    let nowhere = Right { cap: cap(10, 5), zone: "Mars/Olympus".to_owned(), kind: PeriodKind::Month };
    let error = journal.reserve(ask(1, 1), &nowhere).await.unwrap_err();
    assert_eq!(error.code(), "period.unknown");
    assert!(error.to_string().contains("Mars/Olympus"), "{error}");
    assert_eq!(journal.log().size(), 0);
}

#[tokio::test]
async fn a_clock_that_is_not_believed_grants_nothing_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::at(NOON);
    let journal = open(dir.path(), &clock).unwrap();
    reserve(&journal, 1, 1, 10).await.unwrap();
    assert!(journal.standing().is_ok());
    drop(journal);
    let behind = HandClock::at(NOON - 3_600_000);
    let journal = open(dir.path(), &Arc::clone(&behind)).unwrap();
    assert_eq!(reserve(&journal, 2, 1, 10).await.unwrap_err().code(), "journal.clock");
    assert!(journal.standing().unwrap_err().contains("clock"));
}
