//! A ledger that was tampered with is found out, at the leaf where it was done.

use crate::world::{End, FAYE, GO, No, OPAL, SAUL, Shelf, World, accepted, refused};
use control::{Broken, ClockAct, Command, Effect, Leaf, Refusal, Replayer, Unauthentic, Verdict};
use model::{Digest, KindName, Status};
use signed::{Receipt, ServiceKey, SignedError};

/// A ledger with leaves of every kind of command, accepted and refused.
pub fn recorded() -> World {
    let mut world = World::new();
    accepted(world.login(OPAL, Digest::of_bytes(b"token"), 3_600_000));
    let (a, b) = (world.publish("a", 64), world.publish("b", 64));
    world.deploy(a);
    let failed = world.running(KindName::Deployment, b);
    world.carry_out(
        failed,
        |word, undo| if word == "start" && !undo { End::Refused("probe_failed") } else { End::Done },
    );
    assert_eq!(world.status(failed), Status::Failed);
    let forgotten = world.sealed(KindName::Deployment, b);
    refused(world.approve(FAYE, forgotten, GO), "role.missing");
    let first = world.state.size - 1;
    accepted(world.clock(ClockAct::Refusals { first, count: 3 }));
    accepted(world.clock(ClockAct::EventsHead { size: 5, root: Digest::of_bytes(b"head") }));
    world.advance(100 * 3_600_000);
    accepted(world.clock(ClockAct::Settle {}));
    assert!(world.verb(SAUL, "hold", forgotten).is_err(), "what has expired takes no word any more");
    world
}

fn failed_at(result: Result<Leaf, Broken>, wanted: u64, what: &str) {
    match result {
        Err(Broken::Failed { index, .. }) => assert_eq!(index, wanted, "{what}"),
        other => panic!("{what} at {wanted}: {other:?}"),
    }
}

/// Other contents of one leaf, each with a name.
fn altered(leaf: &Leaf) -> Vec<(&'static str, Leaf)> {
    let with = |alter: &dyn Fn(&mut Leaf)| {
        let mut leaf = leaf.clone();
        alter(&mut leaf);
        leaf
    };
    let mut all = vec![
        (
            "another verdict",
            with(&|leaf| {
                leaf.verdict = match leaf.verdict {
                    Verdict::Accepted => Verdict::Refused(Refusal::Taken {}),
                    Verdict::Refused(_) => Verdict::Accepted,
                };
            }),
        ),
        ("an effect more", with(&|leaf| leaf.effects.push(Effect::EventsHead { size: 9, root: Digest::ZERO }))),
        ("other tags", with(&|leaf| leaf.tags.push(model::TenantId([0xff; 16])))),
        ("an earlier time", with(&|leaf| leaf.now = model::Instant::EPOCH)),
    ];
    if !leaf.effects.is_empty() {
        all.push(("an effect less", with(&|leaf| drop(leaf.effects.pop()))));
    }
    if let Verdict::Refused(_) = leaf.verdict {
        all.push(("another refusal", with(&|leaf| leaf.verdict = Verdict::Refused(Refusal::Taken {}))));
    }
    // Leaf 0 may be of any time but its own signed one; every later one may not go back.
    all.retain(|(what, _)| *what != "an earlier time" || !matches!(leaf.command, Command::Genesis { .. }));
    all
}

#[test]
fn an_altered_leaf_fails_where_it_stands() {
    let world = recorded();
    let mut replayer = Replayer::new(&world.trust, world.shelf.clone());
    for (index, bytes) in (0..).zip(&world.leaves) {
        let leaf = Leaf::decode(bytes).unwrap();
        for (what, other) in altered(&leaf) {
            failed_at(replayer.push(&other.encode().unwrap()), index, what);
        }
        let mut spelled = bytes.clone();
        spelled.insert(control::LEAF_PREFIX.len() + 1, b' ');
        failed_at(replayer.push(&spelled), index, "another spelling");
        failed_at(replayer.push(&bytes[1..]), index, "no prefix");
        assert_eq!(replayer.tree().size(), index, "what fails is not folded");
        replayer.push(bytes).unwrap();
    }
    assert_eq!(replayer.state(), &world.state);
}

/// Dropped, swapped or doubled leaves: at the very place where the order itself is impossible, else
/// at the next statement whose signer saw the tree as it was, else by the tree's root.
#[test]
fn a_dropped_swapped_or_doubled_leaf_is_found() {
    let world = recorded();
    let mut prefix = Replayer::new(&world.trust, world.shelf.clone());
    let mut at_once = 0;
    for (i, bytes) in world.leaves.iter().enumerate() {
        let after = &world.leaves[i + 1..];
        let witness =
            after.iter().position(|bytes| matches!(Leaf::decode(bytes).unwrap().command, Command::Signed { .. }));
        let mut orders = vec![("doubled", i + 1, [&[bytes.clone(), bytes.clone()], after].concat())];
        if let Some((next, rest)) = after.split_first() {
            orders.push(("dropped", i, after.to_vec()));
            orders.push(("swapped", i, [&[next.clone(), bytes.clone()], rest].concat()));
        }
        for (what, first, order) in orders {
            let mut replayer = prefix.clone();
            let broken = order.iter().find_map(|bytes| replayer.push(bytes).err());
            match broken {
                Some(Broken::Failed { index, .. }) => {
                    let index = usize::try_from(index).unwrap();
                    let latest = witness.map_or(world.leaves.len() + 1, |later| i + 1 + later + 1);
                    assert!((first..=latest).contains(&index), "{what} {i}: found at {index}, latest {latest}");
                    at_once += usize::from(index == first);
                }
                Some(other) => panic!("{what} {i}: {other:?}"),
                None => {
                    assert_ne!(replayer.tree().root(), world.tree.root(), "{what} {i}");
                    assert_eq!(witness, None, "{what} {i}: a later signer saw another tree");
                }
            }
        }
        prefix.push(bytes).unwrap();
    }
    assert!(at_once * 10 > world.leaves.len() * 3 * 8, "{at_once} of {} at once", world.leaves.len() * 3);
}

