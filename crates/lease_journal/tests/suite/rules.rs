//! Each rule by itself.

use crate::desk::{DAY, Desk, NOON, at, cap, key, lease, utc_day};
use lease_journal::{
    Ask, CYCLES_MAX, Command, Entry, Fact, How, KNOWN_MAX, LeaseMachine, OPEN_MAX, Period, PeriodKind, Refusal,
    ReservationKey, Reserve, period_of,
};
use ledger::Machine as _;
use model::{EngineId, Id};

#[test]
fn what_is_reserved_and_posted_never_exceeds_the_cap() {
    let mut desk = Desk::default();
    desk.reserve(NOON, 1, 1, 600, cap(1_000, 5)).unwrap();
    let refused = desk.reserve(NOON, 1, 2, 401, cap(1_000, 5)).unwrap_err();
    assert!(matches!(refused, Refusal::CapReached { posted: 0, open: 600, left: 400, asked: 401, cap: 1_000, .. }));
    assert_eq!(refused.code(), "lease.cap_reached");
    assert!(refused.next().contains("400"), "{}", refused.next());
    desk.reserve(NOON, 1, 2, 400, cap(1_000, 5)).unwrap();
    assert_eq!(desk.post(NOON, 1, 1, 100).unwrap().how, How::Posted(100));
    assert_eq!(desk.used(1, NOON), (100, 400));
    desk.reserve(NOON, 1, 3, 500, cap(1_000, 5)).unwrap();
    assert!(desk.reserve(NOON, 1, 4, 1, cap(1_000, 5)).is_err());
    desk.void(NOON, 1, 2).unwrap();
    assert_eq!(desk.used(1, NOON), (100, 500));
}

#[test]
fn a_question_asked_again_is_answered_as_before_and_leaves_no_second_entry() {
    let mut desk = Desk::default();
    let first = desk.reserve(NOON, 1, 1, 600, cap(1_000, 5)).unwrap();
    // The cap is gone, the period has turned, it was posted, it would be void: all the same.
    assert_eq!(desk.reserve(NOON + 1, 1, 1, 600, cap(0, 6)), Ok(first));
    let posted = desk.post(NOON + 2, 1, 1, 7).unwrap();
    assert_eq!(desk.post(NOON + DAY, 1, 1, 7), Ok(posted));
    assert_eq!(desk.reserve(NOON + DAY, 1, 1, 600, cap(0, 6)), Ok(first));
    assert_eq!((desk.leaves.len(), first.entry, posted.entry), (2, 0, 1));
    desk.reserve(NOON + DAY, 1, 2, 5, cap(1_000, 7)).unwrap();
    let void = desk.void(NOON + DAY, 1, 2).unwrap();
    assert_eq!(desk.void(NOON + DAY + 1, 1, 2), Ok(void));
    assert_eq!(desk.leaves.len(), 4);
}

#[test]
fn an_id_with_another_content_is_refused_and_changes_nothing() {
    let mut desk = Desk::default();
    desk.reserve(NOON, 1, 1, 600, cap(1_000, 5)).unwrap();
    let before = desk.machine.clone();
    for (of, cycles) in [(1, 599), (2, 600)] {
        let refused = desk.reserve(NOON, of, 1, cycles, cap(1_000, 5)).unwrap_err();
        assert_eq!(refused.code(), "reservation.conflict", "{refused}");
    }
    let ask = Ask { lease: lease(1), key: key(1, 1), cycles: 600, hold_ms: 1 };
    assert!(matches!(desk.reserve_in(NOON, ask, utc_day(NOON), cap(1_000, 5)), Err(Refusal::Conflict { .. })));
    assert_eq!(desk.machine, before);
    desk.post(NOON, 1, 1, 10).unwrap();
    assert_eq!(desk.post(NOON, 1, 1, 11).unwrap_err().code(), "reservation.conflict");
    assert_eq!(desk.void(NOON, 1, 1).unwrap_err().code(), "reservation.posted");
    // Another engine may call its own the same.
    let theirs = Ask { key: key(2, 1), ..ask };
    assert!(desk.reserve_in(NOON, theirs, utc_day(NOON), cap(1_000, 5)).is_ok());
}

