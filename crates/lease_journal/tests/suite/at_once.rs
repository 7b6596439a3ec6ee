//! Many at once, the clock, the turn of a day.

use crate::desk::{DAY, NOON, at, cap, key, lease};
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
    let beyond = |size| journal.committed_beyond(size, |_, _| true);
    let size = committed.head.size;
    assert_eq!([beyond(0), beyond(size - 1), beyond(size)], [Some(committed), Some(committed), None]);
    assert_eq!((journal.committed_beyond(0, |_, _| false), journal.committable()), (None, vec![]));
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

/// Nothing was recorded since midnight: only others know that the day has ended.
#[tokio::test]
async fn a_day_that_has_ended_is_not_begun_again_by_a_clock_that_is_set_back() {
    let dir = tempfile::tempdir().unwrap();
    let midnight = berlin(NOON).until.as_millis();
    let journal = open(dir.path(), &HandClock::at(midnight - 90_000)).unwrap();
    reserve(&journal, 1, 10, 10).await.unwrap();
    drop(journal);
    // A little behind what has come: the day that it was counts.
    let journal = open(dir.path(), &HandClock::beside(midnight - 30_000, midnight + 1_000, 0)).unwrap();
    assert_eq!(journal.standing().map(drop), Ok(()));
    journal.expire().await.unwrap();
    assert_eq!(used(&journal), (0, 0), "its minute is over by then");
    let granted = reserve(&journal, 2, 10, 10).await.unwrap();
    assert_eq!((granted.period, granted.made), (berlin(midnight), at(midnight + 1_000)));
    drop(journal);
    // Far behind: nothing is granted, and it is said what to do.
    let journal = open(dir.path(), &HandClock::beside(midnight + 1_000, midnight + 3_600_000, 0)).unwrap();
    assert_eq!(reserve(&journal, 3, 1, 100).await.unwrap_err().code(), "journal.clock");
    let why = journal.standing().unwrap_err();
    assert!(why.contains("behind") && why.contains("set right whichever is wrong"), "{why}");
}

/// Leases may be idle for weeks: it is the ledger that knows what time it is, and a person where it does not.
#[tokio::test]
async fn a_journal_that_was_idle_for_weeks_goes_on_where_the_ledger_or_a_person_vouches_for_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), &HandClock::at(NOON)).unwrap();
    reserve(&journal, 1, 1, 10).await.unwrap();
    drop(journal);
    let later = NOON + 30 * DAY;
    let clock = HandClock::beside(later, 0, NOON);
    let journal = open(dir.path(), &clock).unwrap();
    assert_eq!(reserve(&journal, 2, 1, 10).await.unwrap_err().code(), "journal.clock");
    clock.vouch(later - DAY);
    reserve(&journal, 2, 1, 10).await.unwrap();
    drop(journal);
    let clock = HandClock::at(later + 30 * DAY);
    let options = JournalOptions { clock, accept_clock: true, ..JournalOptions::new("journal.test/leases") };
    let journal = Journal::open(dir.path(), options).unwrap();
    reserve(&journal, 3, 1, 10).await.unwrap();
}

/// Both Sundays of New York: 23 hours on 8 March, 25 on 1 November.
#[tokio::test]
async fn a_reservation_across_midnight_and_the_change_of_clocks_counts_where_it_was_made() {
    for (evening, hours) in [("2026-03-08T04:59:59.000Z", 23), ("2026-11-01T03:59:59.000Z", 25)] {
        let dir = tempfile::tempdir().unwrap();
        let evening = evening.parse::<model::Instant>().unwrap().as_millis();
        let (clock, midnight) = (HandClock::at(evening), evening + 1_000);
        let journal = open(dir.path(), &clock).unwrap();
        let right = Right { cap: cap(10, 5), zone: "America/New_York".to_owned(), kind: PeriodKind::Day };
        let day_ms = 86_400_000;
        let ask = |id, hold_ms| Ask { lease: lease(1), key: key(1, id), cycles: 10, hold_ms };
        let saturday = journal.reserve(ask(1, day_ms), &right).await.unwrap();
        clock.set(midnight - 1);
        assert_eq!(journal.reserve(ask(2, 1), &right).await.unwrap_err().code(), "lease.cap_reached");
        clock.set(midnight);
        let sunday = journal.reserve(ask(2, day_ms), &right).await.unwrap();
        assert_eq!((saturday.period.until, sunday.period.from), (at(midnight), at(midnight)));
        assert_eq!(sunday.period.until.millis_since(sunday.period.from), hours * 3_600_000);
        journal.post(lease(1), key(1, 2), 10).await.unwrap();
        // From the hour before the clocks change until the last instant of the day there is one cap.
        for ms in [midnight + 7_199_999, midnight + 7_200_000, midnight + hours * 3_600_000 - 1] {
            clock.set(ms);
            assert_eq!(journal.reserve(ask(3, 1), &right).await.unwrap_err().code(), "lease.cap_reached", "{ms}");
        }
        // Of the short day the day before is open still when it ends; of the long one it is void by then.
        clock.set(sunday.period.until.as_millis());
        let posted = journal.post(lease(1), key(1, 1), 7).await;
        assert_eq!(posted.is_ok(), hours == 23);
        let days: Vec<_> = journal.usage(&lease(1), 9).iter().map(|day| (day.posted, day.open)).collect();
        assert_eq!(days[1], (if hours == 23 { 7 } else { 0 }, 0), "it counts on Saturday, if at all");
        journal.reserve(ask(4, 1), &right).await.unwrap();
    }
}

/// Whatever the order of the leases' names, receipts come as the journal has grown.
#[tokio::test]
async fn what_is_owed_next_is_what_the_journal_made_final_first() {
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::at(NOON);
    let journal = open(dir.path(), &clock).unwrap();
    for of in [2, 1] {
        let ask = Ask { lease: lease(of), key: key(of, 1), cycles: 1, hold_ms: 1 };
        journal.reserve(ask, &right(10)).await.unwrap();
    }
    clock.set(NOON + 1);
    for of in [2, 1] {
        journal.close(lease(of)).await.unwrap();
        journal.close(lease(of)).await.unwrap();
    }
    let (mut known, mut told) = (0, vec![]);
    while let Some(total) = journal.committed_beyond(known, |_, _| true) {
        assert!(total.head.size > known && journal.shown(total.head).is_ok());
        known = total.head.size;
        told.push(total.lease);
    }
    assert_eq!((told, known), (vec![lease(2), lease(1)], journal.log().size()));
}