#[test]
fn another_genesis_fails_at_0() {
    let (world, other) = (recorded(), World::with_dora());
    let judged = World::judge(&world.trust, &other.shelf, &other.leaves);
    assert!(matches!(judged, Err(Broken::Failed { index: 0, .. })), "{judged:?}");
    let headless = World::judge(&world.trust, &world.shelf, &world.leaves[1..]);
    assert!(matches!(headless, Err(Broken::Failed { index: 0, .. })), "{headless:?}");
}

#[test]
fn a_missing_or_changed_blob_is_inconclusive_and_no_failure() {
    let world = recorded();
    let blobs = world.shelf.0.borrow().clone();
    for digest in blobs.keys() {
        let named = |bytes: &Vec<u8>| {
            let command = Leaf::decode(bytes).unwrap().command;
            let named = control::references(&command);
            let nested = named.iter().flat_map(|(_, package)| control::package_references(&world.shelf, package));
            named.iter().copied().chain(nested).any(|(_, named)| named == *digest)
        };
        let first = world.leaves.iter().position(named).unwrap() as u64;
        for spoil in [true, false] {
            let shelf = Shelf::default();
            shelf.0.borrow_mut().clone_from(&blobs);
            if spoil {
                shelf.0.borrow_mut().get_mut(digest).unwrap().push(b' ');
            } else {
                shelf.0.borrow_mut().remove(digest);
            }
            let judged = World::judge(&world.trust, &shelf, &world.leaves);
            assert!(matches!(judged, Err(Broken::Inconclusive { index, .. }) if index == first), "{judged:?}");
        }
    }
}

#[test]
fn leaves_of_newer_rules_are_inconclusive() {
    let world = recorded();
    for index in [0, 5] {
        let mut leaves = world.leaves.clone();
        let mut leaf = Leaf::decode(&leaves[index]).unwrap();
        leaf.rules = control::RULES_MAX + 1;
        leaves[index] = leaf.encode().unwrap();
        let judged = World::judge(&world.trust, &world.shelf, &leaves);
        assert!(matches!(judged, Err(Broken::Inconclusive { index: at, .. }) if at == index as u64), "{judged:?}");
    }
}

#[test]
fn what_somebody_else_signed_or_signed_on_a_fork_is_not_authentic() {
    let mut world = recorded();
    let change = *world.state.closed.keys().next().unwrap();
    let act = signed::Act::Hold { change, revision: 1 };
    let forged = world.statement(SAUL, act.clone());
    let forged = world.sign(OPAL, forged);
    assert!(matches!(world.submit(forged), Err(crate::world::No::Authority(_))));
    let mut forked = world.statement(SAUL, act.clone());
    forked.seen.root = Digest::of_bytes(b"fork");
    let size = forked.seen.size;
    let forked = world.sign(SAUL, forked);
    assert_eq!(world.submit(forked), Err(crate::world::No::Authority(control::Unauthentic::Fork(size))));
    let mut elsewhere = world.statement(SAUL, act);
    elsewhere.ledger = Digest::ZERO;
    let elsewhere = world.sign(SAUL, elsewhere);
    assert!(matches!(world.submit(elsewhere), Err(crate::world::No::Authority(control::Unauthentic::OtherLedger(_)))));
}

/// A receipt names the newest tree that its service has verified: on a fork it vouches for nothing, neither
/// where it is handed in nor where a ledger that holds it is replayed.
#[test]
fn what_a_service_vouches_for_on_a_fork_or_with_another_s_key_is_not_authentic() {
    let mut world = recorded();
    let found = (0..).zip(&world.leaves).find_map(|(index, bytes)| {
        let leaf = Leaf::decode(bytes).unwrap();
        match leaf.command.clone() {
            Command::Receipt { receipt, .. } => Some((index, leaf, receipt)),
            _ => None,
        }
    });
    let (index, leaf, receipt) = found.unwrap();
    let forked = |receipt: &Receipt| {
        let mut forked = receipt.clone();
        forked.seen.root = Digest::of_bytes(b"fork");
        forked
    };
    let fresh = world.receipt_of(receipt.service, receipt.report.clone());
    let elsewhere = Receipt { ledger: Digest::ZERO, ..fresh.clone() };
    let stranger = ServiceKey::from_secret(&[99; 32]).sign(&fresh).unwrap();
    let of_nobody = Command::Receipt { receipt: fresh.clone(), signature: stranger };
    let size = fresh.seen.size;
    for (command, why) in [
        (world.vouch(receipt.service, forked(&fresh)), Unauthentic::Fork(size)),
        (world.vouch(receipt.service, elsewhere), Unauthentic::OtherLedger(Digest::ZERO)),
        (of_nobody, Unauthentic::Signature(SignedError::Mismatch)),
    ] {
        assert_eq!(world.submit(command), Err(No::Authority(why)));
    }
    let command = world.vouch(receipt.service, forked(&receipt));
    let mut leaves = world.leaves[..=index].to_vec();
    leaves[index] = Leaf { command, ..leaf }.encode().unwrap();
    let judged = World::judge(&world.trust, &world.shelf, &leaves);
    assert!(matches!(judged, Err(Broken::Failed { index: at, .. }) if at == index as u64), "{judged:?}");
}