#[test]
fn nobody_ends_what_was_never_granted_to_that_engine_under_that_lease() {
    let mut desk = Desk::default();
    desk.reserve(NOON, 1, 1, 10, cap(10, 5)).unwrap();
    let before = desk.machine.clone();
    assert_eq!(desk.post(NOON, 2, 1, 1).unwrap_err().code(), "reservation.unknown");
    assert_eq!(desk.void(NOON, 1, 9).unwrap_err().code(), "reservation.unknown");
    let theirs = desk.ask(NOON, &Command::Void { lease: lease(1), key: key(2, 1) });
    assert_eq!(theirs.unwrap_err().code(), "reservation.unknown");
    assert_eq!(desk.machine, before);
}

#[test]
fn numbers_out_of_range_are_refused_and_none_overflows() {
    let mut desk = Desk::default();
    for cycles in [0, CYCLES_MAX + 1, u64::MAX] {
        assert_eq!(desk.reserve(NOON, 1, 1, cycles, cap(u64::MAX, 5)), Err(Refusal::Cycles(cycles)));
    }
    for hold_ms in [0, 86_400_001, u64::MAX] {
        let ask = Ask { lease: lease(1), key: key(1, 1), cycles: 1, hold_ms };
        assert_eq!(desk.reserve_in(NOON, ask, utc_day(NOON), cap(1, 5)), Err(Refusal::Hold(hold_ms)));
    }
    desk.reserve(NOON, 1, 1, CYCLES_MAX, cap(u64::MAX, 5)).unwrap();
    assert!(matches!(desk.reserve(NOON, 1, 2, 1, cap(u64::MAX, 6)), Err(Refusal::CapReached { left: 0, .. })));
    assert_eq!(desk.post(NOON, 1, 1, u64::MAX).unwrap_err().code(), "reservation.too_much");
    desk.post(NOON, 1, 1, CYCLES_MAX).unwrap();
    assert!(matches!(desk.reserve(NOON, 1, 2, 1, cap(u64::MAX, 7)), Err(Refusal::CapReached { left: 0, .. })));
    assert_eq!(desk.replayed(), desk.machine);
}

#[test]
fn a_cap_that_is_raised_counts_at_once_and_one_that_is_lowered_leaves_what_was_granted() {
    let mut desk = Desk::default();
    desk.reserve(NOON, 1, 1, 100, cap(100, 5)).unwrap();
    assert!(desk.reserve(NOON, 1, 2, 50, cap(100, 5)).is_err());
    desk.reserve(NOON, 1, 2, 50, cap(150, 6)).unwrap();
    // Whoever reads an older state must not bring its cap back, larger or smaller.
    assert!(desk.reserve(NOON, 1, 3, 1, cap(1_000, 4)).is_err());
    let lowered = desk.reserve(NOON, 1, 3, 1, cap(20, 7)).unwrap_err();
    assert!(matches!(lowered, Refusal::CapReached { cap: 20, open: 150, left: 0, .. }));
    assert_eq!(desk.post(NOON, 1, 1, 100).unwrap().how, How::Posted(100));
    desk.post(NOON, 1, 2, 50).unwrap();
    assert_eq!(desk.used(1, NOON), (150, 0));
    assert_eq!(desk.replayed(), desk.machine);
}

/// What raised it ends by its time alone: no entry of the control log says so.
#[test]
fn a_cap_that_falls_while_the_control_log_stands_still_counts_at_once() {
    let mut desk = Desk::default();
    desk.reserve(NOON, 1, 1, 100, cap(200, 5)).unwrap();
    let over = desk.reserve(NOON, 1, 2, 1, cap(100, 5)).unwrap_err();
    assert!(matches!(over, Refusal::CapReached { cap: 100, open: 100, left: 0, .. }), "{over:?}");
    desk.post(NOON, 1, 1, 60).unwrap();
    desk.reserve(NOON, 1, 2, 40, cap(100, 5)).unwrap();
    // A question that was read before it fell and comes after does not bring it back; a newer state does.
    assert!(desk.reserve(NOON, 1, 3, 1, cap(200, 5)).is_err());
    desk.reserve(NOON, 1, 3, 100, cap(200, 6)).unwrap();
    assert_eq!(desk.replayed(), desk.machine);
}

