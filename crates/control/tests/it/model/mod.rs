//! A model test: whatever people, services and the clock do to every kind of change, a small model of
//! who approved what, kept by other code, finds no effect that must not have been.

mod book;
mod onward;
mod play;
mod row;

use crate::runner;
use control::EventName;
use play::{Op, PLACES, Play, VERBS};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Transitions of one history.
const LENGTH: usize = 400;

/// Places that a history is about, so that it gets far: several changes of kinds that meet.
const TOGETHER: [[usize; 3]; 14] = [
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
];

/// What is tried next does not depend on what was answered: numbers are taken modulo what there is,
/// so that a failing history can be made shorter.
struct Tries;

impl ReferenceStateMachine for Tries {
    type State = [usize; 3];
    type Transition = Op;

    fn init_state() -> BoxedStrategy<[usize; 3]> {
        prop::sample::select(&TOGETHER[..]).boxed()
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
            12 => (by.clone(), 0..VERBS.len(), 0..3u32, 0..30u8)
                .prop_map(|((place, who), verb, slot, wrong)| Op::Say { place, who, verb, slot, wrong }),
            3 => (by.clone(), who.clone(), 0..3u32)
                .prop_map(|((place, who), of, slot)| Op::Deputise { place, who, of, slot }),
            3 => (place.clone(), 0..80i64).prop_map(|(place, hours)| Op::Schedule { place, hours }),
            3 => by.clone().prop_map(|(place, who)| Op::TakeBack { place, who }),
            1 => by.prop_map(|(place, who)| Op::Attach { place, who }),
            1 => (at.clone(), 0..5usize, any::<bool>())
                .prop_map(|(place, service, lie)| Op::Observe { place, service, lie }),
            6 => (at.clone(), 0..10u8).prop_map(|(place, how)| Op::Step { place, how }),
            1 => at.clone().prop_map(|place| Op::Ended { place }),
            1 => at.prop_map(|place| Op::Start { place }),
            2 => people.prop_map(|(who, whom)| Op::Suspend { who, whom }),
            1 => (who, 0..16usize).prop_map(|(who, version)| Op::Recall { who, version }),
            2 => any::<usize>().prop_map(|which| Op::Again { which }),
            4 => Just(Op::Settle),
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
        TALLY.with_borrow_mut(|all| {
            play.tally.iter().for_each(|(event, count)| *all.entry(*event).or_default() += count);
        });
    }
}

thread_local! {
    /// How often each event came in the histories of this test.
    static TALLY: RefCell<BTreeMap<&'static str, u32>> = const { RefCell::new(BTreeMap::new()) };
}

fn histories(cases: u32) -> BTreeMap<&'static str, u32> {
    TALLY.take();
    runner::run(cases, Tries::sequential_strategy(LENGTH), |(together, ops, seen)| {
        Tries::test_sequential(proptest::test_runner::Config::default(), together, ops, seen);
    });
    TALLY.take()
}

/// 20,000 transitions.
#[test]
fn no_history_has_an_effect_that_nobody_countersigned() {
    println!("{:?}", histories(50));
}

/// A million transitions. They are worth something only when everything happens in them.
#[test]
fn soak_model() {
    let tally = histories(if runner::soaking() { 2_500 } else { 3 });
    println!("{tally:?}");
    let never: Vec<_> = EventName::ALL.iter().filter(|event| !tally.contains_key(event.word())).collect();
    assert!(!runner::soaking() || never.is_empty(), "in no history: {never:?}");
}

#[test]
fn writing_down_what_time_has_brought_changes_no_answer() {
    runner::run(10, Tries::sequential_strategy(LENGTH), |(_, ops, _)| play::same_answers(&ops));
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
        let late = play.tally.contains_key("read_late");
        assert_eq!(late, places.contains(&9), "{:?}", play.answers);
    }
}
