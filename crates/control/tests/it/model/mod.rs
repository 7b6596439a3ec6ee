//! A model test: whatever people, services and the clock do to every kind of change, a small model of
//! who approved what, kept by other code, finds no effect that must not have been.

mod book;
mod invariants;
mod onward;
mod play;
mod resources;
mod row;
mod serve;
mod tally;
mod wrong;

pub use play::Play;

use crate::runner;
use play::{MACHINE, Op, PLACES, VERBS};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tally::{Counts, wanted};

/// Transitions of one history.
const LENGTH: usize = 400;
/// How often each thing must come in the histories that are always the same.
const LEAST: u32 = 1;
/// Where the histories begin that are always the same.
const SEED: u64 = 6;

/// The places it is about, what is tried in it, and what proptest keeps beside them.
type History = ([usize; 3], Vec<Op>, Option<Arc<AtomicUsize>>);

/// Places that a history is about, so that it gets far: several changes of kinds that meet.
const TOGETHER: [[usize; 3]; 22] = [
    [1, 1, 1],
    [3, 3, 3],
    [3, 2, 5],
    [4, 4, 6],
    [0, 1, 5],
    [0, 2, 3],
    [0, 4, 8],
    [5, 10, 6],
    [7, 2, 6],
    [8, 9, 11],
    [8, 9, 12],
    [0, 8, 5],
    [0, 1, 6],
    [4, 5, 7],
    [0, 1, 8],
    [9, 9, 9],
    [9, 12, 9],
    [1, 3, 1],
    // Leases, overrides and rehearsals, after the places that are named.
    [13, 14, 13],
    [13, 14, 0],
    [13, 0, 1],
    [15, 8, 13],
];

/// What is tried next does not depend on what was answered: numbers are taken modulo what there is,
/// so that a failing history can be made shorter.
struct Tries;

impl ReferenceStateMachine for Tries {
    type State = [usize; 3];
    type Transition = Op;

    fn init_state() -> BoxedStrategy<[usize; 3]> {
        prop::sample::select(beginnings()).boxed()
    }

    fn transitions(together: &[usize; 3]) -> BoxedStrategy<Op> {
        let place = prop_oneof![30 => prop::sample::select(together.to_vec()), 1 => 0..PLACES.len()].boxed();
        let who = 0..6usize;
        let people = (who.clone(), who.clone());
        let (at, by) = (place.clone(), (place.clone(), who.clone()));
        prop_oneof![
            80 => (place.clone(), any::<u8>()).prop_map(|(place, pick)| Op::Onward { place, pick }),
            2 => (by.clone(), any::<u8>(), any::<bool>())
                .prop_map(|((place, who), pick, supersede)| Op::Open { place, who, pick, supersede }),
            12 => (by.clone(), 0..VERBS.len(), 0..3u32, 0..20u8)
                .prop_map(|((place, who), verb, slot, wrong)| Op::Say { place, who, verb, slot, wrong }),
            3 => (by.clone(), who.clone(), 0..3u32)
                .prop_map(|((place, who), of, slot)| Op::Deputise { place, who, of, slot }),
            3 => (place.clone(), 0..80i64).prop_map(|(place, hours)| Op::Schedule { place, hours }),
            6 => by.clone().prop_map(|(place, who)| Op::TakeBack { place, who }),
            1 => by.prop_map(|(place, who)| Op::Attach { place, who }),
            1 => (at.clone(), 0..5usize, any::<bool>())
                .prop_map(|(place, service, lie)| Op::Observe { place, service, lie }),
            10 => (at.clone(), 0..10u8).prop_map(|(place, how)| Op::Step { place, how }),
            1 => at.clone().prop_map(|place| Op::Ended { place }),
            1 => (at.clone(), prop_oneof![0..6usize, Just(MACHINE)]).prop_map(|(place, who)| Op::Use { place, who }),
            1 => at.prop_map(|place| Op::Start { place }),
            2 => people.prop_map(|(who, whom)| Op::Suspend { who, whom }),
            1 => (who, 0..16usize).prop_map(|(who, version)| Op::Recall { who, version }),
            2 => any::<usize>().prop_map(|which| Op::Again { which }),
            4 => (0..6u8).prop_map(|how| Op::Clock { how }),
            1 => (place.clone(), 0..5u8).prop_map(|(place, how)| Op::Health { place, how }),
            1 => (0..5usize, 0..2u8).prop_map(|(who, token)| Op::Login { who, token }),
            1 => (0..6usize, 0..6u8).prop_map(|(who, how)| Op::Publish { who, how }),
            2 => (place.clone(), 0..12i64, 0..6u64).prop_map(|(place, hours, size)| Op::Used { place, hours, size }),
            1 => any::<bool>().prop_map(|keep| Op::Crash { keep }),
            3 => (0..7usize).prop_map(|how| Op::Jump { how }),
        ]
        .boxed()
    }