#[test]
fn use_of_an_old_lease_does_not_count_against_a_new_one() {
    let mut desk = Desk::default();
    desk.reserve(NOON, 1, 1, 100, cap(100, 5)).unwrap();
    desk.post(NOON, 1, 1, 100).unwrap();
    desk.reserve(NOON, 2, 2, 100, cap(100, 6)).unwrap();
    assert_eq!((desk.used(1, NOON), desk.used(2, NOON)), ((100, 0), (0, 100)));
}

#[test]
fn a_reservation_is_void_from_the_very_instant_and_its_cycles_come_back_with_the_entry() {
    let mut desk = Desk::default();
    let granted = desk.reserve(NOON, 1, 1, 100, cap(100, 5)).unwrap();
    assert_eq!(granted.expires, at(NOON + 60_000));
    assert_eq!(desk.expire(NOON + 59_999), 0);
    let late = NOON + 60_000;
    for refused in [desk.post(late, 1, 1, 1), desk.void(late, 1, 1)] {
        assert_eq!(refused, Err(Refusal::Expired { expires: granted.expires }));
    }
    assert!(desk.machine.is_due(at(late)) && !desk.machine.is_due(at(late - 1)));
    assert_eq!((desk.expire(late), desk.expire(late)), (1, 0));
    assert_eq!(desk.used(1, NOON), (0, 0));
    assert_eq!(desk.post(late, 1, 1, 1).unwrap_err().code(), "reservation.expired");
    assert_eq!(desk.void(late, 1, 1).unwrap_err().code(), "reservation.expired");
    assert_eq!(desk.reserve(late, 1, 1, 100, cap(100, 5)), Ok(granted), "the first answer, which says until when");
    desk.reserve(late, 1, 2, 100, cap(100, 5)).unwrap();
}

#[test]
fn a_reservation_counts_in_the_period_it_was_made_in_whenever_it_is_posted() {
    let mut desk = Desk::default();
    let midnight = utc_day(NOON).until.as_millis();
    desk.reserve(midnight - 1, 1, 1, 100, cap(100, 5)).unwrap();
    desk.reserve(midnight, 1, 2, 100, cap(100, 5)).unwrap();
    assert_eq!((desk.used(1, midnight - 1), desk.used(1, midnight)), ((0, 100), (0, 100)));
    desk.post(midnight + 5, 1, 1, 60).unwrap();
    assert_eq!((desk.used(1, midnight - 1), desk.used(1, midnight)), ((60, 0), (0, 100)));
    // The writer's instant decides, not the asker's.
    let ask = Ask { lease: lease(1), key: key(1, 3), cycles: 1, hold_ms: 1 };
    let turned = desk.reserve_in(midnight + DAY, ask, utc_day(midnight), cap(200, 6));
    assert_eq!(turned, Err(Refusal::PeriodTurned { now: at(midnight + DAY) }));
}

#[test]
fn a_day_of_23_and_one_of_25_hours_have_one_cap_each() {
    for (day, hours) in [("2026-03-29T10:00:00.000Z", 23), ("2026-10-25T10:00:00.000Z", 25)] {
        let mut desk = Desk::default();
        let of = |ms| period_of("Europe/Berlin", PeriodKind::Day, at(ms)).unwrap();
        let day = of(day.parse::<model::Instant>().unwrap().as_millis());
        let (from, until) = (day.from.as_millis(), day.until.as_millis());
        assert_eq!(until - from, hours * 3_600_000);
        let mut granted = 0_u64;
        for (id, ms) in (from - 3_600_000..until + 3_600_000).step_by(1_800_000).enumerate() {
            let id = u8::try_from(id).unwrap();
            let ask = Ask { lease: lease(1), key: key(1, id), cycles: 10, hold_ms: 86_400_000 };
            granted += u64::from(desk.reserve_in(ms, ask, of(ms), cap(40, 5)).is_ok());
        }
        assert_eq!(granted, 2 + 4 + 2, "an hour before, the day, an hour after");
        assert_eq!(desk.used(1, from), (0, 40));
        assert_eq!(desk.replayed(), desk.machine);
    }
}

