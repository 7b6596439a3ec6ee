//! Histories from nothing: every short one, and many long ones, beside the plain model.

use crate::desk::{DAY, Desk, NOON, cap, key, lease, utc_day};
use crate::model::{Model, Said};
use lease_journal::{Ask, Command, Reserve};
use proptest::prelude::*;

/// Both are asked the same, say the same, and count the same.
fn step(desk: &mut Desk, model: &mut Model, ms: i64, command: &Command) {
    let before = desk.machine.clone();
    let entries = desk.leaves.len();
    let said = Said::of(desk.ask(ms, command));
    assert_eq!(said, model.ask(ms, command), "{command:?} at {ms}");
    if desk.leaves.len() == entries {
        assert_eq!(desk.machine, before, "what leaves no entry changes nothing");
    }
    for of in 1..=2 {
        for usage in desk.machine.usage(&lease(of), usize::MAX) {
            assert_eq!((usage.posted, usage.open), model.used(lease(of), usage.period));
        }
    }
}

fn reserve(of: u8, id: u8, cycles: u64, hold_ms: u64, ms: i64, named: (u64, u64)) -> Command {
    let ask = Ask { lease: lease(of), key: key(1, id), cycles, hold_ms };
    Command::Reserve(Reserve { ask, period: utc_day(ms), cap: cap(named.0, named.1) })
}

/// What may come next; times are minutes around a midnight.
fn alphabet(ms: i64) -> Vec<Command> {
    let mut all = vec![Command::Expire];
    for id in 1..=2 {
        all.push(reserve(1, id, 2, 60_000, ms, (3, 5)));
        all.push(Command::Post { lease: lease(1), key: key(1, id), cycles: 1 });
        all.push(Command::Void { lease: lease(1), key: key(1, id) });
    }
    all.push(reserve(1, 3, 2, 60_000, ms, (4, 6)));
    all.push(reserve(1, 3, 1, 60_000, ms, (2, 4)));
    all.push(Command::Post { lease: lease(1), key: key(1, 3), cycles: 2 });
    all.push(Command::Commit { lease: lease(1), period: utc_day(NOON) });
    all.push(Command::Close { lease: lease(1), period: utc_day(ms) });
    all
}

fn search(desk: &Desk, model: &Model, ms: i64, depth: usize) -> u64 {
    if depth == 0 {
        return 1;
    }
    let mut seen = 0;
    for later in [0, 60_000] {
        let ms = ms + later;
        for command in alphabet(ms) {
            let (mut desk, mut model) = (desk.clone(), model.clone());
            step(&mut desk, &mut model, ms, &command);
            seen += search(&desk, &model, ms, depth - 1);
        }
    }
    seen
}

/// Every history of a few steps over a midnight, in which one lease of two or three cycles is asked for more.
#[test]
fn soak_every_short_history_says_what_the_model_says() {
    let depth = if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 5 } else { 3 };
    let minute_before_midnight = utc_day(NOON).until.as_millis() - 60_000;
    let seen = search(&Desk::default(), &Model::default(), minute_before_midnight, depth);
    let branches = 2 * alphabet(NOON).len() as u64;
    assert_eq!(seen, branches.pow(u32::try_from(depth).unwrap()));
}

fn command() -> impl Strategy<Value = (i64, u8, u8, u8, u64, u64, u64, u64)> {
    let later = prop_oneof![4 => Just(0_i64), 3 => 1..40_000_i64, 1 => 1..DAY];
    (later, 0..20_u8, 1..=2_u8, 1..=9_u8, 1..60_u64, 1..90_000_u64, 0..120_u64, 1..6_u64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 20_000 } else { 200 }))]
    #[test]
    fn soak_long_histories_say_what_the_model_says_and_replay(steps in proptest::collection::vec(command(), 1..80)) {
        let (mut desk, mut model, mut ms) = (Desk::default(), Model::default(), NOON);
        for (later, what, of, id, cycles, hold_ms, cycles_cap, size) in steps {
            // Within the time in which ended reservations are known.
            ms = (ms + later).min(NOON + 2 * DAY - 1);
            let command = match what {
                0..=9 => reserve(of, id, cycles, hold_ms, ms, (cycles_cap, size)),
                10..=13 => Command::Post { lease: lease(of), key: key(1, id), cycles: cycles / 2 },
                14 | 15 => Command::Void { lease: lease(of), key: key(1, id) },
                16 | 17 => Command::Expire,
                18 => Command::Close { lease: lease(of), period: utc_day(ms) },
                _ => Command::Commit { lease: lease(of), period: utc_day(ms - DAY * i64::from(id % 2)) },
            };
            step(&mut desk, &mut model, ms, &command);
        }
        prop_assert_eq!(desk.replayed(), desk.machine);
    }
}
