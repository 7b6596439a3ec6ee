//! Each rule by itself.

use crate::desk::{DAY, Desk, NOON, at, cap, key, lease, utc_day};
use lease_journal::{
    Ask, CYCLES_MAX, Command, Entry, Fact, How, LeaseMachine, Period, PeriodKind, Refusal, Reserve, period_of,
};
use ledger::Machine as _;

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
