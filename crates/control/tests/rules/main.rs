//! A ledger in use crosses from one rules number to the next, and a leaf of another number than the
//! one in force is no leaf of it. Only builds for tests know a second number: `cargo xtask test` makes one of
//! them for these tests (`--features control/rules-1`).
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[allow(dead_code, unused_imports, reason = "what these tests have no use for")]
#[path = "../it/world/mod.rs"]
mod world;

use crate::world::{OPAL, SAUL, Shelf, World, accepted, refused};
use control::{
    Broken, Command, GOVERNING, Guards, LEAF_PREFIX, Leaf, PastWords, Replayer, Setting, Verdict, decide_under,
};
use model::{ChangeId, Digest, KindName};
use signed::{Act, Trust};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Held without a word under the rules 0, and refused for that under 1.
fn crossing() -> (World, ChangeId) {
    let mut world = World::new();
    let artifact = world.publish("a", 64);
    let id = world.sealed(KindName::Deployment, artifact);
    accepted(world.verb(SAUL, "hold", id));
    accepted(world.verb(OPAL, "release", id));
    world.change_setting(&Setting::Rules { number: 1 });
    refused(world.verb(SAUL, "hold", id), "change.reason_missing");
    (world, id)
}

fn rules(leaf: &[u8]) -> u32 {
    Leaf::decode(leaf).unwrap().rules
}

#[test]
fn a_leaf_is_decided_by_the_number_in_force_before_it_and_the_number_only_rises() {
    let (mut world, id) = crossing();
    let crossed = world.leaves.len() - 2;
    assert_eq!(rules(&world.leaves[crossed]), 0, "the leaf that changes the number is decided under the old one");
    assert_eq!(rules(&world.leaves[crossed + 1]), 1);
    let body = world.setting_body(&Setting::Rules { number: 0 });
    let package = world.package_of(ChangeId([3; 16]), body);
    refused(world.open(OPAL, &package), "settings.rules_must_rise");
    let hold = world.said(SAUL, Act::Hold { change: id, revision: 1 });
    let without = Guards::without("hold_says_why");
    let decided = decide_under(&without, &world.state, &world.shelf, world.now, &hold).unwrap();
    assert_eq!(decided.verdict, Verdict::Accepted, "one guard differs");
    assert_eq!(world.refold(), world.state);
}

#[test]
fn a_leaf_of_an_older_or_a_newer_number_fails_where_it_stands() {
    let (world, _) = crossing();
    let mut replayer = Replayer::new(&world.trust, world.shelf.clone());
    for (index, bytes) in (0..).zip(&world.leaves) {
        let mut other = Leaf::decode(bytes).unwrap();
        other.rules = 1 - other.rules;
        let answer = replayer.push(&other.encode().unwrap());
        assert!(matches!(answer, Err(Broken::Failed { index: at, .. }) if at == index), "{index}: {answer:?}");
        replayer.push(bytes).unwrap();
    }
}

#[test]
fn the_newest_words_are_decided_again_under_another_number() {
    let (world, id) = crossing();
    let mut replayer = Replayer::new(&world.trust, world.shelf.clone());
    let mut words = PastWords::default();
    for (index, bytes) in (0..).zip(&world.leaves) {
        let leaf = replayer.push(bytes).unwrap();
        words.note(index, &leaf, replayer.state());
    }
    assert_eq!(words.under(2), None, "this build does not know them");
    let differ = |number| {
        let again = words.under(number).unwrap();
        assert!(again.len() > 5, "{again:?}");
        again.into_iter().filter(|word| word.now.as_ref() != Ok(&word.then)).collect::<Vec<_>>()
    };
    let [held] = &differ(1)[..] else { panic!("{:?}", differ(1)) };
    assert_eq!((held.change, held.verb, &held.then), (id, signed::Verb::Hold, &Verdict::Accepted));
    let Ok(Verdict::Refused(refusal)) = &held.now else { panic!("{held:?}") };
    assert_eq!(refusal.code(), "change.reason_missing");
    let [let_go] = &differ(0)[..] else { panic!("{:?}", differ(0)) };
    assert_eq!((let_go.verb, &let_go.now), (signed::Verb::Hold, &Ok(Verdict::Accepted)));
}

/// The recorded ledger, one line a blob and one a leaf.
fn record(world: &World) -> String {
    let mut text = String::new();
    for (digest, bytes) in world.shelf.0.borrow().iter() {
        writeln!(text, "blob {digest} {}", String::from_utf8(bytes.clone()).unwrap()).unwrap();
    }
    for bytes in &world.leaves {
        let json = bytes.strip_prefix(LEAF_PREFIX).unwrap().to_vec();
        writeln!(text, "leaf {}", String::from_utf8(json).unwrap()).unwrap();
    }
    writeln!(text, "root {}", world.tree.root()).unwrap();
    text
}

/// What was recorded once is decided the same by every later build, however these tests come to write.
#[test]
fn the_recorded_ledger_that_crosses_from_0_to_1_replays() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/rules_0_to_1.ledger");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, record(&crossing().0)).unwrap();
    }
    let recorded = fs::read_to_string(&path).unwrap();
    let shelf = Shelf::default();
    let (mut leaves, mut root) = (vec![], None);
    for line in recorded.lines() {
        match line.split_once(' ').unwrap() {
            ("blob", rest) => {
                let (digest, json) = rest.split_once(' ').unwrap();
                let digest: Digest = digest.parse().unwrap();
                assert!(GOVERNING.iter().any(|object| Digest::of_object(object, json.as_bytes()) == digest));
                shelf.0.borrow_mut().insert(digest, json.as_bytes().to_vec());
            }
            ("leaf", json) => leaves.push([LEAF_PREFIX, json.as_bytes()].concat()),
            (_, digest) => root = Some(digest.parse::<Digest>().unwrap()),
        }
    }
    let Command::Genesis { genesis, .. } = Leaf::decode(&leaves[0]).unwrap().command else { panic!() };
    let (origin, log_keys) = (genesis.origin.clone(), genesis.roster.log_keys.clone());
    let trust = Trust { origin, log_keys, genesis: genesis.digest().unwrap() };
    assert_eq!(World::judge(&trust, &shelf, &leaves).ok(), root);
    assert_eq!((rules(&leaves[0]), rules(leaves.last().unwrap())), (0, 1));
}