#[test]
fn a_period_that_has_begun_keeps_its_bounds_and_the_next_does_not_overlap_it() {
    let mut desk = Desk::default();
    let day = utc_day(NOON);
    desk.reserve(NOON, 1, 1, 100, cap(100, 5)).unwrap();
    // The zone's rules have changed under it: midnight is an hour earlier.
    let earlier = Period { from: day.from.plus_millis(-3_600_000), until: day.until.plus_millis(-3_600_000) };
    let ask = |id| Ask { lease: lease(1), key: key(1, id), cycles: 1, hold_ms: 60_000 };
    assert!(desk.reserve_in(NOON, ask(2), earlier, cap(100, 5)).is_err());
    let next = Period { from: earlier.until, until: earlier.until.plus_millis(DAY) };
    let last_hour = day.until.as_millis() - 1;
    assert!(desk.reserve_in(last_hour, ask(2), next, cap(100, 5)).is_err());
    let granted = desk.reserve_in(last_hour + 1, ask(2), next, cap(100, 5)).unwrap();
    assert_eq!(granted.period, Period { from: day.until, until: next.until });
    assert_eq!(desk.replayed(), desk.machine);
}

#[test]
fn a_total_is_final_once_its_period_is_over_and_nothing_is_open() {
    let mut desk = Desk::default();
    let (day, midnight) = (utc_day(NOON), utc_day(NOON).until.as_millis());
    desk.reserve(NOON, 1, 1, 70, cap(100, 5)).unwrap();
    desk.post(NOON, 1, 1, 50).unwrap();
    assert_eq!(desk.commit(NOON, 1, day), Err(Refusal::PeriodRunning { until: day.until }));
    let open = desk.reserve(midnight - 1, 1, 2, 30, cap(100, 5)).unwrap();
    assert_eq!(desk.commit(midnight, 1, day), Err(Refusal::PeriodOpen { open: 1, until: open.expires }));
    assert!(desk.machine.committable(at(midnight)).is_empty());
    desk.post(midnight + 1, 1, 2, 30).unwrap();
    assert_eq!(desk.machine.committable(at(midnight)), [(lease(1), day)]);
    let other = Period { until: day.until.plus_millis(1), ..day };
    assert_eq!(desk.commit(midnight + 2, 1, other).unwrap_err().code(), "period.other");
    assert_eq!(desk.commit(midnight + 2, 1, day), Ok(80));
    let entries = desk.leaves.len();
    assert_eq!(desk.commit(midnight + 3, 1, day), Ok(80));
    assert!(desk.machine.committable(at(midnight)).is_empty());
    assert_eq!((desk.leaves.len(), desk.usage(1, NOON).unwrap().committed), (entries, Some(entries as u64 - 1)));
    // Nothing was used by this one: that is a total too.
    assert_eq!(desk.commit(midnight + 3, 2, day), Ok(0));
    assert_eq!(desk.replayed(), desk.machine);
}

#[test]
fn a_lease_that_is_over_has_its_total_before_the_period_ends_and_grants_nothing_more() {
    let mut desk = Desk::default();
    let day = utc_day(NOON);
    desk.reserve(NOON, 1, 1, 70, cap(100, 5)).unwrap();
    let open = desk.reserve(NOON, 1, 2, 20, cap(100, 5)).unwrap();
    desk.post(NOON, 1, 1, 50).unwrap();
    assert_eq!(desk.machine.closable(&lease(1)), None, "what is open can be posted still");
    assert_eq!(desk.close(NOON, 1, day), Err(Refusal::PeriodOpen { open: 1, until: open.expires }));
    desk.post(NOON + 1, 1, 2, 5).unwrap();
    assert_eq!(desk.machine.closable(&lease(1)), Some(day));
    assert_eq!(desk.close(NOON + 1, 1, day), Ok(55));
    assert_eq!((desk.close(NOON + 2, 1, day), desk.commit(NOON + 2, 1, day)), (Ok(55), Ok(55)), "once");
    assert_eq!(desk.machine.closable(&lease(1)), None);
    let refused = desk.reserve(NOON + 2, 1, 3, 1, cap(100, 5)).unwrap_err();
    assert_eq!((refused, refused.code()), (Refusal::Closed { until: day.until }, "lease.ended"));
    assert!(desk.machine.committable(day.until).is_empty());
    // The day of another lease has not ended, and a day that has not begun cannot be closed.
    desk.reserve(NOON + 2, 2, 4, 1, cap(100, 5)).unwrap();
    let tomorrow = utc_day(NOON + DAY);
    assert_eq!(desk.close(NOON + 2, 1, tomorrow), Err(Refusal::PeriodRunning { until: tomorrow.until }));
    assert_eq!(desk.replayed(), desk.machine);
}