    fn apply(together: [usize; 3], _: &Op) -> [usize; 3] {
        together
    }
}

impl StateMachineTest for Tries {
    type SystemUnderTest = Play;
    type Reference = Self;

    fn init_test(_: &[usize; 3]) -> Play {
        Play::new()
    }

    fn apply(mut play: Play, _: &[usize; 3], op: Op) -> Play {
        play.play(&op);
        play.invariants();
        play
    }

    fn teardown(play: Play, _: [usize; 3]) {
        assert_eq!(play.world.refold(), play.world.state, "two replays are identical");
        TALLY.with_borrow_mut(|all| {
            play.tally.counts.iter().for_each(|(what, count)| *all.entry(what.clone()).or_default() += count);
        });
    }
}

thread_local! {
    /// How often each thing came in the histories of this test.
    static TALLY: RefCell<Counts> = const { RefCell::new(Counts::new()) };
}

fn tried((together, ops, seen): History) {
    Tries::test_sequential(proptest::test_runner::Config::default(), together, ops, seen);
}

fn histories(seed: u64, cases: u32) -> Counts {
    TALLY.take();
    runner::run_from(seed, cases, strategy(), tried);
    TALLY.take()
}

/// One history about each of the places that go together, always the same.
fn same_histories() -> Counts {
    TALLY.take();
    for (seed, together) in (SEED..).zip(beginnings()) {
        let ops = proptest::collection::vec(Tries::transitions(&together), LENGTH);
        runner::run_from(seed, 1, (Just(together), ops, Just(None)), tried);
    }
    TALLY.take()
}

/// Places that a history may be about.
fn beginnings() -> Vec<[usize; 3]> {
    // A kind that is in no place of its own stands beside deployments.
    let others = play::other_places().map(|place| [0, place, place]);
    TOGETHER.into_iter().chain(others).collect()
}

/// Where a history begins, and what is tried in it.
pub fn strategy() -> impl Strategy<Value = History> {
    Tries::sequential_strategy(LENGTH)
}

/// The same, four times as long.
pub fn long_strategy() -> impl Strategy<Value = History> {
    Tries::sequential_strategy(4 * LENGTH)
}

/// The ledger that comes of a history.
pub fn played((_, ops, seen): &History) -> Play {
    let mut play = Play::new();
    for op in ops {
        // So that a failing one is made shorter.
        if let Some(seen) = seen {
            seen.fetch_add(1, Ordering::SeqCst);
        }
        play.play(op);
    }
    play
}

/// Prints how often each thing came, and fails when something came more rarely than `least` times.
fn reached(counts: &Counts, least: u32) {
    for (what, count) in counts {
        println!("{count:>8} {what}");
    }
    let of = |what: &String| counts.get(what).copied().unwrap_or_default();
    let rare: Vec<_> = wanted().into_iter().filter(|what| of(what) < least).collect();
    let rare: Vec<_> = rare.iter().map(|what| format!("{what}: {}", of(what))).collect();
    assert!(rare.is_empty(), "came less than {least} times:\n{}", rare.join("\n"));
}

/// About 10,000 transitions.
#[test]
fn no_history_has_an_effect_that_nobody_countersigned() {
    histories(runner::seed(), 25);
}

/// As many that are always the same. They are worth something only when everything happens in them, and whether it does
/// must not hang on the seed of a run.
#[test]
fn everything_happens_in_the_histories_that_are_always_the_same() {
    reached(&same_histories(), LEAST);
}

/// A million transitions.
#[test]
fn soak_model() {
    let counts = histories(runner::seed(), if runner::soaking() { 2_500 } else { 3 });
    reached(&counts, if runner::soaking() { 50 * LEAST } else { 0 });
}

#[test]
fn writing_down_what_time_has_brought_changes_no_answer() {
    runner::run(10, strategy(), |(_, ops, _)| play::same_answers(&ops));
}

/// The histories are worth something only when every kind gets to its effect in them, a rollback that
/// nobody had looked at before among them.
#[test]
fn every_kind_takes_effect_when_nothing_is_in_the_way() {
    for places in [&[0, 0, 1, 2, 3, 4, 5, 6, 7][..], &[8, 8, 9]] {
        let mut play = Play::new();
        for (place, pick) in places.iter().copied().zip((1..).step_by(2)) {
            let before = play.places[place];
            let effective = |play: &Play| play.places[place].is_some_and(|id| play.book.rows[&id].effective);
            for tries in 0.. {
                assert!(tries < 60, "{}: {:?}", PLACES[place], play.answers);
                play.onward(place, pick);
                play.invariants();
                if effective(&play) && play.places[place] != before {
                    break;
                }
            }
        }
        (0..4).for_each(|_| play.onward(9, 1));
        let late = play.tally.counts.contains_key("event read_late");
        assert_eq!(late, places.contains(&9), "{:?}", play.answers);
    }
}
