//! A state that was stored and read again is the same state.

use crate::model::{played, strategy};
use crate::tamper::recorded;
use crate::world::World;
use control::{Replayer, State};
use proptest::prelude::*;
use tlog::{Tree, leaf_hash};

fn replayed(world: &World, size: usize) -> Replayer<crate::world::Shelf> {
    let mut replayer = Replayer::new(&world.trust, world.shelf.clone());
    for leaf in &world.leaves[..size] {
        replayer.push(leaf).unwrap();
    }
    replayer
}

/// Stores the state at a size, takes it over from the bytes and replays what comes after.
fn through_bytes(world: &World, size: usize) -> State {
    let before = replayed(world, size);
    let bytes = serde_json::to_vec(before.state()).unwrap();
    let read: State = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(&read, before.state());
    assert_eq!(serde_json::to_vec(&read).unwrap(), bytes, "equal states have equal bytes");
    let mut tree = Tree::new();
    world.leaves[..size].iter().for_each(|leaf| tree.push(leaf_hash(leaf)));
    let mut resumed = Replayer::resume(&world.trust, world.shelf.clone(), read, tree).unwrap();
    for leaf in &world.leaves[size..] {
        resumed.push(leaf).unwrap();
    }
    resumed.state().clone()
}

#[test]
fn at_each_size_of_a_recorded_ledger() {
    let world = recorded();
    for size in 1..=world.leaves.len() {
        assert_eq!(through_bytes(&world, size), world.state, "stored at {size}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_stored_state_and_the_leaves_after_it_give_what_all_leaves_give(
        history in strategy(), at in any::<prop::sample::Index>(),
    ) {
        let world = played(&history).world;
        let size = 1 + at.index(world.leaves.len());
        prop_assert_eq!(through_bytes(&world, size), replayed(&world, world.leaves.len()).state().clone());
    }
}

#[test]
fn a_state_of_another_ledger_or_of_other_leaves_is_not_gone_on_from() {
    let world = recorded();
    let state = replayed(&world, 5).state().clone();
    let tree = |size: usize| {
        let mut tree = Tree::new();
        world.leaves[..size].iter().for_each(|leaf| tree.push(leaf_hash(leaf)));
        tree
    };
    let resumed =
        |trust, state: &State, size| Replayer::resume(trust, world.shelf.clone(), state.clone(), tree(size)).is_some();
    let other = signed::Trust { genesis: model::Digest::ZERO, ..world.trust.clone() };
    assert!(resumed(&world.trust, &state, 5));
    assert!(!resumed(&other, &state, 5));
    assert!(!resumed(&world.trust, &state, 4) && !resumed(&world.trust, &state, 6));
    assert!(!resumed(&world.trust, &State::empty(), 0), "nothing is founded in it");
}

#[test]
fn copies_of_a_state_share_what_has_ended() {
    let world = recorded();
    let copy = world.state.clone();
    assert!(world.state.closed.len() > 1);
    let shared = world.state.closed.iter().zip(copy.closed.iter());
    assert!(shared.into_iter().all(|((_, a), (_, b))| std::ptr::eq(a, b)), "nothing is copied but what changes");
}