/// On the day on which the clocks go forward a hold of 24 hours outlives the next day.
#[test]
fn the_totals_of_one_lease_come_in_the_order_of_its_periods() {
    let mut desk = Desk::default();
    let of = |ms| period_of("America/New_York", PeriodKind::Day, at(ms)).unwrap();
    let short = of("2026-03-08T18:00:00.000Z".parse::<model::Instant>().unwrap().as_millis());
    assert_eq!(short.until.millis_since(short.from), 23 * 3_600_000);
    let last = short.from.as_millis() - 1;
    let ask = |id, hold_ms| Ask { lease: lease(1), key: key(1, id), cycles: 10, hold_ms };
    let before = desk.reserve_in(last, ask(1, 86_400_000), of(last), cap(100, 5)).unwrap();
    desk.reserve_in(last + 2, ask(2, 1), short, cap(100, 5)).unwrap();
    let over = short.until.as_millis();
    assert_eq!(desk.expire(over), 1);
    assert!(before.expires > short.until && desk.machine.committable(at(over)).is_empty(), "the day before is open");
    assert_eq!(desk.machine.closable(&lease(1)), None);
    desk.post(over, 1, 1, 4).unwrap();
    assert_eq!(desk.machine.committable(at(over)), [(lease(1), of(last)), (lease(1), short)]);
}

/// One that reserves, posts nothing and begins again, however often, takes so much memory and nothing of anybody else's.
#[test]
fn so_many_ended_reservations_of_an_engine_are_known_and_none_of_another_is_forgotten_for_them() {
    let mut desk = Desk::default();
    let other = key(2, 7);
    let ask = Ask { lease: lease(1), key: other, cycles: 5, hold_ms: 60_000 };
    let first = desk.reserve_in(NOON, ask, utc_day(NOON), cap(100, 1)).unwrap();
    desk.ask(NOON, &Command::Post { lease: lease(1), key: other, cycles: 5 }).unwrap();
    let flooding = |n: usize| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(n as u64).to_be_bytes());
        Ask {
            lease: lease(1),
            key: ReservationKey { engine: EngineId([1; 16]), id: Id(id) },
            cycles: 1,
            hold_ms: 60_000,
        }
    };
    let post = |ask: Ask| Command::Post { lease: ask.lease, key: ask.key, cycles: 0 };
    for n in 0..=KNOWN_MAX {
        desk.reserve_in(NOON, flooding(n), utc_day(NOON), cap(100, 1)).unwrap();
        desk.ask(NOON, &post(flooding(n))).unwrap();
    }
    let mut replayed = Desk { machine: desk.replayed(), leaves: desk.leaves.clone() };
    for desk in [&mut desk, &mut replayed] {
        let entries = desk.leaves.len();
        assert_eq!(
            desk.ask(NOON, &post(flooding(0))).unwrap_err().code(),
            "reservation.unknown",
            "the oldest is forgotten"
        );
        for n in [1, KNOWN_MAX] {
            desk.ask(NOON, &post(flooding(n))).unwrap();
        }
        assert_eq!(desk.reserve_in(NOON, ask, utc_day(NOON), cap(100, 1)).unwrap(), first, "as the first time");
        assert_eq!(desk.leaves.len(), entries, "nothing of it was recorded again");
        assert_eq!(desk.used(1, NOON), (5, 0));
    }
}

#[test]
fn an_ended_reservation_is_known_for_two_days_and_an_open_one_for_as_long_as_it_is() {
    let mut desk = Desk::default();
    desk.reserve(NOON, 1, 1, 1, cap(100, 5)).unwrap();
    desk.void(NOON, 1, 1).unwrap();
    desk.reserve(NOON, 1, 2, 1, cap(100, 5)).unwrap();
    let later = NOON + 2 * DAY;
    desk.reserve(later - 1, 1, 3, 1, cap(100, 5)).unwrap();
    assert!(desk.void(later - 1, 1, 1).is_ok());
    desk.reserve(later, 1, 4, 1, cap(100, 5)).unwrap();
    assert_eq!(desk.void(later, 1, 1).unwrap_err().code(), "reservation.unknown");
    assert_eq!(desk.post(later, 1, 2, 1).unwrap_err().code(), "reservation.expired");
    assert_eq!(desk.replayed(), desk.machine);
}

