//! `decide` answers whatever it is asked.

use crate::runner;
use crate::tamper::recorded;
use control::{Command, Leaf, apply, check_authority, decide};
use model::Instant;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;

/// The places of a JSON value, depth first.
fn places(value: &Value, at: String, all: &mut Vec<String>) {
    all.push(at.clone());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| places(item, format!("{at}/{i}"), all));
        }
        Value::Object(fields) => fields.iter().for_each(|(key, field)| places(field, format!("{at}/{key}"), all)),
        _ => {}
    }
}

fn all_places(value: &Value) -> Vec<String> {
    let mut all = vec![];
    places(value, String::new(), &mut all);
    all
}

fn stuff() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0..12u64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(1.5)),
        "[0-9a-f]{32}".prop_map(Value::from),
        "[0-9a-f]{64}".prop_map(Value::from),
        "[ -~é]{0,20}".prop_map(Value::from),
        Just(json!("9999-12-31T23:59:59.999Z")),
        Just(json!("1970-01-01T00:00:00.000Z")),
        Just(json!({})),
        Just(json!([])),
        Just(json!({"settle": {}})),
        Just(json!({"refusals": {"first": u64::MAX, "count": u32::MAX}})),
        Just(json!({"events_head": {"size": u64::MAX, "root": "00".repeat(32)}})),
    ]
}

/// A change to a JSON value: what is at a place becomes something, or what is at another place.
type Cut = (prop::sample::Index, prop::sample::Index, Option<Value>);

#[test]
fn commands_with_parts_exchanged_are_decided_without_panic() {
    let world = recorded();
    let mut states = vec![(control::State::empty(), tlog::Tree::new())];
    let mut replayer = control::Replayer::new(&world.trust, world.shelf.clone());
    for (i, bytes) in world.leaves.iter().enumerate() {
        replayer.push(bytes).unwrap();
        if i % 9 == 0 || i + 1 == world.leaves.len() {
            states.push((replayer.state().clone(), replayer.tree().clone()));
        }
    }
    let decode = |bytes: &Vec<u8>| serde_json::to_value(Leaf::decode(bytes).unwrap().command).unwrap();
    let commands: Vec<Value> = world.leaves.iter().map(decode).collect();
    let (parsed, decided) = (Cell::new(0), Cell::new(0));
    let cut = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), prop::option::of(stuff()));
    let strategy = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        prop::collection::vec(cut, 0..4),
        any::<prop::sample::Index>(),
        prop_oneof![Just(0i64), Just(i64::MAX), 0..2_000_000_000_000i64],
    );
    runner::check(600, strategy, |(base, other, cuts, state, now)| {
        let (mut value, other) = (base.get(&commands).clone(), other.get(&commands));
        for cut in &cuts {
            exchange(&mut value, other, cut);
        }
        let Ok(command) = serde_json::from_value::<Command>(value) else { return };
        parsed.set(parsed.get() + 1);
        let (state, tree) = state.get(&states);
        let now = Instant::from_millis(now).max(state.last);
        let _ = check_authority(state, &|size| tree.root_at(size), &command);
        if let Ok(answer) = decide(state, &world.shelf, now, &command) {
            decided.set(decided.get() + 1);
            let leaf = answer.into_leaf(now, command);
            let mut after = state.clone();
            apply(&mut after, &world.shelf, state.size, &leaf);
            assert_eq!(after.size, state.size + 1);
            if let Ok(bytes) = leaf.encode() {
                assert_eq!(Leaf::decode(&bytes).unwrap(), leaf);
            }
        }
    });
    assert!(parsed.get() > 60 && decided.get() > 10, "{} parsed, {} decided", parsed.get(), decided.get());
}

fn exchange(value: &mut Value, other: &Value, (to, from, stuff): &Cut) {
    let to = to.get(&all_places(value)).clone();
    // From the same place of another command if it has that: then the types fit.
    let elsewhere = from.get(&all_places(other)).clone();
    let fitting = other.pointer(&to).or_else(|| other.pointer(&elsewhere));
    let new = stuff.clone().or(fitting.cloned());
    if let (Some(place), Some(new)) = (value.pointer_mut(&to), new) {
        *place = new;
    }
}

#[test]
fn bytes_that_are_no_leaf_are_refused_without_panic() {
    runner::check(300, prop::collection::vec(any::<u8>(), 0..200), |mut bytes| {
        let _ = Leaf::decode(&bytes);
        bytes.splice(0..0, control::LEAF_PREFIX.iter().copied());
        assert!(Leaf::decode(&bytes).is_err());
    });
}