#[test]
fn no_more_reservations_of_a_lease_are_open_than_a_lease_may_have() {
    let mut desk = Desk::default();
    let ask = |id: u32| {
        let mut bytes = [9; 16];
        bytes[..4].copy_from_slice(&id.to_be_bytes());
        let key = ReservationKey { engine: EngineId([1; 16]), id: Id(bytes) };
        Ask { lease: lease(1), key, cycles: 1, hold_ms: 60_000 }
    };
    let most = cap(CYCLES_MAX, 5);
    for id in 0..OPEN_MAX {
        desk.reserve_in(NOON, ask(id), utc_day(NOON), most).unwrap();
    }
    let refused = desk.reserve_in(NOON, ask(OPEN_MAX), utc_day(NOON), most).unwrap_err();
    assert_eq!((refused, refused.code()), (Refusal::TooMany, "reservations.too_many"));
    assert!(refused.to_string().contains("65536"), "{refused}");
    assert_eq!(desk.leaves.len(), OPEN_MAX as usize, "what is refused leaves no entry");
    // What was granted is answered as before, another lease is not hindered, and one that ends makes room for one.
    assert_eq!(desk.reserve_in(NOON, ask(0), utc_day(NOON), most).unwrap().entry, 0);
    desk.reserve(NOON, 2, 1, 1, most).unwrap();
    let Ask { lease, key, .. } = ask(7);
    desk.ask(NOON, &Command::Void { lease, key }).unwrap();
    desk.reserve_in(NOON, ask(OPEN_MAX), utc_day(NOON), most).unwrap();
    assert_eq!(desk.reserve_in(NOON, ask(OPEN_MAX + 1), utc_day(NOON), most), Err(Refusal::TooMany));
}

#[test]
fn an_entry_that_does_not_follow_is_refused_at_the_next_start() {
    let mut desk = Desk::default();
    desk.reserve(NOON, 1, 1, 60, cap(100, 5)).unwrap();
    let reserve = |id, cycles, cap| {
        let ask = Ask { lease: lease(1), key: key(1, id), cycles, hold_ms: 60_000 };
        Fact::Reserve(Reserve { ask, period: utc_day(NOON), cap })
    };
    let (one, two) = ((lease(1), key(1, 1)), (lease(1), key(1, 2)));
    let wrong = [
        (NOON, reserve(2, 41, cap(100, 5)), "cycles"),
        (NOON, reserve(2, 40, cap(1_000, 4)), "follows"),
        (NOON, reserve(1, 60, cap(100, 5)), "before"),
        (NOON - 1, reserve(2, 1, cap(100, 5)), "stamped"),
        (NOON + DAY, reserve(2, 1, cap(100, 5)), "period"),
        (NOON, Fact::Post { lease: two.0, key: two.1, cycles: 1 }, "reservation"),
        (NOON, Fact::Post { lease: one.0, key: one.1, cycles: 61 }, "reserved"),
        (NOON, Fact::Expire(vec![one.1]), "before"),
        (NOON + 60_000, Fact::Expire(vec![two.1]), "follows"),
        (NOON + DAY, Fact::Commit { lease: lease(1), period: utc_day(NOON), posted: 0 }, "open"),
        (NOON + DAY, Fact::Commit { lease: lease(2), period: utc_day(NOON), posted: 1 }, "follows"),
        (NOON, Fact::Close { lease: lease(1), period: utc_day(NOON), posted: 0 }, "open"),
        (NOON, Fact::Close { lease: lease(2), period: utc_day(NOON), posted: 1 }, "follows"),
        (NOON + DAY, Fact::Close { lease: lease(2), period: utc_day(NOON), posted: 0 }, "follows"),
    ];
    for (ms, fact, says) in wrong {
        let mut machine: LeaseMachine = desk.replayed();
        let leaf = Entry { stamp: at(ms), fact }.encode();
        let why = machine.replay(1, &leaf).unwrap_err();
        assert!(why.contains(says), "{why}");
        assert_eq!(machine, desk.machine);
    }
    assert!(desk.replayed().replay(1, b"{}").unwrap_err().contains("not an entry"));
}
